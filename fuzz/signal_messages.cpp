#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/livekit/routes.hpp"
#include "api/livekit/token_signer.hpp"
#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "support/fixed_projects.hpp"
#include "support/memory_store.hpp"
#include "support/rooms/room_world.hpp"
#include "support/run_task.hpp"

namespace {

using namespace vis;
using namespace vis::api::livekit;
using http::WebSocketMessage;

/// A socket over which one thing happens; then it is gone.
class OneEvent final : public http::WebSocket {
 public:
  using Event = std::function<std::optional<WebSocketMessage>()>;
  explicit OneEvent(Event event) : event_(std::move(event)) {}

  Task<Result<WebSocketMessage>> read() override {
    if (event_) {
      auto message = std::exchange(event_, nullptr)();
      if (message) co_return std::move(*message);
    }
    co_return fail(Errc::Unavailable, "closed");
  }
  void send(WebSocketMessage message) override {
    if (message.kind == WebSocketMessage::Kind::Text) return;
    VIS_ASSERT(::livekit::SignalResponse{}.ParseFromString(message.data));
  }
  void close(http::CloseCode, std::string_view) override { event_ = nullptr; }
  bool is_open() const override { return true; }
  http::CloseCode close_code() const override { return http::CloseCode::Abnormal; }

 private:
  Event event_;
};

class World {
 public:
  World() {
    rows_.all = {test::FixedProjects::key("key", "demo")};
    VIS_ASSERT(test::run_task(context_, projects_.refresh()).has_value());
    door_.add_routes(router_, "");
  }

  void open(const std::string& path, http::Parameters query, OneEvent::Event event) {
    query.add("access_token", token());
    query.add("protocol", "17");
    http::Request request{.path = path, .query = std::move(query)};
    const auto match = router_.match(http::Method::Get, http::parse_path(path).value());
    test::run_task(context_, run(match.websocket->handler, std::move(request), std::move(event)));
  }
  void frame(WebSocketMessage message) {
    open("/rtc", {}, [&] { return std::optional(std::move(message)); });
  }
  void join(Bytes wrapped) {
    http::Parameters query;
    query.add("join_request", base64url_encode(wrapped));
    open("/rtc/v1", std::move(query), nullptr);
  }
  void data(rooms::DataChannel channel, Bytes payload) {
    const auto listener = rooms_.enter("bob");
    open("/rtc", {}, [&]() -> std::optional<WebSocketMessage> {
      const auto opened = rooms_.media.last<rooms::OpenTransport>();
      rooms_.rooms.on_media_event(rooms_.now(), listener->room(),
                                  rooms::DataReceived{.transport = opened->spec.id,
                                                      .channel = channel,
                                                      .label = {},
                                                      .payload = {payload.begin(), payload.end()}});
      return std::nullopt;
    });
    const auto sent = rooms_.media.last<rooms::SendData>();
    if (!sent) return;
    ::livekit::DataPacket packet;
    VIS_ASSERT(packet.ParseFromArray(sent->payload.data(), static_cast<int>(sent->payload.size())));
    VIS_ASSERT(packet.participant_identity() == "ann");
  }

 private:
  std::string token() const {
    Claims claims;
    claims.identity = "ann";
    claims.video = VideoGrant{.room = "meeting", .room_join = true};
    claims.video->can_update_own_metadata = true;
    return sign_token(claims, rows_.all[0], {.from = rooms_.now().wall, .length = 1h});
  }
  static Task<bool> run(const http::WebSocketHandler& handler, http::Request request,
                        OneEvent::Event event) {
    auto decision = co_await handler(std::move(request));
    auto* const acceptance = std::get_if<http::WebSocketAcceptance>(&decision);
    if (acceptance == nullptr) co_return false;
    OneEvent socket(std::move(event));
    co_await acceptance->run(socket);
    co_return true;
  }

  boost::asio::io_context context_;
  rooms::RoomWorld rooms_;
  SeededRandom random_{1};
  test::FixedProjects rows_;
  test::MemoryStore store_;
  projects::ProjectService projects_{{.projects = rows_, .store = store_, .random = random_}};
  Door door_{{.node_id = "ND_x", .region = {}, .ice_servers = {}},
             {.rooms = rooms_.rooms,
              .projects = projects_,
              .store = store_,
              .random = random_,
              .now = [this] { return rooms_.now(); }}};
  http::Router router_;
};

}  // namespace

/// The first byte says which way the rest comes in: as a binary or a text frame of a session, as
/// the join_request of a new one, or over one of the data channels.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input{data + 1, size - 1};
  World world;
  switch (data[0]) {
    case 'b': world.frame(WebSocketMessage::binary(std::string(as_text(input)))); break;
    case 't': world.frame(WebSocketMessage::text(std::string(as_text(input)))); break;
    case 'j': world.join(input); break;
    case 'r': world.data(rooms::DataChannel::Reliable, input); break;
    case 'l': world.data(rooms::DataChannel::Lossy, input); break;
    case 'o': world.data(rooms::DataChannel::Other, input); break;
    default: break;
  }
  return 0;
}
