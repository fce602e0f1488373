#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/whip/ports.hpp"
#include "api/whip/session.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/rooms/offer_reader.hpp"
#include "http/router.hpp"

namespace vis::api::whip {

/// What the door needs of the server; all outlives it.
struct Collaborators {
  rooms::RoomService& rooms;
  const rooms::OfferReader& offers;
  TokenReader& tokens;
  RandomSource& random;
  Clock now;
  IceServers ice_servers;
};

/// The door for broadcasting programs: WHIP (RFC 9725), at `/whip/{room}` and, with the room that
/// the token names, at `/whip/v1`. A publisher is a participant like any other.
///
/// Control thread. Built and owned by `app`; outlives the web server, whose handlers are its own.
class Door final {
 public:
  explicit Door(Collaborators with) : with_(std::move(with)) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// `base_path` is empty, or a path without a slash at its end.
  void add_routes(http::Router& router, const std::string& base_path);
  /// Ends what is due. A few times a second.
  void on_tick();
  std::size_t sessions() const { return sessions_.size(); }

 private:
  void add_endpoint(http::Router& router, const std::string& path);
  void add_session_routes(http::Router& router, const std::string& path);

  Task<http::Response> publish(http::Request request);
  Task<http::Response> patch(http::Request request);
  Task<http::Response> remove(http::Request request);
  Task<http::Response> show(http::Request request);

  /// What can be refused before the body is read.
  std::optional<http::Response> admit_offer(const http::Request& request);
  std::optional<http::Response> admit_fragment(const http::Request& request);
  Result<rooms::JoinRequest> read_token(const http::Request& request);
  Result<rooms::JoinRequest> join_request(const http::Request& request);
  Result<void> check_room_for_one(const rooms::JoinRequest& request) const;
  Result<Session::Start> prepare(http::Request request);
  /// Whether the request comes from whom the session belongs to.
  Result<void> check_owner(const http::Request& request, const Session& session);
  Result<Session*> find(const http::Request& request);
  Task<http::Response> restart_ice(Session* session, TrickleFragment fragment);
  http::Response created(std::string_view location, const Session& session, std::string answer);

  Collaborators with_;
  std::string base_path_;
  std::unordered_map<std::string, std::unique_ptr<Session>> sessions_;  ///< By participant.
};

}  // namespace vis::api::whip
