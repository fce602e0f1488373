#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/whip/ports.hpp"
#include "api/whip/session.hpp"
#include "base/metrics.hpp"
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
  Metrics& metrics;
};

/// The door for broadcasting programs and players: WHIP (RFC 9725) at `/whip/{room}` and, with the
/// room that the token names, at `/whip/v1`; WHEP (draft-ietf-wish-whep) at `/whep/{room}`. A
/// publisher is a participant like any other. A player is a hidden one, so that one token may serve
/// many: each session has an identity of its own.
///
/// Control thread. Built and owned by `app`; outlives the web server, whose handlers are its own.
class Door final {
 public:
  explicit Door(Collaborators with);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// `base_path` is empty, or a path without a slash at its end.
  void add_routes(http::Router& router, const std::string& base_path);
  /// Ends what is due. A few times a second.
  void on_tick();
  struct Totals {
    std::size_t publishers = 0;
    std::size_t players = 0;
  };
  Totals totals() const;

 private:
  /// What an endpoint makes of its offers.
  enum class Purpose : std::uint8_t { Publish, Play };

  void add_endpoint(http::Router& router, const std::string& path, Purpose purpose);
  void add_session_routes(http::Router& router, const std::string& path);
  void add_layer_routes(http::Router& router, const std::string& path);

  Task<http::Response> create(Purpose purpose, http::Request request);
  Task<http::Response> patch(http::Request request);
  Task<http::Response> remove(http::Request request);
  Task<http::Response> show(http::Request request);
  Task<http::Response> endpoint_options(http::Request request);
  Task<http::Response> show_layer(http::Request request);
  Task<http::Response> select_layer(http::Request request);
  Task<http::Response> unselect_layer(http::Request request);

  /// What can be refused before the body is read.
  std::optional<http::Response> admit_offer(Purpose purpose, const http::Request& request);
  std::optional<http::Response> admit_fragment(const http::Request& request);
  Result<rooms::JoinRequest> read_token(const http::Request& request);
  Result<rooms::JoinRequest> join_request(Purpose purpose, const http::Request& request);
  Result<void> check_room_for_one(const rooms::JoinRequest& request) const;
  Result<Session::Start> prepare(Purpose purpose, http::Request request);
  Result<void> prepare_publisher(const rooms::OfferSummary& offer, Session::Start& start) const;
  Result<void> prepare_player(const http::Request& request, const rooms::OfferSummary& offer,
                              Session::Start& start);
  /// Whether the request comes from whom the session belongs to.
  Result<void> check_owner(const http::Request& request, const Session& session);
  Result<Session*> find(const http::Request& request);
  Result<Session*> find_player(const http::Request& request);
  Task<http::Response> restart_ice(Session* session, TrickleFragment fragment);
  http::Response created(std::string_view location, const Session& session, std::string answer);

  Collaborators with_;
  Gauge publisher_count_;
  Gauge player_count_;
  std::string base_path_;
  std::unordered_map<std::string, std::unique_ptr<Session>> sessions_;  ///< By participant.
};

}  // namespace vis::api::whip
