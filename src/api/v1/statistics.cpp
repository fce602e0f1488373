#include "api/v1/statistics.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "api/v1/statistics_json.hpp"

namespace vis::api::v1 {

namespace json = boost::json;

void Statistics::add_routes(http::Router& router, const std::string& base_path) {
  const std::string rooms = base_path + "/v1/rooms";
  add(router, rooms, &Statistics::list_rooms);
  add(router, rooms + "/{room}", &Statistics::show_room);
  add(router, rooms + "/{room}/participants/{identity}", &Statistics::show_participant);
  add(router, base_path + "/v1/workers", &Statistics::list_workers);
}

void Statistics::add(http::Router& router, const std::string& path, Answer answer) {
  router.add(http::Method::Get, path,
             [this, answer](http::Request request) { return serve(answer, std::move(request)); });
}

Task<http::Response> Statistics::serve(Answer answer, http::Request request) {
  const auto caller = Caller::authenticate(request, ports_.projects, ports_.now());
  if (!caller) {
    // No challenge: a browser would ask for a password with a window of its own.
    co_return http::problem_response(caller.error());
  }
  auto response = (this->*answer)(*caller, request);
  if (!response) co_return http::problem_response(response.error());
  co_return std::move(*response).with("Cache-Control", "no-store");
}

Result<http::Response> Statistics::list_rooms(const Caller& caller, const http::Request&) const {
  if (auto allowed = caller.may_list_rooms(); !allowed) return std::unexpected(allowed.error());
  json::array list;
  for (const core::rooms::RoomInfo& room : ports_.rooms.list_rooms(caller.project(), {})) {
    const auto report = ports_.rooms.room_report(caller.project(), room.name);
    if (report) list.emplace_back(room_summary(*report));
  }
  return http::json_response(200, json::object{{"rooms", std::move(list)}});
}

Result<http::Response> Statistics::show_room(const Caller& caller,
                                             const http::Request& request) const {
  const std::string_view room = request.parameters.get("room");
  if (auto allowed = caller.may_look_into(room); !allowed) return std::unexpected(allowed.error());
  const auto report = ports_.rooms.room_report(caller.project(), room);
  if (!report) return std::unexpected(report.error());
  return http::json_response(200, to_json(*report));
}

Result<http::Response> Statistics::show_participant(const Caller& caller,
                                                    const http::Request& request) const {
  const std::string_view room = request.parameters.get("room");
  if (auto allowed = caller.may_look_into(room); !allowed) return std::unexpected(allowed.error());
  const auto report = ports_.rooms.participant_report(
      {.project = caller.project(),
       .room_name = std::string(room),
       .identity = std::string(request.parameters.get("identity"))});
  if (!report) return std::unexpected(report.error());
  return http::json_response(200, to_json(*report, WithSeries::Yes));
}

Result<http::Response> Statistics::list_workers(const Caller& caller, const http::Request&) const {
  if (auto allowed = caller.may_list_rooms(); !allowed) return std::unexpected(allowed.error());
  return http::json_response(200, to_json(ports_.workers.worker_loads()));
}

}  // namespace vis::api::v1
