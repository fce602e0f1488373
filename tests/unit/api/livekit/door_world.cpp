#include "unit/api/livekit/door_world.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "support/run_task.hpp"

namespace vis::api::livekit {
namespace {

proto::SignalResponse parsed(const http::WebSocketMessage& message) {
  proto::SignalResponse response;
  if (message.kind == http::WebSocketMessage::Kind::Text) {
    EXPECT_TRUE(parse_json(message.data, response)) << message.data;
  } else {
    EXPECT_TRUE(response.ParseFromString(message.data));
  }
  return response;
}

std::string name_of(const proto::SignalResponse& response) {
  const auto* const field =
      proto::SignalResponse::descriptor()->FindFieldByNumber(response.message_case());
  return field == nullptr ? "nothing" : field->name();
}

}  // namespace

// ---- Client ----

Client::Client(DoorWorld& world, http::WebSocketAcceptance acceptance)
    : socket(world.context.get_executor()),
      world_(world),
      acceptance_(std::move(acceptance)),
      tasks_(world.context.get_executor()) {
  tasks_.spawn("client", acceptance_.run(socket));
  world_.settle();
  for (const proto::SignalResponse& response : received()) {
    if (!response.has_join()) continue;
    sid_ = rooms::ParticipantSid(response.join().participant().sid());
    room_ = rooms::RoomSid(response.join().room().sid());
  }
}

Client::~Client() {
  vanish();
  EXPECT_TRUE(is_ended());
}

void Client::send(const proto::SignalRequest& request) { send_bytes(request.SerializeAsString()); }

void Client::send_text(std::string json) {
  socket.deliver(http::WebSocketMessage::text(std::move(json)));
  world_.settle();
}

void Client::send_bytes(std::string bytes) {
  socket.deliver(http::WebSocketMessage::binary(std::move(bytes)));
  world_.settle();
}

void Client::vanish() {
  socket.break_off({Errc::Unavailable, "the network is gone"});
  world_.settle();
}

std::vector<proto::SignalResponse> Client::received() const {
  std::vector<proto::SignalResponse> all;
  for (const auto& message : socket.sent()) all.push_back(parsed(message));
  return all;
}

std::string Client::story() const {
  std::string names;
  for (const proto::SignalResponse& response : received()) {
    if (!names.empty()) names += ' ';
    names += name_of(response);
  }
  return names;
}

proto::SignalResponse Client::last(proto::SignalResponse::MessageCase which) const {
  std::optional<proto::SignalResponse> found;
  for (const proto::SignalResponse& response : received()) {
    if (response.message_case() == which) found = response;
  }
  EXPECT_TRUE(found) << "no such message in: " << story();
  return found.value_or(proto::SignalResponse{});
}

bool Client::has(proto::SignalResponse::MessageCase which) const {
  return std::ranges::any_of(received(), [which](const proto::SignalResponse& response) {
    return response.message_case() == which;
  });
}

// ---- DoorWorld ----

DoorWorld::DoorWorld(rooms::RoomDefaults defaults)
    : world(defaults),
      projects({.projects = project_rows, .store = store, .random = random}),
      door({.node_id = "ND_test", .region = "here", .ice_servers = {}}, {.rooms = world.rooms,
                                                                         .projects = projects,
                                                                         .store = store,
                                                                         .random = random,
                                                                         .now = clock}) {
  project_rows.all = {test::FixedProjects::key("devkey", "demo", 1),
                      test::FixedProjects::key("otherkey", "other", 1)};
  EXPECT_TRUE(test::run_task(context, projects.refresh()));
  door.add_routes(router, "");
}

DoorWorld::~DoorWorld() { settle(); }

void DoorWorld::advance(Duration duration) {
  constexpr Duration kTick = 100ms;
  for (Duration passed{}; passed < duration; passed += kTick) {
    world.advance(kTick);
    door.on_tick();
    settle();
  }
}

void DoorWorld::settle() {
  context.restart();
  context.poll();
}

Claims DoorWorld::claims(std::string identity) {
  Claims claims;
  claims.identity = std::move(identity);
  claims.video = VideoGrant{.room = "meeting", .room_join = true};
  return claims;
}

std::string DoorWorld::token(const Claims& claims, const std::string& key) const {
  return sign_token(claims, *projects.find_key(projects::ApiKeyId(key)),
                    {.from = now().wall, .length = 6h});
}

http::Request DoorWorld::request(http::Method method, std::string_view target,
                                 Fields fields) const {
  http::Request request{.method = method, .target = std::string(target)};
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = http::parse_path(target.substr(0, question))->str();
  if (question < target.size())
    request.query = http::parse_form(target.substr(question + 1)).value();
  for (const auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

http::Response DoorWorld::answer(http::Request request) {
  const auto match = router.match(request.method, http::parse_path(request.path).value());
  EXPECT_NE(match.route, nullptr) << request.path;
  EXPECT_EQ(match.cors, http::Cors::Reflect) << request.path;
  request.parameters = match.parameters;
  if (match.route->options.admit) {
    if (auto refused = match.route->options.admit(request)) return *refused;
  }
  return finish(match.route->handler(std::move(request)));
}

http::WebSocketDecision DoorWorld::decide(const http::Request& request) {
  const auto match = router.match(http::Method::Get, http::parse_path(request.path).value());
  EXPECT_NE(match.websocket, nullptr) << request.path;
  EXPECT_EQ(match.websocket->options.cors, http::Cors::Reflect);
  return finish(match.websocket->handler(request));
}

http::Response DoorWorld::refusal(std::string_view target, Fields fields) {
  auto decision = decide(request(http::Method::Get, target, std::move(fields)));
  EXPECT_TRUE(std::holds_alternative<http::Response>(decision)) << target;
  return std::get<http::Response>(std::move(decision));
}

std::unique_ptr<Client> DoorWorld::open(std::string_view target, Fields fields) {
  auto decision = decide(request(http::Method::Get, target, std::move(fields)));
  if (const auto* refused = std::get_if<http::Response>(&decision)) {
    ADD_FAILURE() << refused->status << ' ' << refused->body;
  }
  return std::make_unique<Client>(*this, std::get<http::WebSocketAcceptance>(std::move(decision)));
}

std::unique_ptr<Client> DoorWorld::join(const std::string& identity, std::string_view more) {
  return join(claims(identity), more);
}

std::unique_ptr<Client> DoorWorld::join(const Claims& claims, std::string_view more) {
  std::string target = "/rtc?protocol=17&sdk=js&client_protocol=2&auto_subscribe=1&access_token=";
  target += token(claims);
  if (!more.empty()) target += "&" + std::string(more);
  return open(target);
}

std::string DoorWorld::v1_target(proto::JoinRequest join, const std::string& token) {
  // What every client says; a request that says nothing at all is written as no bytes.
  if (!join.has_client_info()) join.mutable_client_info()->set_protocol(17);
  proto::WrappedJoinRequest wrapped;
  wrapped.set_join_request(join.SerializeAsString());
  return "/rtc/v1?access_token=" + token +
         "&join_request=" + base64url_encode(as_bytes(wrapped.SerializeAsString()));
}

std::unique_ptr<Client> DoorWorld::join_v1(const std::string& identity,
                                           const proto::JoinRequest& join) {
  return open(v1_target(join, token(identity)));
}

void DoorWorld::event(const Client& client, rooms::MediaEvent event) {
  world.rooms.on_media_event(now(), client.room(), std::move(event));
  settle();
}

rooms::TransportId DoorWorld::transport(const Client& client, rooms::TransportRole role) const {
  rooms::TransportId found{};
  for (const auto& open : world.media.all<rooms::OpenTransport>()) {
    if (open.spec.participant == client.sid() && open.spec.role == role) found = open.spec.id;
  }
  EXPECT_NE(found, rooms::TransportId{});
  return found;
}

void DoorWorld::forget_data() {
  std::erase_if(world.media.commands, [](const rooms::MediaCommand& command) {
    return std::holds_alternative<rooms::SendData>(command);
  });
}

void DoorWorld::connect(const Client& client) {
  using rooms::TransportRole;
  for (const auto& open : world.media.all<rooms::OpenTransport>()) {
    if (open.spec.participant != client.sid()) continue;
    event(client, rooms::TransportChanged{.transport = open.spec.id,
                                          .state = rooms::TransportState::Connected});
    if (open.spec.role != TransportRole::Publisher) event(client, rooms::DataReady{open.spec.id});
  }
}

}  // namespace vis::api::livekit
