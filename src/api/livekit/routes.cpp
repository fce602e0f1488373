#include "api/livekit/routes.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include "api/livekit/errors.hpp"
#include "api/livekit/signal_session.hpp"
#include "api/livekit/wire.hpp"

namespace vis::api::livekit {
namespace {

/// Services of the protocol that are not offered here, or not yet.
constexpr std::string_view kUnimplementedServices[] = {
    "livekit.Egress",    "livekit.Ingress",           "livekit.SIP", "livekit.AgentDispatchService",
    "livekit.Connector", "livekit.PhoneNumberService"};

Task<http::Response> answer_bad_route(http::Request) {
  co_return twirp_bad_route("call POST /twirp/{service}/{method}");
}

}  // namespace

Door::Door(ServerDescription description, const Collaborators& with)
    : description_(std::move(description)),
      with_(with),
      rpc_({.rooms = with.rooms, .random = with.random, .now = with.now}),
      rooms_api_({.rooms = with.rooms, .store = with.store, .rpc = rpc_, .now = with.now}),
      twirp_(with.projects, [this] { return with_.now().wall; }) {
  silence_protobuf();
  rooms_api_.add_to(twirp_);
  for (const std::string_view service : kUnimplementedServices) twirp_.add_unimplemented(service);
}

void Door::add_routes(http::Router& router, const std::string& base_path) {
  add_signal_route(router, base_path + "/rtc", SignalPath::Rtc);
  add_signal_route(router, base_path + "/rtc/v1", SignalPath::RtcV1);

  const std::string twirp = base_path + "/twirp";
  const auto admit = [this](const http::Request& request) { return twirp_.admit(request); };
  router.add(http::Method::Post, twirp + "/{service}/{method}",
             [this](http::Request request) { return twirp_.serve(std::move(request)); },
             {.cors = http::Cors::Reflect, .admit = admit});
  router.add_fallback(twirp, answer_bad_route, {.cors = http::Cors::Reflect});
}

void Door::add_signal_route(http::Router& router, const std::string& path, SignalPath kind) {
  router.add_websocket(
      path, [this, kind](http::Request request) { return open_session(kind, std::move(request)); },
      {.cors = http::Cors::Reflect, .hides_from_plain_get = true});
  router.add(http::Method::Get, path + "/validate",
             [this, kind](http::Request request) { return validate(kind, std::move(request)); },
             {.cors = http::Cors::Reflect});
}

void Door::on_tick() {
  const core::rooms::Now now = with_.now();
  sessions_.on_tick(now);
  rpc_.on_tick(now);
}

/// Everything that can be refused is refused before the upgrade: clients understand nothing else.
Task<http::WebSocketDecision> Door::open_session(SignalPath path, http::Request request) {
  auto parameters = read_join(request, path, with_.projects, with_.now().wall);
  if (!parameters) co_return signal_refusal(parameters.error());
  const SignalSession::Surroundings surroundings{.rooms = with_.rooms,
                                                 .projects = with_.projects,
                                                 .sessions = sessions_,
                                                 .rpc = rpc_,
                                                 .server = description_,
                                                 .now = with_.now};
  auto session = std::make_unique<SignalSession>(surroundings, std::move(*parameters));
  if (auto started = session->start(); !started) co_return signal_refusal(started.error());
  co_return http::WebSocketAcceptance{
      .run = [session = std::move(session)](http::WebSocket& socket) {
        return session->run(&socket);
      }};
}

Task<http::Response> Door::validate(SignalPath path, http::Request request) {
  const auto parameters = read_join(request, path, with_.projects, with_.now().wall);
  if (!parameters) co_return signal_refusal(parameters.error());
  if (!parameters->resume) {
    if (auto allowed = with_.rooms.can_join(parameters->request); !allowed) {
      co_return signal_refusal(allowed.error());
    }
  }
  co_return http::text_response(200, "success");
}

}  // namespace vis::api::livekit
