#include "api/livekit/messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/limits/api_livekit.hpp"

namespace vis::api::livekit {
namespace {

proto::TrackType to_proto(rooms::TrackKind kind) {
  return kind == rooms::TrackKind::Audio ? proto::AUDIO : proto::VIDEO;
}

proto::ParticipantInfo::State to_proto(rooms::ParticipantState state) {
  switch (state) {
    case rooms::ParticipantState::Joining: return proto::ParticipantInfo::JOINING;
    case rooms::ParticipantState::Joined: return proto::ParticipantInfo::JOINED;
    case rooms::ParticipantState::Active: return proto::ParticipantInfo::ACTIVE;
    case rooms::ParticipantState::Disconnected: return proto::ParticipantInfo::DISCONNECTED;
  }
  std::unreachable();
}

proto::Encryption::Type to_proto(rooms::EncryptionType type) {
  switch (type) {
    case rooms::EncryptionType::None: return proto::Encryption::NONE;
    case rooms::EncryptionType::Gcm: return proto::Encryption::GCM;
    case rooms::EncryptionType::Custom: return proto::Encryption::CUSTOM;
  }
  std::unreachable();
}

rooms::EncryptionType encryption_from(proto::Encryption::Type type) {
  if (type == proto::Encryption::GCM) return rooms::EncryptionType::Gcm;
  if (type == proto::Encryption::CUSTOM) return rooms::EncryptionType::Custom;
  return rooms::EncryptionType::None;
}

proto::VideoLayer::Mode to_proto(rooms::VideoLayerMode mode) {
  switch (mode) {
    case rooms::VideoLayerMode::Unused: return proto::VideoLayer::MODE_UNUSED;
    case rooms::VideoLayerMode::OneSpatialPerStream:
      return proto::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM;
    case rooms::VideoLayerMode::MultipleSpatialPerStream:
      return proto::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM;
  }
  std::unreachable();
}

rooms::VideoQuality quality_from(proto::VideoQuality quality) {
  if (quality == proto::LOW) return rooms::VideoQuality::Low;
  if (quality == proto::MEDIUM) return rooms::VideoQuality::Medium;
  if (quality == proto::OFF) return rooms::VideoQuality::Off;
  return rooms::VideoQuality::High;
}

rooms::VideoLayer layer_from(const proto::VideoLayer& layer) {
  return {.quality = quality_from(layer.quality()),
          .width = layer.width(),
          .height = layer.height(),
          .bitrate_bps = layer.bitrate(),
          .spatial_layer = static_cast<std::uint32_t>(std::max(layer.spatial_layer(), 0)),
          .rid = layer.rid()};
}

/// `vp8` and `video/VP8` are the same codec.
std::string mime_from(rooms::TrackKind kind, std::string codec) {
  std::ranges::transform(codec, codec.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (codec.empty() || codec.contains('/')) return codec;
  return (kind == rooms::TrackKind::Audio ? "audio/" : "video/") + codec;
}

proto::SimulcastCodecInfo to_proto(const rooms::TrackCodec& codec) {
  proto::SimulcastCodecInfo info;
  info.set_mime_type(codec.mime_type);
  info.set_mid(codec.mid);
  info.set_cid(codec.cid);
  for (const rooms::VideoLayer& layer : codec.layers) {
    *info.add_layers() = livekit::to_proto(layer);
  }
  info.set_video_layer_mode(to_proto(codec.layer_mode));
  return info;
}

/// Both messages that start a room name its settings alike.
rooms::RoomOptions room_options(const auto& message) {
  rooms::RoomOptions options;
  if (message.empty_timeout() > 0) {
    options.empty_timeout = std::chrono::seconds(message.empty_timeout());
  }
  if (message.departure_timeout() > 0) {
    options.departure_timeout = std::chrono::seconds(message.departure_timeout());
  }
  options.max_participants = message.max_participants();
  options.metadata = message.metadata();
  options.min_playout_delay_ms = message.min_playout_delay();
  options.max_playout_delay_ms = message.max_playout_delay();
  options.sync_streams = message.sync_streams();
  options.tags.insert(message.tags().begin(), message.tags().end());
  return options;
}

std::vector<rooms::TrackSid> all_track_sids(const auto& update) {
  std::vector<rooms::TrackSid> sids;
  for (const std::string& sid : update.track_sids()) sids.emplace_back(sid);
  for (const proto::ParticipantTracks& of_one : update.participant_tracks()) {
    for (const std::string& sid : of_one.track_sids()) sids.emplace_back(sid);
  }
  return sids;
}

constexpr std::pair<rooms::LeaveReason, proto::DisconnectReason> kLeaveReasons[] = {
    {rooms::LeaveReason::Unknown, proto::UNKNOWN_REASON},
    {rooms::LeaveReason::ClientInitiated, proto::CLIENT_INITIATED},
    {rooms::LeaveReason::DuplicateIdentity, proto::DUPLICATE_IDENTITY},
    {rooms::LeaveReason::ServerShutdown, proto::SERVER_SHUTDOWN},
    {rooms::LeaveReason::ParticipantRemoved, proto::PARTICIPANT_REMOVED},
    {rooms::LeaveReason::RoomDeleted, proto::ROOM_DELETED},
    {rooms::LeaveReason::StateMismatch, proto::STATE_MISMATCH},
    {rooms::LeaveReason::JoinFailure, proto::JOIN_FAILURE},
    {rooms::LeaveReason::Migration, proto::MIGRATION},
    {rooms::LeaveReason::SignalClose, proto::SIGNAL_CLOSE},
    {rooms::LeaveReason::RoomClosed, proto::ROOM_CLOSED},
    {rooms::LeaveReason::UserUnavailable, proto::USER_UNAVAILABLE},
    {rooms::LeaveReason::UserRejected, proto::USER_REJECTED},
    {rooms::LeaveReason::SipTrunkFailure, proto::SIP_TRUNK_FAILURE},
    {rooms::LeaveReason::ConnectionTimeout, proto::CONNECTION_TIMEOUT},
    {rooms::LeaveReason::MediaFailure, proto::MEDIA_FAILURE},
    {rooms::LeaveReason::AgentError, proto::AGENT_ERROR},
};

/// Older clients say it with a flag, newer ones with a feature, and whoever reads the track looks
/// for one of them: both are set.
bool merge(bool flag, proto::AudioTrackFeature feature, rooms::AudioFeatures& features) {
  const bool listed = std::ranges::find(features, int{feature}) != features.end();
  if (flag && !listed) features.push_back(feature);
  return flag || listed;
}

}  // namespace

proto::Room to_proto(const rooms::RoomInfo& room) {
  proto::Room message;
  message.set_sid(room.sid.str());
  message.set_name(room.name);
  message.set_empty_timeout(static_cast<std::uint32_t>(room.empty_timeout.count()));
  message.set_departure_timeout(static_cast<std::uint32_t>(room.departure_timeout.count()));
  message.set_max_participants(room.max_participants);
  message.set_creation_time(unix_s(room.created_at));
  message.set_creation_time_ms(unix_ms(room.created_at));
  message.set_metadata(room.metadata);
  message.set_num_participants(room.participants);
  message.set_num_publishers(room.publishers);
  message.set_active_recording(room.active_recording);
  return message;
}

proto::ParticipantInfo to_proto(const rooms::ParticipantInfo& participant) {
  proto::ParticipantInfo message;
  message.set_sid(participant.sid.str());
  message.set_identity(participant.identity);
  message.set_name(participant.name);
  message.set_metadata(participant.metadata);
  message.mutable_attributes()->insert(participant.attributes.begin(),
                                       participant.attributes.end());
  message.set_state(to_proto(participant.state));
  message.set_kind(to_proto(participant.kind));
  for (const int detail : participant.kind_details) {
    message.add_kind_details(static_cast<proto::ParticipantInfo::KindDetail>(detail));
  }
  *message.mutable_permission() = to_proto(participant.permissions);
  for (const rooms::TrackInfo& track : participant.tracks) *message.add_tracks() = to_proto(track);
  message.set_joined_at(unix_s(participant.joined_at));
  message.set_joined_at_ms(unix_ms(participant.joined_at));
  message.set_version(participant.version);
  message.set_is_publisher(participant.is_publisher);
  message.set_client_protocol(participant.client_protocol);
  for (const int capability : participant.capabilities) {
    message.add_capabilities(static_cast<proto::ClientInfo::Capability>(capability));
  }
  message.set_disconnect_reason(to_proto(participant.disconnect_reason));
  return message;
}

proto::ParticipantPermission to_proto(const rooms::Permissions& permissions) {
  proto::ParticipantPermission message;
  message.set_can_subscribe(permissions.can_subscribe);
  message.set_can_publish(permissions.can_publish);
  message.set_can_publish_data(permissions.can_publish_data);
  message.set_can_update_metadata(permissions.can_update_own_metadata);
  message.set_can_subscribe_metrics(permissions.can_subscribe_metrics);
  message.set_can_manage_agent_session(permissions.can_manage_agent_session);
  message.set_hidden(permissions.hidden);
  message.set_recorder(permissions.recorder);
  message.set_agent(permissions.agent);
  for (const rooms::TrackSource source : permissions.publish_sources) {
    message.add_can_publish_sources(to_proto(source));
  }
  return message;
}

proto::TrackInfo to_proto(const rooms::TrackInfo& track) {
  proto::TrackInfo message;
  message.set_sid(track.sid.str());
  message.set_type(to_proto(track.kind));
  message.set_name(track.name);
  message.set_muted(track.muted);
  message.set_width(track.width);
  message.set_height(track.height);
  message.set_simulcast(track.simulcast);
  message.set_disable_dtx(track.disable_dtx);
  message.set_source(to_proto(track.source));
  for (const rooms::VideoLayer& layer : track.layers) *message.add_layers() = to_proto(layer);
  message.set_mime_type(track.mime_type);
  message.set_mid(track.mid);
  for (const rooms::TrackCodec& codec : track.codecs) *message.add_codecs() = to_proto(codec);
  message.set_stereo(track.stereo);
  message.set_disable_red(track.disable_red);
  message.set_encryption(to_proto(track.encryption));
  message.set_stream(track.stream);
  message.mutable_version()->set_unix_micro(unix_ms(track.changed_at) * 1000);
  for (const int feature : track.audio_features) {
    message.add_audio_features(static_cast<proto::AudioTrackFeature>(feature));
  }
  message.set_backup_codec_policy(static_cast<proto::BackupCodecPolicy>(track.backup_codec_policy));
  return message;
}

proto::VideoLayer to_proto(const rooms::VideoLayer& layer) {
  proto::VideoLayer message;
  message.set_quality(to_proto(layer.quality));
  message.set_width(layer.width);
  message.set_height(layer.height);
  message.set_bitrate(layer.bitrate_bps);
  message.set_spatial_layer(static_cast<int>(layer.spatial_layer));
  message.set_rid(layer.rid);
  return message;
}

proto::DisconnectReason to_proto(rooms::LeaveReason reason) {
  return std::ranges::find(kLeaveReasons, reason, [](const auto& pair) { return pair.first; })
      ->second;
}

proto::LeaveRequest::Action to_proto(rooms::LeaveAction action) {
  switch (action) {
    case rooms::LeaveAction::Disconnect: return proto::LeaveRequest::DISCONNECT;
    case rooms::LeaveAction::Resume: return proto::LeaveRequest::RESUME;
    case rooms::LeaveAction::Reconnect: return proto::LeaveRequest::RECONNECT;
  }
  std::unreachable();
}

proto::VideoQuality to_proto(rooms::VideoQuality quality) {
  switch (quality) {
    case rooms::VideoQuality::Low: return proto::LOW;
    case rooms::VideoQuality::Medium: return proto::MEDIUM;
    case rooms::VideoQuality::High: return proto::HIGH;
    case rooms::VideoQuality::Off: return proto::OFF;
  }
  std::unreachable();
}

proto::ConnectionQuality to_proto(rooms::ConnectionQuality quality) {
  switch (quality) {
    case rooms::ConnectionQuality::Poor: return proto::POOR;
    case rooms::ConnectionQuality::Good: return proto::GOOD;
    case rooms::ConnectionQuality::Excellent: return proto::EXCELLENT;
    case rooms::ConnectionQuality::Lost: return proto::LOST;
  }
  std::unreachable();
}

proto::SubscriptionError to_proto(rooms::SubscriptionError error) {
  switch (error) {
    case rooms::SubscriptionError::Unknown: return proto::SE_UNKNOWN;
    case rooms::SubscriptionError::CodecUnsupported: return proto::SE_CODEC_UNSUPPORTED;
    case rooms::SubscriptionError::TrackNotFound: return proto::SE_TRACK_NOTFOUND;
  }
  std::unreachable();
}

proto::TrackSource to_proto(rooms::TrackSource source) {
  switch (source) {
    case rooms::TrackSource::Unknown: return proto::UNKNOWN;
    case rooms::TrackSource::Camera: return proto::CAMERA;
    case rooms::TrackSource::Microphone: return proto::MICROPHONE;
    case rooms::TrackSource::ScreenShare: return proto::SCREEN_SHARE;
    case rooms::TrackSource::ScreenShareAudio: return proto::SCREEN_SHARE_AUDIO;
  }
  std::unreachable();
}

proto::ParticipantInfo::Kind to_proto(rooms::ParticipantKind kind) {
  switch (kind) {
    case rooms::ParticipantKind::Standard: return proto::ParticipantInfo::STANDARD;
    case rooms::ParticipantKind::Ingress: return proto::ParticipantInfo::INGRESS;
    case rooms::ParticipantKind::Egress: return proto::ParticipantInfo::EGRESS;
    case rooms::ParticipantKind::Sip: return proto::ParticipantInfo::SIP;
    case rooms::ParticipantKind::Agent: return proto::ParticipantInfo::AGENT;
    case rooms::ParticipantKind::Connector: return proto::ParticipantInfo::CONNECTOR;
    case rooms::ParticipantKind::Bridge: return proto::ParticipantInfo::BRIDGE;
  }
  std::unreachable();
}

rooms::RoomOptions from_proto(const proto::CreateRoomRequest& request) {
  return room_options(request);
}

rooms::RoomOptions from_proto(const proto::RoomConfiguration& config) {
  return room_options(config);
}

rooms::TrackRequest from_proto(const proto::AddTrackRequest& request) {
  rooms::TrackRequest result;
  result.cid = request.cid();
  result.existing = rooms::TrackSid{request.sid()};
  result.kind = request.type() == proto::VIDEO ? rooms::TrackKind::Video : rooms::TrackKind::Audio;
  result.source = from_proto(request.source());
  result.name = request.name();
  result.stream = request.stream();
  for (const proto::SimulcastCodec& codec : request.simulcast_codecs()) {
    result.codecs.push_back({.mime_type = mime_from(result.kind, codec.codec()),
                             .mid = {},
                             .cid = codec.cid(),
                             .layers = {},
                             .layer_mode = rooms::VideoLayerMode::Unused});
  }
  for (const proto::VideoLayer& layer : request.layers()) {
    result.layers.push_back(layer_from(layer));
  }
  result.width = request.width();
  result.height = request.height();
  result.muted = request.muted();
  result.disable_red = request.disable_red();
  result.encryption = encryption_from(request.encryption());
  result.audio_features = audio_features(request.audio_features());
  result.stereo = merge(request.stereo(), proto::TF_STEREO, result.audio_features);
  result.disable_dtx = merge(request.disable_dtx(), proto::TF_NO_DTX, result.audio_features);
  if (proto::BackupCodecPolicy_IsValid(request.backup_codec_policy())) {
    result.backup_codec_policy = request.backup_codec_policy();
  }
  return result;
}

rooms::TrackSettings from_proto(const proto::UpdateTrackSettings& settings) {
  return {.disabled = settings.disabled(),
          .quality = quality_from(settings.quality()),
          .width = settings.width(),
          .height = settings.height(),
          .fps = settings.fps(),
          .priority = settings.priority()};
}

rooms::SubscriptionPermission from_proto(const proto::SubscriptionPermission& permission) {
  rooms::SubscriptionPermission result;
  result.all_participants = permission.all_participants();
  for (const proto::TrackPermission& grant : permission.track_permissions()) {
    rooms::SubscriptionPermission::Grant& added = result.grants.emplace_back();
    added.participant = rooms::ParticipantSid{grant.participant_sid()};
    added.identity = grant.participant_identity();
    added.all_tracks = grant.all_tracks();
    for (const std::string& sid : grant.track_sids()) added.tracks.emplace_back(sid);
  }
  return result;
}

rooms::Permissions from_proto(const proto::ParticipantPermission& permission) {
  rooms::Permissions result;
  result.can_subscribe = permission.can_subscribe();
  result.can_publish = permission.can_publish();
  result.can_publish_data = permission.can_publish_data();
  result.can_update_own_metadata = permission.can_update_metadata();
  result.can_subscribe_metrics = permission.can_subscribe_metrics();
  result.can_manage_agent_session = permission.can_manage_agent_session();
  result.hidden = permission.hidden();
  result.recorder = permission.recorder();
  result.agent = permission.agent();
  for (const int source : permission.can_publish_sources()) {
    result.publish_sources.push_back(from_proto(static_cast<proto::TrackSource>(source)));
  }
  return result;
}

rooms::TrackSource from_proto(proto::TrackSource source) {
  if (source == proto::CAMERA) return rooms::TrackSource::Camera;
  if (source == proto::MICROPHONE) return rooms::TrackSource::Microphone;
  if (source == proto::SCREEN_SHARE) return rooms::TrackSource::ScreenShare;
  if (source == proto::SCREEN_SHARE_AUDIO) return rooms::TrackSource::ScreenShareAudio;
  return rooms::TrackSource::Unknown;
}

rooms::LeaveReason from_client(proto::DisconnectReason reason) {
  if (reason == proto::USER_UNAVAILABLE) return rooms::LeaveReason::UserUnavailable;
  if (reason == proto::USER_REJECTED) return rooms::LeaveReason::UserRejected;
  if (reason == proto::AGENT_ERROR) return rooms::LeaveReason::AgentError;
  return rooms::LeaveReason::ClientInitiated;
}

rooms::ClientInfo from_proto(const proto::ClientInfo& client) {
  std::string sdk = proto::ClientInfo::SDK_Name(client.sdk());
  std::ranges::transform(sdk, sdk.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::erase(sdk, '_');
  rooms::ClientInfo result{.sdk = std::move(sdk),
                           .version = client.version(),
                           .os = client.os(),
                           .os_version = client.os_version(),
                           .device_model = client.device_model(),
                           .browser = client.browser(),
                           .browser_version = client.browser_version(),
                           .address = {},
                           .network = client.network(),
                           .protocol = client.protocol(),
                           .client_protocol = client.client_protocol(),
                           .capabilities = {}};
  const auto known =
      std::min(static_cast<std::size_t>(client.capabilities_size()), limits::kClientCapabilities);
  result.capabilities.assign(client.capabilities().begin(),
                             client.capabilities().begin() + static_cast<std::ptrdiff_t>(known));
  return result;
}

rooms::AudioFeatures audio_features(const google::protobuf::RepeatedField<int>& features) {
  rooms::AudioFeatures known;
  std::ranges::copy_if(features, std::back_inserter(known), proto::AudioTrackFeature_IsValid);
  return known;
}

std::vector<rooms::TrackSid> track_sids(const proto::UpdateSubscription& update) {
  return all_track_sids(update);
}

std::vector<rooms::TrackSid> track_sids(const proto::UpdateSubscriptionsRequest& update) {
  return all_track_sids(update);
}

}  // namespace vis::api::livekit
