#include "app/server.hpp"

#include <malloc.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/livekit/routes.hpp"
#include "api/livekit/webhooks.hpp"
#include "api/v1/description.hpp"
#include "api/v1/meet_tokens.hpp"
#include "api/v1/statistics.hpp"
#include "api/whip/door.hpp"
#include "app/banner.hpp"
#include "app/demo.hpp"
#include "app/guest_tokens.hpp"
#include "app/handover.hpp"
#include "app/ice_servers.hpp"
#include "app/listening_sockets.hpp"
#include "app/node_identity.hpp"
#include "app/pages.hpp"
#include "app/part_options.hpp"
#include "app/relay_metrics.hpp"
#include "app/server_metrics.hpp"
#include "app/service_manager.hpp"
#include "app/successor.hpp"
#include "app/turn_over_tls.hpp"
#include "app/whip_tokens.hpp"
#include "app/worker_history.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "core/projects/project_service.hpp"
#include "core/rooms/recovery.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/store_journal.hpp"
#include "http/client.hpp"
#include "http/health.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "media/turn/credentials.hpp"
#include "media_io/media_io.hpp"
#include "media_io/offer_reader.hpp"
#include "storage/database.hpp"

namespace vis::app {
namespace {

namespace asio = boost::asio;
namespace rooms = core::rooms;

constexpr Duration kTick = 100ms;
constexpr unsigned kTicksPerUpdate = 10;  ///< Of what `/metrics` shows.
constexpr Duration kKeyRefresh = 5s;
constexpr Duration kStopGrace = 5s;
constexpr Duration kDrainLook = 200ms;
constexpr Duration kGoodbye = 1s;  ///< From the last room that was handed over to the end.

rooms::Now now() { return {.monotonic = monotonic_now(), .wall = wall_now()}; }

/// Every part of the server, in the order in which they are built; they end in the opposite order.
class ServerProcess final {
 public:
  ServerProcess(asio::io_context& context, const Config& config)
      : context_(context), config_(config), tasks_(context.get_executor()) {}

  Task<int> run();

 private:
  Task<Result<void>> start();
  Task<Result<void>> open_doors();
  Task<Result<void>> open_storage();
  Task<Result<void>> close_left_open(rooms::NodeId node);
  Result<void> start_media();
  void make_webhooks();
  Result<void> start_http();
  void describe_ice_servers();
  std::vector<api::livekit::IceServer> issue_ice_servers(std::string_view who) const;
  void add_routes(http::Router& router);
  void make_whip();
  Result<void> add_pages(http::Router& router);
  Task<> hand_over();
  Task<> wait_for_end();
  Task<bool> next_end_signal();
  Task<> drain();
  Task<> stop();

  Task<> tick();
  Task<> refresh_keys();
  Task<> reload_on_hangup();
  Task<> upgrade_on_signal();
  void on_media_events(std::vector<media_io::RoomEvent> events);

