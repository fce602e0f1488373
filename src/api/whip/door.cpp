#include "api/whip/door.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "api/whip/responses.hpp"
#include "api/whip/sdp_lines.hpp"
#include "api/whip/track_plan.hpp"
#include "base/limits/api_whip.hpp"
#include "base/log.hpp"
#include "core/rooms/track_description.hpp"
#include "http/json.hpp"
#include "http/parameters.hpp"
#include "http/text.hpp"

namespace vis::api::whip {
namespace {

namespace json = boost::json;

constexpr std::string_view kEndpointMethods = "OPTIONS, POST";
constexpr std::string_view kSessionMethods = "OPTIONS, PATCH, DELETE";
constexpr std::string_view kLayerMethods = "OPTIONS, GET, HEAD, POST, DELETE";
constexpr std::string_view kJsonType = "application/json";
/// The extension of the draft by which a player selects a layer.
constexpr std::string_view kLayerRelation = "urn:ietf:params:whep:ext:core:layer";
/// Sessions understand as much as a client of the room protocol of this number.
constexpr int kClientProtocol = 17;

Task<http::Response> session_options(http::Request request) {
  co_return options_response(request, {kSessionMethods, "Accept-Patch", kFragmentType});
}

Task<http::Response> layer_options(http::Request request) {
  co_return options_response(request, {kLayerMethods, "Accept-Post", kJsonType});
}

http::Response layer_response(rooms::VideoQuality quality) {
  json::array layers;
  for (const std::string_view name : {"low", "medium", "high"}) {
    layers.push_back(json::object{{"encodingId", name}});
  }
  return http::json_response(
      200, json::object{{"encodingId", to_string(quality)}, {"layers", std::move(layers)}});
}

/// `{"encodingId": "low"}` of the draft, or `{"quality": "low"}`.
Result<rooms::VideoQuality> parse_layer(const std::string& body) {
  const auto parsed = http::parse_json(body, limits::kWhepLayerBytes);
  if (!parsed) return std::unexpected(parsed.error());
  const json::object* const object = parsed->if_object();
  if (object == nullptr) return fail(Errc::InvalidArgument, "a layer is a JSON object");
  for (const std::string_view member : {"encodingId", "quality"}) {
    const json::value* const value = object->if_contains(member);
    if (value != nullptr && value->is_string()) return parse_quality(value->get_string());
  }
  return fail(Errc::InvalidArgument, "a layer names its encodingId: low, medium or high");
}

/// Browsers are known by their engine where they must be spoken to in another way.
rooms::ClientInfo client_of(const http::Request& request) {
  rooms::ClientInfo client;
  client.address = request.client.str();
  client.protocol = kClientProtocol;
  if (http::to_lower(request.headers.get("User-Agent")).contains("firefox")) {
    client.browser = "firefox";
  }
  return client;
}

http::Sha256 token_digest(const http::Request& request) {
  return http::sha256(as_bytes(request.bearer_token()));
}

Result<void> check_sources(const rooms::JoinRequest& request,
                           const std::vector<rooms::TrackRequest>& tracks) {
  for (const rooms::TrackRequest& track : tracks) {
    if (!rooms::may_publish(request.permissions, track.source)) {
      return fail(Errc::PermissionDenied,
                  "the access token does not allow to publish " +
                      (track.name.empty() ? std::string("this source") : track.name));
    }
  }
  return {};
}

}  // namespace

Door::Door(Collaborators with)
    : with_(std::move(with)),
      publisher_count_(with_.metrics.gauge(
          {.name = "visavis_whip_publishers", .help = "Sessions that publish over WHIP."})),
      player_count_(with_.metrics.gauge(
          {.name = "visavis_whep_players", .help = "Sessions that play over WHEP."})) {}

void Door::add_routes(http::Router& router, const std::string& base_path) {
  base_path_ = base_path;
  add_endpoint(router, base_path + "/whip/v1", Purpose::Publish);
  add_endpoint(router, base_path + "/whip/{room}", Purpose::Publish);
  add_endpoint(router, base_path + "/whep/{room}", Purpose::Play);
  add_session_routes(router, base_path + "/whep/{room}/{session}");
  add_layer_routes(router, base_path + "/whep/{room}/{session}/layer");
  add_session_routes(router, base_path + "/whip/v1/{session}");
  add_session_routes(router, base_path + "/whip/{room}/{session}");
  // LiveKit's way to ask whether a session is still there. RFC 9725 keeps GET for later.
  router.add(http::Method::Get, base_path + "/whip/v1/{session}",
             [this](http::Request request) { return show(std::move(request)); },
             {.cors = http::Cors::Reflect});
}

void Door::add_endpoint(http::Router& router, const std::string& path, Purpose purpose) {
  router.add(http::Method::Post, path,
             [this, purpose](http::Request request) { return create(purpose, std::move(request)); },
             {.body_bytes_max = limits::kWhipOfferBytes,
              .cors = http::Cors::Reflect,
              .admit = [this, purpose](const http::Request& request) {
                return admit_offer(purpose, request);
              }});
  router.add(http::Method::Options, path,
             [this](http::Request request) { return endpoint_options(std::move(request)); },
             {.cors = http::Cors::Reflect});
}

void Door::add_layer_routes(http::Router& router, const std::string& path) {
  router.add(http::Method::Get, path,
             [this](http::Request request) { return show_layer(std::move(request)); },
             {.cors = http::Cors::Reflect});
  router.add(http::Method::Post, path,
             [this](http::Request request) { return select_layer(std::move(request)); },
             {.body_bytes_max = limits::kWhepLayerBytes, .cors = http::Cors::Reflect});
  router.add(http::Method::Delete, path,
             [this](http::Request request) { return unselect_layer(std::move(request)); },
             {.cors = http::Cors::Reflect});
  router.add(http::Method::Options, path, layer_options, {.cors = http::Cors::Reflect});
}

void Door::add_session_routes(http::Router& router, const std::string& path) {
  router.add(http::Method::Patch, path,
             [this](http::Request request) { return patch(std::move(request)); },
             {.body_bytes_max = limits::kTrickleFragmentBytes,
              .cors = http::Cors::Reflect,
              .admit = [this](const http::Request& request) { return admit_fragment(request); }});
  router.add(http::Method::Delete, path,
             [this](http::Request request) { return remove(std::move(request)); },
             {.cors = http::Cors::Reflect});
  router.add(http::Method::Options, path, session_options, {.cors = http::Cors::Reflect});
}

void Door::on_tick() {
  const rooms::Now now = with_.now();
  for (const auto& [sid, session] : sessions_) session->on_tick(now);
  std::erase_if(sessions_, [](const auto& entry) { return !entry.second->live(); });
  const Totals now_open = totals();
  publisher_count_.set(static_cast<double>(now_open.publishers));
  player_count_.set(static_cast<double>(now_open.players));
}

Door::Totals Door::totals() const {
  Totals totals;
  for (const auto& [sid, session] : sessions_) {
    ++(session->plays() ? totals.players : totals.publishers);
  }
  return totals;
}

// ---- who may ----

Result<rooms::JoinRequest> Door::read_token(const http::Request& request) {
  const std::string_view token = request.bearer_token();
  if (token.empty()) {
    return fail(Errc::Unauthenticated, "an access token is needed: Authorization: Bearer TOKEN");
  }
  return with_.tokens.read(token);
}

Result<rooms::JoinRequest> Door::join_request(Purpose purpose, const http::Request& request) {
  auto join = read_token(request);
  if (!join) return join;
  const auto room = request.parameters.find("room");
  if (room && *room != join->room_name) {
    return fail(Errc::PermissionDenied, "the access token is for another room");
  }
  const bool publishes = purpose == Purpose::Publish;
  if (publishes && !join->permissions.can_publish) {
    return fail(Errc::PermissionDenied, "the access token does not allow to publish");
  }
  if (!publishes && !join->permissions.can_subscribe) {
    return fail(Errc::PermissionDenied, "the access token does not allow to subscribe");
  }
  if (publishes) {
    join->permissions.can_subscribe = false;
  } else {
    join->permissions.can_publish = join->permissions.can_publish_data = false;
    join->permissions.hidden = true;
  }
  join->auto_subscribe = false;
  join->single_transport = true;
  join->client = client_of(request);
  join->reached_at = request.local;
  return join;
}

/// A token that has expired since still ends the session that it began.
Result<void> Door::check_owner(const http::Request& request, const Session& session) {
  if (constant_time_equal(token_digest(request), session.token())) return {};
  const auto join = read_token(request);
  if (!join) return std::unexpected(join.error());
  const rooms::JoinRequest& owner = session.request();
  if (join->project != owner.project || join->room_name != owner.room_name ||
      join->identity != session.owner()) {
    return fail(Errc::PermissionDenied, "the session belongs to another access token");
  }
  return {};
}

Result<Session*> Door::find(const http::Request& request) {
  const auto found = sessions_.find(std::string(request.parameters.get("session")));
  const auto room = request.parameters.find("room");
  if (found == sessions_.end() || !found->second->live() ||
      (room && *room != found->second->request().room_name)) {
    return fail(Errc::NotFound, "there is no such session, or it has ended");
  }
  if (auto owner = check_owner(request, *found->second); !owner) {
    return std::unexpected(owner.error());
  }
  return found->second.get();
}

Result<void> Door::check_room_for_one(const rooms::JoinRequest& request) const {
  if (sessions_.size() >= limits::kWhipSessions) {
    return fail(Errc::Unavailable, "this server has as many sessions as it can hold");
  }
  const auto in_room = std::ranges::count_if(sessions_, [&](const auto& entry) {
    const rooms::JoinRequest& other = entry.second->request();
    return entry.second->live() && other.project == request.project &&
           other.room_name == request.room_name;
  });
  if (static_cast<std::size_t>(in_room) >= limits::kWhipSessionsPerRoom) {
    return fail(Errc::LimitExceeded, "the room has as many sessions as it can hold");
  }
  return {};
}

// ---- POST ----

std::optional<http::Response> Door::admit_offer(Purpose purpose, const http::Request& request) {
  if (auto join = join_request(purpose, request); !join) return refusal(join.error());
  if (request.media_type() != kSdpType) {
    return unsupported_media_type(kSdpType).with("Accept-Post", kSdpType);
  }
  if (!accepts(request, kSdpType)) return not_acceptable();
  return std::nullopt;
}

Result<Session::Start> Door::prepare(Purpose purpose, http::Request request) {
  auto join = join_request(purpose, request);
  if (!join) return std::unexpected(join.error());
  Session::Start start{.request = *std::move(join), .token = token_digest(request)};
  start.owner = start.request.identity;
  start.offer = purpose == Purpose::Play ? receiving_only(request.body) : request.body;
  const auto offer = with_.offers.read(start.offer);
  if (!offer) return std::unexpected(offer.error());
  start.ice = {.ufrag = offer->ice_ufrag, .pwd = offer->ice_pwd};
  auto prepared = purpose == Purpose::Play ? prepare_player(request, *offer, start)
                                           : prepare_publisher(*offer, start);
  if (!prepared) return std::unexpected(prepared.error());
  if (auto room = check_room_for_one(start.request); !room) return std::unexpected(room.error());
  return start;
}

Result<void> Door::prepare_publisher(const rooms::OfferSummary& offer,
                                     Session::Start& start) const {
  auto tracks = plan_tracks(offer);
  if (!tracks) return std::unexpected(tracks.error());
  start.tracks = *std::move(tracks);
  return check_sources(start.request, start.tracks);
}

Result<void> Door::prepare_player(const http::Request& request, const rooms::OfferSummary& offer,
                                  Session::Start& start) {
  auto viewer = plan_viewing(offer);
  if (!viewer) return std::unexpected(viewer.error());
  if (const auto quality = request.query.find("quality")) {
    const auto parsed = parse_quality(*quality);
    if (!parsed) return std::unexpected(parsed.error());
    viewer->quality = *parsed;
  }
  viewer->participant = request.query.get("participant");
  start.request.viewer = *std::move(viewer);
  // A player page has one token for all who open it, who must not take each other's place.
  start.request.identity += random_id(with_.random, "#whep-", 8);
  return {};
}

Task<http::Response> Door::create(Purpose purpose, http::Request request) {
  const auto room = request.parameters.find("room");
  const std::string endpoint = base_path_ + (purpose == Purpose::Play ? "/whep/" : "/whip/") +
                               (room ? http::percent_encode(*room) : std::string("v1"));
  auto start = prepare(purpose, std::move(request));
  if (!start) co_return refusal(start.error());
  const Session::Surroundings around{
      .rooms = with_.rooms, .random = with_.random, .now = with_.now};
  auto made = std::make_unique<Session>(around, *std::move(start));
  if (auto joined = made->join(); !joined) co_return refusal(joined.error());
  const std::string sid = made->sid().str();
  Session* const session = sessions_.emplace(sid, std::move(made)).first->second.get();
  auto answer = co_await session->exchange();
  if (!answer) {
    sessions_.erase(sid);
    co_return refusal(answer.error());
  }
  const auto still = sessions_.find(sid);
  if (still == sessions_.end() || !still->second->live()) {
    co_return refusal({Errc::Unavailable, "the session was ended by the server"});
  }
  log::info(purpose == Purpose::Play ? "whep.created" : "whip.created", {{"participant", sid}});
  co_return created(endpoint + '/' + sid, *still->second, *std::move(answer));
}

http::Response Door::created(std::string_view location, const Session& session,
                             std::string answer) {
  http::Response response{.status = 201, .body = std::move(answer)};
  response.headers.set("Content-Type", kSdpType);
  response.headers.set("Location", location);
  response.headers.set("ETag", session.etag());
  response.headers.set("Accept-Patch", kFragmentType);
  response.headers.set("Cache-Control", "no-store");
  add_ice_servers(response, with_.ice_servers(session.request()));
  if (session.plays()) {
    response.headers.add("Link", fmt::format("<{}/layer>; rel=\"{}\"", location, kLayerRelation));
  }
  return response;
}

/// RFC 9725 section 4.6: who has a token may ask for the ICE servers beforehand.
Task<http::Response> Door::endpoint_options(http::Request request) {
  http::Response response = options_response(request, {kEndpointMethods, "Accept-Post", kSdpType});
  if (const auto join = read_token(request)) add_ice_servers(response, with_.ice_servers(*join));
  co_return response;
}

// ---- PATCH, DELETE, GET ----

std::optional<http::Response> Door::admit_fragment(const http::Request& request) {
  if (auto session = find(request); !session) return refusal(session.error());
  if (request.media_type() == kFragmentType) return std::nullopt;
  return unsupported_media_type(kFragmentType).with("Accept-Patch", kFragmentType);
}

Task<http::Response> Door::patch(http::Request request) {
  const auto session = find(request);
  if (!session) co_return refusal(session.error());
  const IfMatch match = if_match(request, (*session)->etag());
  if (match == IfMatch::Differs) co_return precondition_failed();
  auto fragment = TrickleFragment::parse(request.body);
  if (!fragment) co_return refusal({Errc::InvalidArgument, fragment.error().message});
  const bool restarts = (*session)->is_restart(*fragment);
  // Players in use forget the header. Candidates that name their ICE session do no harm without it.
  const bool named = (*session)->plays() && !fragment->ufrag.empty() && !restarts;
  if (match == IfMatch::Absent && !named) co_return precondition_required();
  if (restarts) {
    co_return co_await restart_ice(*session, *std::move(fragment));
  }
  (*session)->add_candidates(*fragment);
  co_return http::empty_response(204);
}

Task<http::Response> Door::restart_ice(Session* session, TrickleFragment fragment) {
  if (session->busy()) co_return conflict("the ICE session is being made", 1);
  session->restart_ice(fragment);
  const std::string sid = session->sid().str();
  const std::string etag = session->etag();
  const auto answer = co_await session->exchange();
  if (!answer) co_return refusal(answer.error());
  http::Response response{.body = ice_of(*answer).to_text(first_mid(*answer))};
  response.headers.set("Content-Type", kFragmentType);
  response.headers.set("ETag", etag);
  log::info("whip.ice_restarted", {{"participant", sid}});
  co_return response;
}

Task<http::Response> Door::remove(http::Request request) {
  const auto session = find(request);
  if (!session) co_return refusal(session.error());
  const std::string sid = (*session)->sid().str();
  const bool played = (*session)->plays();
  sessions_.erase(sid);
  log::info(played ? "whep.ended" : "whip.ended", {{"participant", sid}});
  co_return http::empty_response(200);
}

Task<http::Response> Door::show(http::Request request) {
  const auto session = find(request);
  if (!session) co_return refusal(session.error());
  co_return http::empty_response(204);
}

// ---- layers ----

Result<Session*> Door::find_player(const http::Request& request) {
  auto session = find(request);
  if (session && !(*session)->plays()) return fail(Errc::NotFound, "the session plays nothing");
  return session;
}

Task<http::Response> Door::show_layer(http::Request request) {
  const auto session = find_player(request);
  if (!session) co_return refusal(session.error());
  co_return layer_response((*session)->quality());
}

Task<http::Response> Door::select_layer(http::Request request) {
  const auto session = find_player(request);
  if (!session) co_return refusal(session.error());
  if (request.media_type() != kJsonType) {
    co_return unsupported_media_type(kJsonType).with("Accept-Post", kJsonType);
  }
  const auto quality = parse_layer(request.body);
  if (!quality) co_return refusal({Errc::InvalidArgument, quality.error().message});
  (*session)->set_quality(*quality);
  co_return layer_response(*quality);
}

Task<http::Response> Door::unselect_layer(http::Request request) {
  const auto session = find_player(request);
  if (!session) co_return refusal(session.error());
  (*session)->set_quality(rooms::VideoQuality::High);
  co_return layer_response(rooms::VideoQuality::High);
}

}  // namespace vis::api::whip
