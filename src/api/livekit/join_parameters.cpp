#include "api/livekit/join_parameters.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "api/livekit/inflate.hpp"
#include "api/livekit/messages.hpp"
#include "api/livekit/user_agent.hpp"
#include "api/livekit/wire.hpp"
#include "base/encoding.hpp"
#include "base/limits/api_livekit.hpp"
#include "base/limits/core_rooms.hpp"
#include "http/json.hpp"
#include "http/text.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;

std::unexpected<Error> not_allowed() { return fail(Errc::Unauthenticated, "permissions denied"); }

// ---- the token ----

/// The header wins over the query; one that is not a bearer token is no reason to look further.
Result<std::string_view> find_token(const http::Request& request) {
  if (request.headers.has("Authorization")) {
    const std::string_view token = request.bearer_token();
    if (token.empty()) {
      return fail(Errc::Unauthenticated,
                  "the Authorization header is not of the form Bearer TOKEN");
    }
    return token;
  }
  const std::string_view token = request.query.get("access_token");
  if (token.empty()) return fail(Errc::Unauthenticated, "no access token was given");
  return token;
}

Result<rooms::RoomOptions> room_options(const Claims& claims) {
  if (claims.room_config.empty()) return rooms::RoomOptions{};
  proto::RoomConfiguration config;
  if (!parse_json(claims.room_config, config)) {
    return fail(Errc::Unauthenticated, "roomConfig of the access token is malformed");
  }
  return from_proto(config);
}

/// What a client says of itself beyond its token needs the right to change oneself.
Result<void> describe_self(rooms::JoinRequest& request, std::string_view metadata,
                           const rooms::Attributes& attributes) {
  if (metadata.empty() && attributes.empty()) return {};
  if (!request.permissions.can_update_own_metadata) return not_allowed();
  if (!metadata.empty()) request.metadata = metadata;
  for (const auto& [key, value] : attributes) {
    if (!value.empty()) request.attributes[key] = value;
  }
  return {};
}

// ---- the query of /rtc ----

bool is_true(std::string_view value) { return value == "1" || http::to_lower(value) == "true"; }

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<int> capabilities_from(std::string_view list) {
  std::vector<int> capabilities;
  while (!list.empty() && capabilities.size() < limits::kClientCapabilities) {
    const std::string name(http::trim(http::take_until(list, ',')));
    proto::ClientInfo::Capability capability{};
    if (proto::ClientInfo::Capability_Parse(name, &capability)) capabilities.push_back(capability);
  }
  return capabilities;
}

rooms::ClientInfo client_from(const http::Parameters& query) {
  const auto text = [&](std::string_view name) { return std::string(query.get(name)); };
  std::string sdk = http::to_lower(query.get("sdk"));
  if (sdk == "ios") sdk = "swift";
  return {.sdk = std::move(sdk),
          .version = text("version"),
          .os = text("os"),
          .os_version = text("os_version"),
          .device_model = text("device_model"),
          .browser = text("browser"),
          .browser_version = text("browser_version"),
          .address = {},
          .network = text("network"),
          .protocol = number(query.get("protocol")),
          .client_protocol = number(query.get("client_protocol")),
          .capabilities = capabilities_from(query.get("capabilities"))};
}

Result<rooms::Attributes> attributes_from(std::string_view parameter) {
  rooms::Attributes attributes;
  if (parameter.empty()) return attributes;
  const auto refused = fail(Errc::InvalidArgument, "attributes is not base64url of a JSON object");
  const auto decoded = base64url_decode(parameter);
  if (!decoded) return refused;
  const auto parsed = http::parse_json(as_text(*decoded));
  const json::object* const object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return refused;
  for (const auto& [key, value] : *object) {
    if (!value.is_string()) return refused;
    attributes[std::string(key)] = std::string(value.get_string());
  }
  return attributes;
}

/// An old way to publish beside one's session: a second connection that only sends.
Result<void> become_publisher_only(rooms::JoinRequest& request, std::string_view tag) {
  if (!request.permissions.can_publish) return not_allowed();
  request.identity += '#';
  request.identity += tag;
  request.permissions.can_subscribe = false;
  return {};
}

Result<void> apply_query(const http::Parameters& query, JoinParameters& parameters) {
  rooms::JoinRequest& request = parameters.request;
  request.client = client_from(query);
  request.auto_subscribe = !query.has("auto_subscribe") || is_true(query.get("auto_subscribe"));
  request.adaptive_stream = is_true(query.get("adaptive_stream"));
  request.full_ice = is_true(query.get("disable_ice_lite"));
  if (is_true(query.get("reconnect"))) parameters.resume.emplace(query.get("sid"));

  const auto attributes = attributes_from(query.get("attributes"));
  if (!attributes) return std::unexpected(attributes.error());
  if (auto described = describe_self(request, {}, *attributes); !described) return described;
  const std::string_view tag = query.get("publish");
  return tag.empty() ? Result<void>{} : become_publisher_only(request, tag);
}

