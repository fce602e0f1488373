#include "core/rooms/snapshot.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace vis::core::rooms {
namespace {

namespace json = boost::json;

// ---- names of enumerators, in the order of their values ----

constexpr std::string_view kTrackKinds[] = {"audio", "video"};
constexpr std::string_view kTrackSources[] = {"unknown", "camera", "microphone", "screen_share",
                                              "screen_share_audio"};
constexpr std::string_view kParticipantStates[] = {"joining", "joined", "active", "disconnected"};
constexpr std::string_view kParticipantKinds[] = {"standard", "ingress",   "egress", "sip",
                                                  "agent",    "connector", "bridge"};
constexpr std::string_view kVideoQualities[] = {"low", "medium", "high", "off"};
constexpr std::string_view kLayerModes[] = {"unused", "one_spatial_per_stream",
                                            "multiple_spatial_per_stream"};
constexpr std::string_view kEncryptions[] = {"none", "gcm", "custom"};
constexpr std::string_view kLeaveReasons[] = {
    "unknown",         "client_initiated",    "duplicate_identity",
    "server_shutdown", "participant_removed", "room_deleted",
    "state_mismatch",  "join_failure",        "migration",
    "signal_close",    "room_closed",         "user_unavailable",
    "user_rejected",   "sip_trunk_failure",   "connection_timeout",
    "media_failure",   "agent_error"};
static_assert(std::size(kLeaveReasons) == std::to_underlying(LeaveReason::AgentError) + 1);
static_assert(std::size(kTrackSources) == std::to_underlying(TrackSource::ScreenShareAudio) + 1);
static_assert(std::size(kParticipantKinds) == std::to_underlying(ParticipantKind::Bridge) + 1);
static_assert(std::size(kParticipantStates) ==
              std::to_underlying(ParticipantState::Disconnected) + 1);
static_assert(std::size(kVideoQualities) == std::to_underlying(VideoQuality::Off) + 1);
static_assert(std::size(kLayerModes) ==
              std::to_underlying(VideoLayerMode::MultipleSpatialPerStream) + 1);
static_assert(std::size(kEncryptions) == std::to_underlying(EncryptionType::Custom) + 1);

constexpr auto& names(TrackKind) { return kTrackKinds; }
constexpr auto& names(TrackSource) { return kTrackSources; }
constexpr auto& names(ParticipantState) { return kParticipantStates; }
constexpr auto& names(ParticipantKind) { return kParticipantKinds; }
constexpr auto& names(VideoQuality) { return kVideoQualities; }
constexpr auto& names(VideoLayerMode) { return kLayerModes; }
constexpr auto& names(EncryptionType) { return kEncryptions; }
constexpr auto& names(LeaveReason) { return kLeaveReasons; }

// ---- one field list per struct, walked to write and to read ----

/// Writes each field it is shown into an object.
class Writer final {
 public:
  template <typename T>
  void operator()(const char* name, const T& field) {
    object_[name] = value_of(field);
  }
  json::object take() { return std::move(object_); }

  template <typename T>
  static json::value value_of(const T& field);

 private:
  json::object object_;
};

/// Fills each field it is shown from an object; leaves those that are missing or of another kind.
class Reader final {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  template <typename T>
  void operator()(const char* name, T& field) {
    if (const json::value* const found = object_.if_contains(name)) read(*found, field);
  }

  template <typename T>
  static void read(const json::value& value, T& field);