  asio::io_context& context_;
  const Config& config_;
  SystemRandom random_;
  Metrics metrics_;
  /// Of the credentials of this run: who comes back after a restart gets new ones.
  Secret turn_secret_ = media::turn::CredentialAuthority::make_secret(random_);
  std::optional<IceServers> ice_servers_;
  std::unique_ptr<Takeover> takeover_;
  std::optional<NodeIdentity> node_;
  std::unique_ptr<storage::Database> database_;
  std::optional<core::projects::ProjectService> projects_;
  std::optional<rooms::StoreJournal> journal_;
  std::unique_ptr<media_io::MediaIo> media_;
  std::unique_ptr<rooms::RoomService> rooms_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<api::livekit::Door> door_;
  media_io::SdpOfferReader offers_;
  std::optional<WhipTokens> whip_tokens_;
  std::unique_ptr<api::whip::Door> whip_;
  std::unique_ptr<api::livekit::Webhooks> webhooks_;
  std::optional<GuestTokens> guest_tokens_;
  std::unique_ptr<api::v1::MeetTokens> meet_;
  std::unique_ptr<api::v1::Statistics> statistics_;
  std::unique_ptr<http::StaticFiles> pages_;
  std::optional<TurnOverTls> turn_over_tls_;
  std::unique_ptr<http::Server> http_;
  std::optional<ServerMetrics> server_metrics_;
  std::optional<RelayMetrics> relay_metrics_;
  std::optional<WorkerHistory> worker_history_;
  asio::signal_set end_signals_{context_, SIGTERM, SIGINT};
  TaskGroup tasks_;
  bool ready_ = false;
  bool handed_over_ = false;
};

Task<int> ServerProcess::run() {
  auto started = co_await start();
  if (started) started = co_await open_doors();
  if (!started) {
    log::error("server.start_failed", {{"reason", started.error()}});
  } else {
    co_await wait_for_end();
    log::info("server.stopping");
  }
  co_await stop();
  log::info("server.stopped");
  co_return started ? 0 : 1;
}

Task<Result<void>> ServerProcess::start() {
  const std::filesystem::path data_dir = config_.server.data_dir;
  if (config_.take_over) {
    auto takeover = co_await Takeover::begin(context_.get_executor(), data_dir);
    // Who finds nobody to take over from is a server like any other.
    if (!takeover) log::info("handover.nobody", {{"reason", takeover.error()}});
    if (takeover) takeover_ = *std::move(takeover);
  }
  auto node = NodeIdentity::claim(
      data_dir, random_,
      takeover_ ? NodeIdentity::Beside::Predecessor : NodeIdentity::Beside::Nobody);
  if (!node) co_return std::unexpected(std::move(node.error()));
  node_.emplace(*std::move(node));
  if (auto opened = co_await open_storage(); !opened) co_return opened;
  if (auto media = start_media(); !media) co_return media;
  make_webhooks();
  // Those of a predecessor are at work as long as it is.
  if (!takeover_) co_await webhooks_->start();
  if (auto http = start_http(); !http) co_return http;
  tasks_.spawn("tick", tick());
  tasks_.spawn("refresh_keys", refresh_keys());
  tasks_.spawn("reload_on_hangup", reload_on_hangup());
  tasks_.spawn("upgrade_on_signal", upgrade_on_signal());
  co_return Result<void>{};
}

/// The last step of starting: clients come in from here on.
Task<Result<void>> ServerProcess::open_doors() {
  if (takeover_) {
    if (auto free = co_await takeover_->ready(); !free) co_return free;
  }
  http_->accept();
  ready_ = true;
  announce_ready(config_, http_->endpoints(), *media_);
  // This may be the child of the process that systemd knows.
  notify_service_manager("READY=1\nMAINPID=" + std::to_string(::getpid()));
  tasks_.spawn("handover", hand_over());
  co_return Result<void>{};
}

/// Ends what our predecessor has begun, then waits for a successor.
Task<> ServerProcess::hand_over() {
  if (takeover_) {
    if (const auto received = co_await takeover_->receive_rooms(rooms_.get(), now); !received) {
      log::warning("handover.broken", {{"reason", received.error()}});
    }
    takeover_.reset();
    co_await webhooks_->start();
  }
  HandoverDoor door(context_.get_executor(),
                    {.rooms = *rooms_,
                     .now = now,
                     .listening_descriptors = [this] { return http_->listening_descriptors(); },
                     .give_way =
                         [this] {
                           ready_ = false;
                           rooms_->drain();
                           http_->close_listeners();
                         }});
  if (const auto opened = door.open(config_.server.data_dir); !opened) {
    log::warning("handover.not_possible", {{"reason", opened.error()}});
    co_return;
  }
  co_await door.serve();
  // Requests that were on their way here are still answered.
  asio::steady_timer grace(context_, kGoodbye);
  co_await grace.async_wait(asio::use_awaitable);
  handed_over_ = true;
  end_signals_.cancel();
}

Task<Result<void>> ServerProcess::open_storage() {
  auto database = storage::Database::open(
      {.url = config_.database.url,
       .key_file = config_.server.key_file.empty() ? config_.server.data_dir / "key"
                                                   : config_.server.key_file},
      wall_now(), {.executor = context_.get_executor(), .random = random_, .metrics = metrics_});
  if (!database) co_return std::unexpected(std::move(database.error()));
  database_ = *std::move(database);
  projects_.emplace(core::projects::ProjectService::Ports{
      .projects = database_->projects(), .store = database_->store(), .random = random_});
  if (config_.dev) {
    if (auto made = co_await ensure_demo(&*projects_, wall_now()); !made) co_return made;
  }
  if (auto read = co_await projects_->refresh(); !read) co_return read;
  if (auto closed = co_await close_left_open(node_->id()); !closed) co_return closed;
  // A server that took over has another name than the one before it.
  const auto abandoned = NodeIdentity::claim_abandoned(config_.server.data_dir);
  for (const NodeIdentity& node : abandoned) {
    if (auto closed = co_await close_left_open(node.id()); !closed) co_return closed;
  }
  co_return Result<void>{};
}

Task<Result<void>> ServerProcess::close_left_open(rooms::NodeId node) {
  rooms::Recovery recovery(node, database_->rooms(), database_->store());
  const auto closed = co_await recovery.close_left_open(wall_now());
  if (!closed) co_return std::unexpected(closed.error());
  if (*closed != 0) log::warning("server.rooms_left_open_were_closed", {{"rooms", *closed}});
  co_return Result<void>{};
}

Result<void> ServerProcess::start_media() {
  const auto on_events = [this](std::vector<media_io::RoomEvent> e) {
    asio::post(context_,
               [this, events = std::move(e)]() mutable { on_media_events(std::move(events)); });
  };
  media_io::MediaOptions options = media_options(config_, turn_secret_);
  auto media = media_io::MediaIo::start(options, on_events);
  if (!media && takeover_ && options.port != 0) {
    // The predecessor needs its ports to the end: the next upgrade has them again.
    options.port = static_cast<std::uint16_t>(options.port + options.workers);
    if (options.tcp_port) {
      options.tcp_port = static_cast<std::uint16_t>(options.port + options.workers);
    }
    if (options.turn) ++options.turn->port;
    media = media_io::MediaIo::start(options, on_events);
  }
  if (!media) return std::unexpected(std::move(media.error()));
  media_ = *std::move(media);
  journal_.emplace(database_->store(), node_->id());
  rooms_ = std::make_unique<rooms::RoomService>(
      room_defaults(config_),
      rooms::RoomService::Ports{.media = *media_, .journal = *journal_, .random = random_});
  server_metrics_.emplace(metrics_, *rooms_, *media_);
  if (media_->relay() != nullptr) relay_metrics_.emplace(metrics_, *media_->relay());
  worker_history_.emplace(*media_);
  return {};
}

void ServerProcess::make_webhooks() {
  client_ = std::make_unique<http::Client>(client_options(config_));
  webhooks_ = std::make_unique<api::livekit::Webhooks>(
      context_.get_executor(), webhook_targets(config_),
      api::livekit::Webhooks::Ports{.log = database_->events(),
                                    .store = database_->store(),
                                    .projects = *projects_,
                                    .client = *client_,
                                    .now = wall_now});
}

Result<void> ServerProcess::start_http() {
  http::Router router;
  add_routes(router);
  if (auto added = add_pages(router); !added) return added;
  for (const auto& [method, pattern] : router.names()) {
    log::debug("http.route", {{"method", http::to_string(method)}, {"pattern", pattern}});
  }
  http::ServerOptions options = http_options(config_);
  hand_out(takeover_ ? takeover_->take_sockets() : sockets_of_service_manager(), options.listeners);
  if (media_->relay() != nullptr && media_->relay()->turn_port()) {
    turn_over_tls_.emplace(*media_->relay());
    options.guest = &*turn_over_tls_;
  }
  http_ = std::make_unique<http::Server>(context_.get_executor(), std::move(router), metrics_,
                                         std::move(options));
  if (auto started = http_->start(); !started) return started;
  describe_ice_servers();
  return {};
}

void ServerProcess::describe_ice_servers() {
  const media_io::RelayLoop* const relay = media_->relay();
  if (relay == nullptr || !relay->turn_port()) return;
  IceServers::Ports ports{
      .turn_udp = *relay->turn_port(), .turn_tcp = relay->tcp_port(), .tls = {}};
  if (!config_.http.certificate.empty()) ports.tls = http_->endpoints().front().port;
  ice_servers_.emplace(config_, ports, turn_secret_);
}

void ServerProcess::add_routes(http::Router& router) {
  http::add_health_routes(router, metrics_, {.ready = [this]() -> Result<void> {
                            if (ready_) return {};
                            return fail(Errc::Unavailable, "the server is starting or stopping");
                          }});
  api::livekit::ServerDescription description;
  description.node_id = node_->id().str();
  description.issue_ice_servers = [this](const rooms::ParticipantSid& participant) {
    return issue_ice_servers(participant.str());
  };
  make_whip();
  door_ = std::make_unique<api::livekit::Door>(
      std::move(description), api::livekit::Collaborators{.rooms = *rooms_,
                                                          .projects = *projects_,
                                                          .store = database_->store(),
                                                          .random = random_,
                                                          .now = now});
  door_->add_routes(router, config_.http.base_path);
  whip_->add_routes(router, config_.http.base_path);
  guest_tokens_.emplace(*projects_);
  meet_ = std::make_unique<api::v1::MeetTokens>(
      api::v1::MeetTokens::Options{.enabled = config_.meet.enabled,
                                   .project = core::ProjectId{config_.meet.project}},
      api::v1::MeetTokens::Ports{.minter = *guest_tokens_,
                                 .random = random_,
                                 .monotonic_now = monotonic_now,
                                 .wall_now = wall_now});
  meet_->add_routes(router, config_.http.base_path);
  statistics_ = std::make_unique<api::v1::Statistics>(api::v1::Statistics::Ports{
      .rooms = *rooms_, .projects = *projects_, .workers = *worker_history_, .now = wall_now});
  statistics_->add_routes(router, config_.http.base_path);
  api::v1::add_description_route(router, config_.http.base_path);
}

std::vector<api::livekit::IceServer> ServerProcess::issue_ice_servers(std::string_view who) const {
  if (!ice_servers_) return {};
  return ice_servers_->issue(who, wall_now());
}

void ServerProcess::make_whip() {
  whip_tokens_.emplace(*projects_);
  whip_ = std::make_unique<api::whip::Door>(api::whip::Collaborators{
      .rooms = *rooms_,
      .offers = offers_,
      .tokens = *whip_tokens_,
      .random = random_,
      .now = now,
      .ice_servers =
          [this](const rooms::JoinRequest& of) {
            std::vector<api::whip::IceServer> servers;
            for (api::livekit::IceServer& each : issue_ice_servers(of.identity)) {
              servers.push_back(
                  {std::move(each.urls), std::move(each.username), std::move(each.credential)});
            }
            return servers;
          },
      .metrics = metrics_});
}

Result<void> ServerProcess::add_pages(http::Router& router) {
  router.set_unmatched_cors(http::Cors::Reflect);
  if (!config_.http.base_path.empty()) mount_sign_of_life(config_.http.base_path, router);
  const auto pages = find_pages(config_.http.pages);
  if (!pages) {
    // An API without pages is of use, but nobody should wonder where they are.
    log::warning("server.no_pages", {{"reason", pages.error()}});
    mount_sign_of_life("", router);
    return {};
  }
  auto files = http::StaticFiles::open(*pages);
  if (!files) return std::unexpected(std::move(files.error()));
  pages_ = *std::move(files);
  mount_pages(*pages_, router);
  return {};
}

Task<> ServerProcess::wait_for_end() {
  if (co_await next_end_signal()) co_await drain();
}

/// False when it was not a signal that ends the wait, but a successor that has taken over.
Task<bool> ServerProcess::next_end_signal() {
  if (handed_over_) co_return false;
  boost::system::error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const int number = co_await end_signals_.async_wait(token);
  if (failure) co_return false;
  log::info("server.signal", {{"signal", number}});
  co_return true;
}

/// No new rooms; those that are open have their time, which a second signal cuts short.
Task<> ServerProcess::drain() {
  ready_ = false;
  rooms_->drain();
  notify_service_manager("STOPPING=1");
  if (config_.server.drain_timeout == std::chrono::seconds::zero()) co_return;
  log::info("server.draining", {{"rooms", rooms_->totals().rooms}});
  bool hurried = false;
  end_signals_.async_wait(
      [&](const boost::system::error_code& failure, int) { hurried = !failure || handed_over_; });
  const TimePoint end = monotonic_now() + config_.server.drain_timeout;
  asio::steady_timer timer(context_);
  while (!hurried && rooms_->totals().rooms != 0 && monotonic_now() < end) {
    timer.expires_after(kDrainLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  // Nobody may call back into this frame any more.
  end_signals_.cancel();
  co_await asio::post(context_, asio::use_awaitable);
}

Task<> ServerProcess::stop() {
  ready_ = false;
  if (rooms_) rooms_->shut_down(now());
  if (http_) co_await http_->stop(kStopGrace);
  co_await tasks_.stop();
  if (webhooks_) co_await webhooks_->stop();
  if (client_) client_->stop();
  if (media_) media_->stop();
  if (database_) database_->stop();
}

Task<> ServerProcess::tick() {
  asio::steady_timer timer(context_);
  unsigned ticks = 0;
  for (;;) {
    timer.expires_after(kTick);
    co_await timer.async_wait(asio::use_awaitable);
    rooms_->on_tick(now());
    door_->on_tick();
    whip_->on_tick();
    if (++ticks % kTicksPerUpdate != 0) continue;
    server_metrics_->update();
    if (relay_metrics_) relay_metrics_->update();
    worker_history_->on_tick(now());
  }
}

Task<> ServerProcess::refresh_keys() {
  asio::steady_timer timer(context_);
  for (;;) {
    timer.expires_after(kKeyRefresh);
    co_await timer.async_wait(asio::use_awaitable);
    if (const auto read = co_await projects_->refresh(); !read) {
      log::warning("projects.keys_not_refreshed", {{"reason", read.error()}});
    }
  }
}

Task<> ServerProcess::reload_on_hangup() {
  asio::signal_set hangup(context_, SIGHUP);
  for (;;) {
    co_await hangup.async_wait(asio::use_awaitable);
    if (config_.http.certificate.empty()) continue;
    notify_service_manager("RELOADING=1");
    if (const auto reloaded = http_->reload_certificate(); !reloaded) {
      log::error("http.certificate_not_reloaded", {{"reason", reloaded.error()}});
    } else {
      log::info("http.certificate_reloaded");
    }
    notify_service_manager("READY=1");
  }
}

Task<> ServerProcess::upgrade_on_signal() {
  asio::signal_set signals(context_, SIGUSR2);
  for (;;) {
    co_await signals.async_wait(asio::use_awaitable);
    if (const auto child = start_successor(); !child) {
      log::error("handover.successor_not_started", {{"reason", child.error()}});
    } else {
      log::info("handover.successor_started", {{"pid", *child}});
    }
  }
}

void ServerProcess::on_media_events(std::vector<media_io::RoomEvent> events) {
  const rooms::Now at = now();
  for (media_io::RoomEvent& event : events) {
    if (const auto* sample = std::get_if<rooms::MediaSample>(&event.event)) {
      server_metrics_->observe(*sample);
    }
    rooms_->on_media_event(at, event.room, std::move(event.event));
  }
}

}  // namespace

int serve(const Config& config) {
  // Two arenas are enough for our threads; the default of eight per core only costs memory.
  ::mallopt(M_ARENA_MAX, 2);
  asio::io_context context(1);
  ServerProcess process(context, config);
  int exit_code = 1;
  asio::co_spawn(context, process.run(), [&](const std::exception_ptr& failure, int code) {
    if (failure) std::rethrow_exception(failure);
    exit_code = code;
  });
  context.run();
  log::flush();
  return exit_code;
}

}  // namespace vis::app