// ---- join_request ----

/// Some clients pad, some do not, and not all replace `+` and `/`.
std::optional<ByteVector> decode_base64(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return base64url_decode(text);
}

Result<proto::JoinRequest> decode_join_request(std::string_view parameter) {
  const auto refused = fail(Errc::InvalidArgument, "join_request cannot be decoded");
  const auto bytes = decode_base64(std::string(parameter));
  proto::WrappedJoinRequest wrapped;
  if (!bytes || !parse_bytes(as_text(*bytes), wrapped)) return refused;
  std::string plain = wrapped.join_request();
  if (wrapped.compression() == proto::WrappedJoinRequest::GZIP) {
    auto inflated = gunzip(as_bytes(plain), limits::kJoinRequestBytes);
    if (!inflated) return refused;
    plain = as_text(*inflated);
  } else if (wrapped.compression() != proto::WrappedJoinRequest::NONE) {
    return refused;
  }
  proto::JoinRequest join;
  if (plain.size() > limits::kJoinRequestBytes || !parse_bytes(plain, join)) return refused;
  return join;
}

Result<void> apply_join_request(proto::JoinRequest join, JoinParameters& parameters) {
  rooms::JoinRequest& request = parameters.request;
  const proto::ConnectionSettings& settings = join.connection_settings();
  request.client = from_proto(join.client_info());
  request.single_transport = true;
  request.auto_subscribe = settings.auto_subscribe();
  request.adaptive_stream = settings.adaptive_stream();
  request.full_ice = settings.disable_ice_lite();
  if (join.reconnect()) parameters.resume.emplace(join.participant_sid());
  if (static_cast<std::size_t>(join.add_track_requests_size()) > limits::kPendingTracks) {
    return fail(Errc::InvalidArgument, "join_request announces too many tracks");
  }
  parameters.tracks.assign(join.add_track_requests().begin(), join.add_track_requests().end());
  if (join.has_publisher_offer()) parameters.offer = std::move(*join.mutable_publisher_offer());
  if (join.has_sync_state()) parameters.sync_state = std::move(*join.mutable_sync_state());
  const auto& attributes = join.participant_attributes();
  return describe_self(request, join.metadata(), {attributes.begin(), attributes.end()});
}

Result<void> apply(const http::Request& request, SignalPath path, JoinParameters& parameters) {
  const std::string_view encoded = request.query.get("join_request");
  if (encoded.empty() && path == SignalPath::Rtc) return apply_query(request.query, parameters);
  if (encoded.empty()) return fail(Errc::InvalidArgument, "join_request is missing");
  auto join = decode_join_request(encoded);
  if (!join) return std::unexpected(join.error());
  return apply_join_request(std::move(*join), parameters);
}

}  // namespace

Result<rooms::JoinRequest> join_request(const AccessToken& token) {
  const Claims& claims = token.claims;
  if (!claims.video || !claims.video->room_join) return not_allowed();
  auto options = room_options(claims);
  if (!options) return std::unexpected(options.error());
  return rooms::JoinRequest{.project = token.project,
                            .room_name = claims.video->room,
                            .identity = claims.identity,
                            .name = claims.name,
                            .metadata = claims.metadata,
                            .attributes = claims.attributes,
                            .kind = claims.kind,
                            .kind_details = claims.kind_details,
                            .permissions = resolve(*claims.video),
                            .room_options = std::move(*options),
                            .may_create_room = claims.video->room_create};
}

Result<JoinParameters> read_join(const http::Request& request, SignalPath path,
                                 projects::ProjectService& projects, WallTime now) {
  const auto compact = find_token(request);
  if (!compact) return std::unexpected(compact.error());
  auto token = verify_token(*compact, projects, now);
  if (!token) return std::unexpected(token.error());
  auto base = join_request(*token);
  if (!base) return std::unexpected(base.error());
  JoinParameters parameters{.token = std::move(*token), .request = std::move(*base)};
  if (auto applied = apply(request, path, parameters); !applied) {
    return std::unexpected(applied.error());
  }
  parameters.request.reached_at = request.local;
  rooms::ClientInfo& client = parameters.request.client;
  client.address = request.client.str();
  describe_user_agent(request.headers.get("User-Agent"), client);
  return parameters;
}

}  // namespace vis::api::livekit
