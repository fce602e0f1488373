#include "api/livekit/access_token.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "api/livekit/proto/livekit.pb.h"
#include "http/jwt.hpp"
#include "http/text.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;
namespace proto = ::livekit;

using rooms::ParticipantKind;
using rooms::TrackSource;

// In the order of the enumerators' values.
constexpr std::string_view kKinds[] = {"standard", "ingress",   "egress", "sip",
                                       "agent",    "connector", "bridge"};
constexpr std::string_view kSources[] = {"unknown", "camera", "microphone", "screen_share",
                                         "screen_share_audio"};
static_assert(std::size(kKinds) == std::to_underlying(ParticipantKind::Bridge) + 1);
static_assert(std::size(kSources) == std::to_underlying(TrackSource::ScreenShareAudio) + 1);

template <typename Enum, std::size_t kCount>
Enum named(const std::string_view (&names)[kCount], std::string_view name) {
  const auto* const found = std::ranges::find(names, http::to_lower(name));
  return found == std::end(names) ? Enum{} : static_cast<Enum>(found - std::begin(names));
}

/// Reads members of one object. One of the wrong type marks the whole as bad; null counts as
/// absent.
class Reader final {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  bool ok() const { return ok_; }

  void read(std::string_view name, bool& field) {
    if (const json::value* value = find(name)) take_bool(*value, field);
  }
  void read(std::string_view name, std::optional<bool>& field) {
    if (const json::value* value = find(name)) take_bool(*value, field.emplace());
  }
  void read(std::string_view name, std::string& field) {
    if (const json::value* value = find(name)) take_text(*value, field);
  }
  void read(std::string_view name, rooms::Attributes& field) {
    const json::value* const value = find(name);
    if (value == nullptr) return;
    ok_ = ok_ && value->is_object();
    if (!ok_) return;
    for (const auto& [key, text] : value->get_object()) take_text(text, field[std::string(key)]);
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> found;
    const json::value* const value = find(name);
    if (value == nullptr) return found;
    ok_ = ok_ && value->is_array();
    if (!ok_) return found;
    for (const json::value& each : value->get_array()) take_text(each, found.emplace_back());
    return found;
  }
  const json::object* object(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) return nullptr;
    ok_ = ok_ && value->is_object();
    return value->if_object();
  }

 private:
  const json::value* find(std::string_view name) const {
    const json::value* const value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  void take_bool(const json::value& value, bool& field) {
    ok_ = ok_ && value.is_bool();
    if (ok_) field = value.get_bool();
  }
  void take_text(const json::value& value, std::string& field) {
    ok_ = ok_ && value.is_string();
    if (ok_) field = std::string(value.get_string());
  }

  const json::object& object_;
  bool ok_ = true;
};

/// Shows every plain field of the grant under its name, to read and to write.
template <typename Visitor, typename Grant>
void visit_fields(Visitor&& visit, Grant& grant) {
  visit("roomJoin", grant.room_join);
  visit("room", grant.room);
  visit("canPublish", grant.can_publish);
  visit("canSubscribe", grant.can_subscribe);
  visit("canPublishData", grant.can_publish_data);
  visit("canUpdateOwnMetadata", grant.can_update_own_metadata);
  visit("canSubscribeMetrics", grant.can_subscribe_metrics);
  visit("canManageAgentSession", grant.can_manage_agent_session);
  visit("hidden", grant.hidden);
  visit("recorder", grant.recorder);
  visit("agent", grant.agent);
  visit("roomCreate", grant.room_create);
  visit("roomList", grant.room_list);
  visit("roomRecord", grant.room_record);
  visit("roomAdmin", grant.room_admin);
  visit("ingressAdmin", grant.ingress_admin);
  visit("destinationRoom", grant.destination_room);
}

std::optional<VideoGrant> parse_video(const json::object& object) {
  VideoGrant grant;
  Reader reader(object);
  visit_fields([&](const char* name, auto& field) { reader.read(name, field); }, grant);
  for (const std::string& source : reader.texts("canPublishSources")) {
    grant.publish_sources.push_back(named<TrackSource>(kSources, source));
  }
  if (!reader.ok()) return std::nullopt;
  return grant;
}

/// Writes members that differ from their default.
class Writer final {
 public:
  void operator()(const char* name, bool value) {
    if (value) object[name] = true;
  }
  void operator()(const char* name, const std::optional<bool>& value) {
    if (value) object[name] = *value;
  }
  void operator()(const char* name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  }

  json::object object;
};

json::object to_json(const VideoGrant& grant) {
  Writer writer;
  visit_fields(writer, grant);
  if (!grant.publish_sources.empty()) {
    json::array& sources = writer.object["canPublishSources"].emplace_array();
    for (const TrackSource source : grant.publish_sources) {
      sources.emplace_back(kSources[std::to_underlying(source)]);
    }
  }
  return std::move(writer.object);
}

std::vector<int> kind_details_from(const std::vector<std::string>& names) {
  std::vector<int> details;
  for (std::string name : names) {
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    proto::ParticipantInfo::KindDetail detail{};
    if (proto::ParticipantInfo::KindDetail_Parse(name, &detail)) details.push_back(detail);
  }
  return details;
}