 private:
  const json::object& object_;
};

template <typename Visitor, typename Layer>
  requires std::is_same_v<std::remove_const_t<Layer>, VideoLayer>
void visit_fields(Visitor& visit, Layer& layer) {
  visit("quality", layer.quality);
  visit("width", layer.width);
  visit("height", layer.height);
  visit("bitrate_bps", layer.bitrate_bps);
  visit("spatial_layer", layer.spatial_layer);
  visit("rid", layer.rid);
}

template <typename Visitor, typename Codec>
  requires std::is_same_v<std::remove_const_t<Codec>, TrackCodec>
void visit_fields(Visitor& visit, Codec& codec) {
  visit("mime_type", codec.mime_type);
  visit("mid", codec.mid);
  visit("cid", codec.cid);
  visit("layers", codec.layers);
  visit("layer_mode", codec.layer_mode);
}

template <typename Visitor, typename Track>
  requires std::is_same_v<std::remove_const_t<Track>, TrackInfo>
void visit_fields(Visitor& visit, Track& track) {
  visit("sid", track.sid);
  visit("kind", track.kind);
  visit("source", track.source);
  visit("name", track.name);
  visit("mime_type", track.mime_type);
  visit("mid", track.mid);
  visit("stream", track.stream);
  visit("muted", track.muted);
  visit("simulcast", track.simulcast);
  visit("disable_dtx", track.disable_dtx);
  visit("disable_red", track.disable_red);
  visit("stereo", track.stereo);
  visit("width", track.width);
  visit("height", track.height);
  visit("layers", track.layers);
  visit("codecs", track.codecs);
  visit("encryption", track.encryption);
  visit("audio_features", track.audio_features);
  visit("backup_codec_policy", track.backup_codec_policy);
  visit("changed_at_ms", track.changed_at);
}

template <typename Visitor, typename Rights>
  requires std::is_same_v<std::remove_const_t<Rights>, Permissions>
void visit_fields(Visitor& visit, Rights& rights) {
  visit("can_subscribe", rights.can_subscribe);
  visit("can_publish", rights.can_publish);
  visit("can_publish_data", rights.can_publish_data);
  visit("can_update_own_metadata", rights.can_update_own_metadata);
  visit("can_subscribe_metrics", rights.can_subscribe_metrics);
  visit("can_manage_agent_session", rights.can_manage_agent_session);
  visit("hidden", rights.hidden);
  visit("recorder", rights.recorder);
  visit("agent", rights.agent);
  visit("publish_sources", rights.publish_sources);
}

template <typename Visitor, typename Participant>
  requires std::is_same_v<std::remove_const_t<Participant>, ParticipantInfo>
void visit_fields(Visitor& visit, Participant& participant) {
  visit("sid", participant.sid);
  visit("identity", participant.identity);
  visit("name", participant.name);
  visit("metadata", participant.metadata);
  visit("attributes", participant.attributes);
  visit("state", participant.state);
  visit("kind", participant.kind);
  visit("kind_details", participant.kind_details);
  visit("permissions", participant.permissions);
  visit("tracks", participant.tracks);
  visit("joined_at_ms", participant.joined_at);
  visit("version", participant.version);
  visit("is_publisher", participant.is_publisher);
  visit("client_protocol", participant.client_protocol);
  visit("capabilities", participant.capabilities);
  visit("disconnect_reason", participant.disconnect_reason);
}

template <typename Visitor, typename Room>
  requires std::is_same_v<std::remove_const_t<Room>, RoomInfo>
void visit_fields(Visitor& visit, Room& room) {
  visit("sid", room.sid);
  visit("project", room.project);
  visit("name", room.name);
  visit("metadata", room.metadata);
  visit("created_at_ms", room.created_at);
  visit("empty_timeout_s", room.empty_timeout);
  visit("departure_timeout_s", room.departure_timeout);
  visit("max_participants", room.max_participants);
  visit("participants", room.participants);
  visit("publishers", room.publishers);
  visit("active_recording", room.active_recording);
}

// ---- single values ----

template <typename T>
constexpr bool kIsVector = false;
template <typename T>
constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
constexpr bool kIsId = false;
template <typename Tag>
constexpr bool kIsId<Id<Tag>> = true;

template <typename T>
json::value Writer::value_of(const T& field) {
  if constexpr (std::is_enum_v<T>) {
    return json::value(names(field)[std::to_underlying(field)]);
  } else if constexpr (kIsId<T>) {
    return json::value(field.str());
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return json::value(unix_ms(field));
  } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
    return json::value(field.count());
  } else if constexpr (std::is_same_v<T, Attributes>) {
    json::object object;
    for (const auto& [key, text] : field) object[key] = text;
    return object;
  } else if constexpr (kIsVector<T>) {
    json::array array;
    for (const auto& each : field) array.push_back(value_of(each));
    return array;
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    Writer nested;
    visit_fields(nested, field);
    return nested.take();
  } else {
    return json::value(field);
  }
}

