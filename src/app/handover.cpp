#include "app/handover.hpp"

#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "base/log.hpp"

namespace vis::app {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace rooms = core::rooms;
using boost::system::error_code;

constexpr const char* kSocket = "handover";

json::object to_json(const rooms::RoomSeed& seed) {
  const rooms::RoomOptions& options = seed.options;
  json::object tags;
  for (const auto& [key, value] : options.tags) tags[key] = value;
  json::object room{{"project", seed.project.str()},
                    {"name", seed.name},
                    {"metadata", options.metadata},
                    {"max_participants", options.max_participants},
                    {"min_playout_delay_ms", options.min_playout_delay_ms},
                    {"max_playout_delay_ms", options.max_playout_delay_ms},
                    {"sync_streams", options.sync_streams},
                    {"tags", std::move(tags)}};
  if (options.empty_timeout) room["empty_timeout_s"] = options.empty_timeout->count();
  if (options.departure_timeout) room["departure_timeout_s"] = options.departure_timeout->count();
  return room;
}

/// Reads what `to_json` has written; the two servers may be of different versions, so whatever is
/// missing keeps its default.
class SeedReader final {
 public:
  explicit SeedReader(const json::object& room) : room_(room) {}

  rooms::RoomSeed read() const {
    rooms::RoomSeed seed;
    seed.project = core::ProjectId(text("project"));
    seed.name = text("name");
    rooms::RoomOptions& options = seed.options;
    options.metadata = text("metadata");
    options.max_participants = number("max_participants").value_or(0);
    options.min_playout_delay_ms = number("min_playout_delay_ms").value_or(0);
    options.max_playout_delay_ms = number("max_playout_delay_ms").value_or(0);
    if (const auto s = number("empty_timeout_s")) options.empty_timeout = std::chrono::seconds(*s);
    if (const auto s = number("departure_timeout_s")) {
      options.departure_timeout = std::chrono::seconds(*s);
    }
    const json::value* const sync = room_.if_contains("sync_streams");
    options.sync_streams = sync != nullptr && sync->is_bool() && sync->as_bool();
    const json::value* const tags = room_.if_contains("tags");
    if (tags == nullptr || !tags->is_object()) return seed;
    for (const auto& [key, value] : tags->as_object()) {
      if (value.is_string()) options.tags[std::string(key)] = std::string(value.as_string());
    }
    return seed;
  }

 private:
  std::string text(std::string_view name) const {
    const json::value* const value = room_.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
  }
  std::optional<std::uint32_t> number(std::string_view name) const {
    const json::value* const value = room_.if_contains(name);
    if (value == nullptr) return std::nullopt;
    error_code failure;
    const auto number = value->to_number<std::uint32_t>(failure);
    return failure ? std::nullopt : std::optional(number);
  }

  const json::object& room_;
};

Task<Result<void>> expect(HandoverChannel* channel, std::string_view what) {
  const auto message = co_await channel->receive();
  if (!message) co_return std::unexpected(message.error());
  if (message->body.contains(what)) co_return Result<void>{};
  co_return fail(Errc::InvalidArgument, "the other server did not say " + std::string(what));
}

}  // namespace

// ---- the predecessor ----

Result<void> HandoverDoor::open(const std::filesystem::path& data_dir) {
  auto socket = HandoverChannel::listen(data_dir / kSocket);
  if (!socket) return std::unexpected(std::move(socket.error()));
  listener_ = std::make_unique<asio::posix::stream_descriptor>(executor_, socket->release());
  return {};
}

Task<> HandoverDoor::serve() {
  for (;;) {
    co_await listener_->async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
    FileDescriptor socket(
        ::accept4(listener_->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0 || !HandoverChannel::is_ours(socket.get())) continue;
    if (co_await converse(std::move(socket))) co_return;
  }
}

Task<bool> HandoverDoor::converse(FileDescriptor socket) {
  HandoverChannel channel(executor_, std::move(socket));
  if (const auto prepared = co_await prepare(&channel); !prepared) {
    log::warning("handover.abandoned", {{"reason", prepared.error()}});
    co_return false;
  }
  log::info("handover.began");
  ports_.give_way();
  if (const auto moved = co_await move_rooms(&channel); !moved) {
    // There is no way back: the rooms that are left end with this server.
    log::error("handover.incomplete", {{"reason", moved.error()}});
  } else {
    log::info("handover.done");
  }
  co_return true;
}

Task<Result<void>> HandoverDoor::prepare(HandoverChannel* channel) {
  json::object greeting{{"sockets", true}};
  auto sent = co_await channel->send(std::move(greeting), ports_.listening_descriptors());
  if (!sent) co_return sent;
  co_return co_await expect(channel, "ready");
}

Task<Result<void>> HandoverDoor::move_rooms(HandoverChannel* channel) {
  json::object open{{"open", true}};
  if (auto sent = co_await channel->send(std::move(open)); !sent) co_return sent;
  asio::steady_timer pause(executor_);
  while (const auto seed = ports_.rooms.next_to_move()) {
    json::object room{{"room", to_json(*seed)}};
    if (auto sent = co_await channel->send(std::move(room)); !sent) co_return sent;
    if (auto made = co_await expect(channel, "made"); !made) co_return made;
    ports_.rooms.move_away(ports_.now(), seed->sid);
    pause.expires_after(kPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
  json::object done{{"done", true}};
  co_return co_await channel->send(std::move(done));
}

// ---- the successor ----

Task<Result<std::unique_ptr<Takeover>>> Takeover::begin(asio::any_io_executor executor,
                                                        std::filesystem::path data_dir) {
  auto socket = HandoverChannel::connect(data_dir / kSocket);
  if (!socket) co_return std::unexpected(std::move(socket.error()));
  auto takeover = std::make_unique<Takeover>(
      std::make_unique<HandoverChannel>(std::move(executor), *std::move(socket)));
  auto greeting = co_await takeover->channel_->receive();
  if (!greeting) co_return std::unexpected(std::move(greeting.error()));
  takeover->sockets_ = std::move(greeting->descriptors);
  co_return takeover;
}

Task<Result<void>> Takeover::ready() {
  json::object ready{{"ready", true}};
  if (auto sent = co_await channel_->send(std::move(ready)); !sent) co_return sent;
  co_return co_await expect(channel_.get(), "open");
}

Task<Result<void>> Takeover::receive_rooms(rooms::RoomService* service,
                                           std::function<rooms::Now()> now) {
  for (;;) {
    const auto message = co_await channel_->receive();
    if (!message) co_return std::unexpected(message.error());
    if (message->body.contains("done")) co_return Result<void>{};
    const json::value* const room = message->body.if_contains("room");
    if (room == nullptr || !room->is_object()) continue;
    const rooms::RoomSeed seed = SeedReader(room->as_object()).read();
    // Whoever comes first makes it else, with what it asks for.
    const auto made = service->create_room(now(), seed.project, seed.name, seed.options);
    if (!made) log::warning("handover.room_not_made", {{"reason", made.error()}});
    json::object answer{{"made", made.has_value()}};
    if (auto sent = co_await channel_->send(std::move(answer)); !sent) co_return sent;
  }
}

}  // namespace vis::app
