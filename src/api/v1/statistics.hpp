#pragma once

#include <functional>
#include <string>

#include "api/v1/caller.hpp"
#include "api/v1/worker_load.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/projects/project_service.hpp"
#include "core/rooms/room_service.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/router.hpp"

namespace vis::api::v1 {

/// What goes on in the live rooms of a project, for whoever has one of its keys (see Caller):
///
///     GET /v1/rooms                                 each room in a line
///     GET /v1/rooms/{room}                          its people, tracks, layers, subscriptions
///     GET /v1/rooms/{room}/participants/{identity}  one of them, with the last ten minutes
///     GET /v1/workers                               how busy the server is
///
/// Errors are RFC 9457 problems: 401 `unauthenticated`, 403 `permission_denied`, 404 `not_found`
/// for a room that is not open or somebody who is not in it.
///
/// Control thread; owned by `app`; outlives the web server.
class Statistics final {
 public:
  struct Ports {
    const core::rooms::RoomService& rooms;
    core::projects::ProjectService& projects;
    const WorkerLoads& workers;
    std::function<WallTime()> now;
  };
  explicit Statistics(Ports ports) : ports_(std::move(ports)) {}
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

  void add_routes(http::Router& router, const std::string& base_path);

 private:
  using Answer = Result<http::Response> (Statistics::*)(const Caller&, const http::Request&) const;

  void add(http::Router& router, const std::string& path, Answer answer);
  Task<http::Response> serve(Answer answer, http::Request request);

  Result<http::Response> list_rooms(const Caller& caller, const http::Request& request) const;
  Result<http::Response> show_room(const Caller& caller, const http::Request& request) const;
  Result<http::Response> show_participant(const Caller& caller, const http::Request& request) const;
  Result<http::Response> list_workers(const Caller& caller, const http::Request& request) const;

  Ports ports_;
};

}  // namespace vis::api::v1