void read_number(const json::value& value, auto& field) {
  boost::system::error_code wrong;
  const auto number = value.to_number<std::remove_reference_t<decltype(field)>>(wrong);
  if (!wrong) field = number;
}

template <typename T>
void Reader::read(const json::value& value, T& field) {
  if constexpr (std::is_enum_v<T>) {
    const auto& known = names(field);
    const auto* const text = value.if_string();
    const auto* const found = text ? std::ranges::find(known, std::string_view(*text)) : nullptr;
    if (found != nullptr && found != std::end(known)) field = T(found - std::begin(known));
  } else if constexpr (std::is_same_v<T, bool>) {
    if (value.is_bool()) field = value.get_bool();
  } else if constexpr (std::is_arithmetic_v<T>) {
    read_number(value, field);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (value.is_string()) field = std::string(value.get_string());
  } else if constexpr (kIsId<T>) {
    if (value.is_string()) field = T(std::string(value.get_string()));
  } else if constexpr (std::is_same_v<T, WallTime>) {
    std::int64_t ms = unix_ms(field);
    read_number(value, ms);
    field = wall_from_unix_ms(ms);
  } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
    std::int64_t count = field.count();
    read_number(value, count);
    field = T(count);
  } else if constexpr (std::is_same_v<T, Attributes>) {
    if (!value.is_object()) return;
    for (const auto& [key, text] : value.get_object()) read(text, field[std::string(key)]);
  } else if constexpr (kIsVector<T>) {
    if (!value.is_array()) return;
    field.resize(value.get_array().size());
    for (std::size_t i = 0; i < field.size(); ++i) read(value.get_array()[i], field[i]);
  } else if (value.is_object()) {
    Reader nested(value.get_object());
    visit_fields(nested, field);
  }
}

template <typename T>
std::string written(const T& value) {
  return json::serialize(Writer::value_of(value));
}

template <typename T>
std::optional<T> read_part(const json::object& data, const char* name) {
  const json::value* const part = data.if_contains(name);
  if (part == nullptr || !part->is_object()) return std::nullopt;
  T value;
  Reader::read(*part, value);
  return value;
}

}  // namespace

std::string to_json(const RoomInfo& room) { return written(room); }
std::string to_json(const ParticipantInfo& participant) { return written(participant); }
std::string to_json(const TrackInfo& track) { return written(track); }

std::string to_brief_json(const RoomInfo& room) {
  const json::object brief{{"sid", room.sid.str()}, {"name", room.name}};
  return json::serialize(brief);
}

std::string to_brief_json(const ParticipantInfo& participant) {
  const json::object brief{{"sid", participant.sid.str()},
                           {"identity", participant.identity},
                           {"name", participant.name}};
  return json::serialize(brief);
}

std::string_view name_of(LeaveReason reason) { return kLeaveReasons[std::to_underlying(reason)]; }

std::string event_data(const EventParts& parts) {
  std::string data = "{\"room\":" + parts.room;
  if (!parts.participant.empty()) data += ",\"participant\":" + parts.participant;
  if (!parts.track.empty()) data += ",\"track\":" + parts.track;
  if (!parts.reason.empty()) data += ",\"reason\":" + json::serialize(parts.reason);
  return data + "}";
}

Result<EventContent> parse_event_data(std::string_view data) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(data, malformed);
  const json::object* const object = malformed ? nullptr : parsed.if_object();
  auto room = object == nullptr ? std::nullopt : read_part<RoomInfo>(*object, "room");
  if (!room) return fail(Errc::Internal, "the data of a stored event is damaged");
  EventContent content{.room = std::move(*room),
                       .participant = read_part<ParticipantInfo>(*object, "participant"),
                       .track = read_part<TrackInfo>(*object, "track"),
                       .reason = {}};
  Reader reader(*object);
  reader("reason", content.reason);
  return content;
}

}  // namespace vis::core::rooms