std::unexpected<Error> malformed() {
  return fail(Errc::Unauthenticated, "the access token is malformed");
}

WallTime expiry_of(const http::Jwt& token) {
  boost::system::error_code wrong;
  const json::value* const exp = token.claims().if_contains("exp");
  const auto seconds = exp != nullptr ? exp->to_number<double>(wrong) : 0.0;
  // Times beyond this are as good as for ever, and would overflow as nanoseconds.
  constexpr double kFarFutureS = 8e9;
  const double bounded = wrong ? 0.0 : std::clamp(seconds, 0.0, kFarFutureS);
  return wall_from_unix_ms(static_cast<std::int64_t>(bounded) * 1000);
}

}  // namespace

rooms::Permissions resolve(const VideoGrant& grant) {
  rooms::Permissions permissions;
  permissions.can_subscribe = grant.can_subscribe.value_or(true);
  permissions.can_publish = grant.can_publish.value_or(true);
  permissions.can_publish_data = grant.can_publish_data.value_or(permissions.can_publish);
  permissions.can_update_own_metadata = grant.can_update_own_metadata;
  permissions.can_subscribe_metrics = grant.can_subscribe_metrics;
  permissions.can_manage_agent_session = grant.can_manage_agent_session;
  permissions.hidden = grant.hidden;
  permissions.recorder = grant.recorder;
  permissions.agent = grant.agent;
  permissions.publish_sources = grant.publish_sources;
  return permissions;
}

VideoGrant explicit_grant(const rooms::Permissions& permissions, VideoGrant original) {
  original.can_subscribe = permissions.can_subscribe;
  original.can_publish = permissions.can_publish;
  original.can_publish_data = permissions.can_publish_data;
  original.can_update_own_metadata = permissions.can_update_own_metadata;
  original.can_subscribe_metrics = permissions.can_subscribe_metrics;
  original.can_manage_agent_session = permissions.can_manage_agent_session;
  original.hidden = permissions.hidden;
  original.recorder = permissions.recorder;
  original.agent = permissions.agent;
  original.publish_sources = permissions.publish_sources;
  return original;
}

Result<Claims> parse_claims(const json::object& object) {
  Claims claims;
  Reader reader(object);
  reader.read("sub", claims.identity);
  if (claims.identity.empty()) reader.read("jti", claims.identity);
  reader.read("name", claims.name);
  reader.read("metadata", claims.metadata);
  reader.read("attributes", claims.attributes);
  reader.read("roomPreset", claims.room_preset);
  std::string kind;
  reader.read("kind", kind);
  claims.kind = named<ParticipantKind>(kKinds, kind);
  claims.kind_details = kind_details_from(reader.texts("kindDetails"));
  if (const json::object* config = reader.object("roomConfig")) {
    claims.room_config = json::serialize(*config);
  }
  if (const json::object* video = reader.object("video")) {
    claims.video = parse_video(*video);
    if (!claims.video) return malformed();
    if (claims.video->agent) claims.kind = ParticipantKind::Agent;
  }
  if (!reader.ok()) return malformed();
  return claims;
}

json::object to_json(const Claims& claims) {
  Writer writer;
  writer("sub", claims.identity);
  writer("name", claims.name);
  writer("metadata", claims.metadata);
  writer("roomPreset", claims.room_preset);
  json::object& object = writer.object;
  if (claims.kind != ParticipantKind::Standard) {
    object["kind"] = kKinds[std::to_underlying(claims.kind)];
  }
  if (!claims.kind_details.empty()) {
    json::array& details = object["kindDetails"].emplace_array();
    for (const int detail : claims.kind_details) {
      details.emplace_back(http::to_lower(proto::ParticipantInfo::KindDetail_Name(detail)));
    }
  }
  if (!claims.attributes.empty()) {
    json::object& attributes = object["attributes"].emplace_object();
    for (const auto& [key, value] : claims.attributes) attributes[key] = value;
  }
  if (claims.video) object["video"] = to_json(*claims.video);
  if (!claims.room_config.empty()) object["roomConfig"] = json::parse(claims.room_config);
  return std::move(writer.object);
}

Result<AccessToken> verify_token(std::string_view compact, projects::ProjectService& projects,
                                 WallTime now) {
  const auto token = http::Jwt::parse(compact);
  if (!token) return std::unexpected(token.error());
  const projects::ApiKeyId issuer{token->issuer()};
  const projects::ApiKey* const key = projects.find_key(issuer);
  if (key == nullptr) {
    return fail(Errc::Unauthenticated, "the API key of the access token is unknown");
  }
  if (!token->signed_with(key->secret)) {
    return fail(Errc::Unauthenticated, "the signature of the access token is wrong");
  }
  if (auto timely = token->check_times(now, kTokenLeeway); !timely) {
    return std::unexpected(timely.error());
  }
  auto claims = parse_claims(token->claims());
  if (!claims) return std::unexpected(claims.error());
  projects.record_use(issuer, now);
  return AccessToken{.key = issuer,
                     .project = key->project,
                     .expires_at = expiry_of(*token),
                     .claims = std::move(*claims)};
}

}  // namespace vis::api::livekit
