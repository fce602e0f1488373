#include "media_io/media_io.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/limits/media_io.hpp"
#include "base/log.hpp"

namespace vis::media_io {

namespace core_rooms = core::rooms;

/// What one worker tells another.
class MediaIo::WorkerLink final : public media::sfu::NeighbourLink {
 public:
  WorkerLink(unsigned from, Worker& to) : from_(from), to_(to) {}

  void post(media::sfu::NeighbourMessage message) override {
    if (!to_.post(NeighbourMail{.from = from_, .message = std::move(message)})) {
      log::error("media.worker_overloaded", {{"worker", to_.index()}});
    }
  }
  void wake() override { to_.wake(); }

 private:
  unsigned from_;
  Worker& to_;
};

Result<std::unique_ptr<MediaIo>> MediaIo::start(const MediaOptions& options, EventSink events) {
  VIS_ASSERT(options.workers > 0);
  auto media = std::make_unique<MediaIo>(
      Placement::Options{.workers = options.workers, .spread = options.room_spread}, events);
  if (auto opened = media->open_relay(options); !opened) {
    return std::unexpected(std::move(opened.error()));
  }
  for (unsigned i = 0; i < options.workers; ++i) {
    const auto port = static_cast<std::uint16_t>(options.port == 0 ? 0 : options.port + i);
    Worker::Options worker{.index = i,
                           .bind = {.ip = options.bind, .port = port},
                           .announce = options.announce,
                           .pin_to_cpu = {},
                           .max_speakers = options.max_speakers,
                           .prefer_openssl = options.prefer_openssl,
                           .tcp_port = {},
                           .relay = nullptr};
    if (media->relay_) {
      worker.tcp_port = media->relay_->tcp_port();
      worker.relay = &media->relay_->rings(i);
    }
    if (options.pin_workers)
      worker.pin_to_cpu = i % std::max(1U, std::thread::hardware_concurrency());
    auto started = Worker::start(std::move(worker), *media->data_, events);
    if (!started) return std::unexpected(std::move(started.error()));
    media->workers_.push_back(*std::move(started));
  }
  if (media->relay_) {
    std::vector<std::vector<SocketAddress>> addresses;
    for (const auto& worker : media->workers_) addresses.push_back(worker->announced());
    media->relay_->start(addresses);
  }
  return media;
}

MediaIo::MediaIo(const Placement::Options& placement, EventSink events)
    : data_(std::make_unique<DataLoop>(std::move(events))), placement_(placement) {}

MediaIo::~MediaIo() { stop(); }

Result<void> MediaIo::open_relay(const MediaOptions& options) {
  if (!options.tcp_port && !options.turn) return {};
  RelayLoop::Options relay{.bind = options.bind,
                           .tcp_port = options.tcp_port,
                           .turn_port = {},
                           .realm = {},
                           .turn_secret = {},
                           .workers = options.workers};
  if (options.turn) {
    relay.turn_port = options.turn->port;
    relay.realm = options.turn->realm;
    relay.turn_secret = options.turn->secret;
  }
  auto opened = RelayLoop::open(std::move(relay));
  if (!opened) return std::unexpected(std::move(opened.error()));
  relay_ = *std::move(opened);
  return {};
}

void MediaIo::stop() {
  for (const auto& worker : workers_) worker->stop();
  if (relay_) relay_->stop();
  data_->stop();
}

Result<void> MediaIo::open_room(const core_rooms::RoomSid& room) {
  owner_.check();
  if (placement_.rooms() >= limits::kRooms) {
    return fail(Errc::LimitExceeded, "this server has as many rooms as it can hold");
  }
  post(placement_.open(room), OpenRoom{room});
  return {};
}

void MediaIo::close_room(const core_rooms::RoomSid& room) {
  owner_.check();
  for (const unsigned worker : placement_.close(room)) post(worker, CloseRoom{room});
}

void MediaIo::execute(const core_rooms::RoomSid& room, core_rooms::MediaCommand command) {
  owner_.check();
  if (auto* data = std::get_if<core_rooms::SendData>(&command)) {
    if (!placement_.parts(room).empty()) data_->send(std::move(*data));
    return;
  }
  if (std::holds_alternative<core_rooms::SetTrackMuted>(command)) {
    // It does not say whose; those who do not have the publisher pass over it.
    for (const unsigned worker : placement_.parts(room)) {
      post(worker, RoomCommand{.room = room, .command = command});
    }
    return;
  }
  const auto worker = place(room, command);
  if (!worker) return;
  if (const auto* close = std::get_if<core_rooms::CloseTransport>(&command)) {
    placement_.remove(room, close->transport);
  }
  post(*worker, RoomCommand{.room = room, .command = std::move(command)});
}

std::optional<unsigned> MediaIo::place(const core_rooms::RoomSid& room,
                                       const core_rooms::MediaCommand& command) {
  return std::visit(
      [&](const auto& each) -> std::optional<unsigned> {
        using Command = std::remove_cvref_t<decltype(each)>;
        if constexpr (std::is_same_v<Command, core_rooms::OpenTransport>) {
          const auto placed = placement_.add(room, each.spec);
          if (placed && placed->is_new) add_part(room, placed->worker);
          return placed.transform([](const Placement::Place& place) { return place.worker; });
        } else if constexpr (requires { each.transport; }) {
          return placement_.find(room, each.transport);
        } else {
          return std::nullopt;
        }
      },
      command);
}

void MediaIo::add_part(const core_rooms::RoomSid& room, unsigned worker) {
  // The new part is there before any other tells it of its tracks.
  post(worker, OpenRoom{room});
  for (const unsigned other : placement_.parts(room)) {
    if (other == worker) continue;
    connect(worker, other);
    post(worker, SpreadRoom{.room = room, .worker = other});
    post(other, SpreadRoom{.room = room, .worker = worker});
  }
}

void MediaIo::connect(unsigned worker, unsigned other) {
  if (paths_.contains({worker, other})) return;
  WorkerPath& there = path(worker, other);
  WorkerPath& back = path(other, worker);
  // Both know each other before either has reason to write.
  post(worker, ConnectWorker{.worker = other,
                             .ways = {.link = *there.link, .to = there.ring, .from = back.ring}});
  post(other, ConnectWorker{.worker = worker,
                            .ways = {.link = *back.link, .to = back.ring, .from = there.ring}});
}

MediaIo::WorkerPath& MediaIo::path(unsigned from, unsigned to) {
  WorkerPath& path = paths_[{from, to}];
  if (path.link == nullptr) path.link = std::make_unique<WorkerLink>(from, *workers_[to]);
  return path;
}

void MediaIo::post(unsigned worker, WorkerCommand command) {
  if (!workers_[worker]->post(std::move(command))) {
    log::error("media.worker_overloaded", {{"worker", worker}});
  }
}

}  // namespace vis::media_io
