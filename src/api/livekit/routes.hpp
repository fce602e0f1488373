#pragma once

#include <optional>
#include <string>

#include "api/livekit/join_parameters.hpp"
#include "api/livekit/room_service_api.hpp"
#include "api/livekit/rpc_calls.hpp"
#include "api/livekit/server_description.hpp"
#include "api/livekit/signal_sessions.hpp"
#include "api/livekit/twirp.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "core/projects/project_service.hpp"
#include "core/rooms/room_service.hpp"
#include "core/store.hpp"
#include "http/router.hpp"

namespace vis::api::livekit {

/// What the door needs of the server; all outlives it.
struct Collaborators {
  core::rooms::RoomService& rooms;
  core::projects::ProjectService& projects;
  core::Store& store;
  RandomSource& random;
  Clock now;
};

/// The door through which LiveKit's clients and server SDKs come in: signalling (`/rtc`, `/rtc/v1`)
/// and the server API (`/twirp/livekit.*`).
///
/// Control thread. Built and owned by `app`; outlives the web server, whose handlers are its own.
/// When the server stops, RoomService::shut_down sends everybody elsewhere first.
class Door final {
 public:
  Door(ServerDescription description, const Collaborators& with);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// `base_path` is empty, or a path without a slash at its end.
  void add_routes(http::Router& router, const std::string& base_path);
  /// Runs what is due: new tokens, remote calls without an answer. A few times a second.
  void on_tick();

 private:
  void add_signal_route(http::Router& router, const std::string& path, SignalPath kind);
  Task<http::WebSocketDecision> open_session(SignalPath path, http::Request request);
  Task<http::Response> validate(SignalPath path, http::Request request);

  ServerDescription description_;
  Collaborators with_;
  SignalSessions sessions_;
  RpcCalls rpc_;
  RoomServiceApi rooms_api_;
  TwirpServer twirp_;
};

}  // namespace vis::api::livekit
