#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/ids.hpp"

/// What a room is made of, as values. Nothing here has behaviour beyond comparison; the rules are
/// in the files beside this one.
namespace vis::core::rooms {

using RoomSid = Id<struct RoomTag>;                ///< `RM_` and 12 characters; one life of a room.
using ParticipantSid = Id<struct ParticipantTag>;  ///< `PA_…`; one stay of one identity.
using TrackSid = Id<struct TrackTag>;              ///< `TR_…`; one published track.

/// Attributes of a participant: short texts that everybody in the room sees.
using Attributes = std::map<std::string, std::string>;

enum class TrackKind : std::uint8_t { Audio, Video };
enum class TrackSource : std::uint8_t {
  Unknown,
  Camera,
  Microphone,
  ScreenShare,
  ScreenShareAudio,
};
enum class ParticipantState : std::uint8_t { Joining, Joined, Active, Disconnected };
enum class ParticipantKind : std::uint8_t {
  Standard,
  Ingress,
  Egress,
  Sip,
  Agent,
  Connector,
  Bridge,
};
enum class VideoQuality : std::uint8_t { Low, Medium, High, Off };
enum class ConnectionQuality : std::uint8_t { Poor, Good, Excellent, Lost };
enum class EncryptionType : std::uint8_t { None, Gcm, Custom };

/// Why a participant is no longer in the room.
enum class LeaveReason : std::uint8_t {
  Unknown,
  ClientInitiated,
  DuplicateIdentity,
  ServerShutdown,
  ParticipantRemoved,
  RoomDeleted,
  StateMismatch,
  JoinFailure,
  Migration,
  SignalClose,
  RoomClosed,
  UserUnavailable,
  UserRejected,
  SipTrunkFailure,
  ConnectionTimeout,
  MediaFailure,
  AgentError,
};

/// What a client should do when told to leave.
enum class LeaveAction : std::uint8_t {
  Disconnect,  ///< Stay away.
  Resume,      ///< Open a new signalling socket for the same session.
  Reconnect,   ///< Join again as new.
};

/// The resolved rights of a participant: every default has been applied.
struct Permissions {
  bool can_subscribe = true;
  bool can_publish = true;
  bool can_publish_data = true;
  bool can_update_own_metadata = false;
  bool can_subscribe_metrics = false;
  bool can_manage_agent_session = false;
  bool hidden = false;
  bool recorder = false;
  bool agent = false;
  std::vector<TrackSource> publish_sources;  ///< Empty = all.

  friend bool operator==(const Permissions&, const Permissions&) = default;
};

struct VideoLayer {
  VideoQuality quality = VideoQuality::Low;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bitrate_bps = 0;
  std::uint32_t spatial_layer = 0;  ///< 0 = smallest.
  std::string rid;                  ///< `q`, `h`, `f`; empty without simulcast.

  friend bool operator==(const VideoLayer&, const VideoLayer&) = default;
};

enum class VideoLayerMode : std::uint8_t { Unused, OneSpatialPerStream, MultipleSpatialPerStream };

/// One codec that a track is, or may be, published with.
struct TrackCodec {
  std::string mime_type;  ///< Lower case, e.g. `video/vp8`.
  std::string mid;
  std::string cid;
  std::vector<VideoLayer> layers;  ///< Smallest first.
  VideoLayerMode layer_mode = VideoLayerMode::Unused;

  friend bool operator==(const TrackCodec&, const TrackCodec&) = default;
};

/// Opaque to the server: numbers of the client protocol's AudioTrackFeature.
using AudioFeatures = std::vector<int>;

struct TrackInfo {
  TrackSid sid;
  TrackKind kind = TrackKind::Audio;
  TrackSource source = TrackSource::Unknown;
  std::string name;
  std::string mime_type;  ///< Lower case; final once negotiated.
  std::string mid;
  std::string stream;  ///< Tracks of one stream are played in sync.
  bool muted = false;
  bool simulcast = false;
  bool disable_dtx = false;
  bool disable_red = false;
  bool stereo = false;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<VideoLayer> layers;  ///< Of the first codec; smallest first.
  std::vector<TrackCodec> codecs;
  EncryptionType encryption = EncryptionType::None;
  AudioFeatures audio_features;
  int backup_codec_policy = 0;  ///< Opaque to the server.
  WallTime changed_at{};

  /// What a video is, or may be, published in for those who lack its first codec; null: nothing.
  const TrackCodec* backup_codec() const {
    return kind == TrackKind::Audio || codecs.size() < 2 ? nullptr : &codecs[1];
  }

  friend bool operator==(const TrackInfo&, const TrackInfo&) = default;
};

/// What the client said of itself; only `protocol` and the quirk flags change what we do.
struct ClientInfo {
  std::string sdk;  ///< Lower case, e.g. `js`, `node`, `swift`.
  std::string version;
  std::string os;
  std::string os_version;
  std::string device_model;
  std::string browser;
  std::string browser_version;
  std::string address;
  std::string network;
  int protocol = 0;
  int client_protocol = 0;
  std::vector<int> capabilities;  ///< Mirrored to the others untouched.
};

struct ParticipantInfo {
  ParticipantSid sid;
  std::string identity;
  std::string name;
  std::string metadata;
  Attributes attributes;
  ParticipantState state = ParticipantState::Joining;
  ParticipantKind kind = ParticipantKind::Standard;
  std::vector<int> kind_details;  ///< Opaque to the server.
  Permissions permissions;
  std::vector<TrackInfo> tracks;
  WallTime joined_at{};
  std::uint32_t version = 0;  ///< Rises with every change of this snapshot.
  bool is_publisher = false;
  int client_protocol = 0;
  std::vector<int> capabilities;
  LeaveReason disconnect_reason = LeaveReason::Unknown;

  friend bool operator==(const ParticipantInfo&, const ParticipantInfo&) = default;
};

/// Settings of a room. Unset values take the server's defaults.
struct RoomOptions {
  std::optional<std::chrono::seconds> empty_timeout;      ///< Until somebody joins.
  std::optional<std::chrono::seconds> departure_timeout;  ///< After the last one left.
  std::uint32_t max_participants = 0;                     ///< 0 = no limit.
  std::string metadata;
  std::uint32_t min_playout_delay_ms = 0;
  std::uint32_t max_playout_delay_ms = 0;
  bool sync_streams = false;
  std::map<std::string, std::string> tags;
};

/// What a room is made from: enough for another server to go on with it.
struct RoomSeed {
  RoomSid sid;
  ProjectId project;
  std::string name;
  RoomOptions options;
};

struct RoomInfo {
  RoomSid sid;
  ProjectId project;
  std::string name;
  std::string metadata;
  WallTime created_at{};
  std::chrono::seconds empty_timeout{};
  std::chrono::seconds departure_timeout{};
  std::uint32_t max_participants = 0;
  std::uint32_t participants = 0;  ///< Neither hidden nor dependent ones.
  std::uint32_t publishers = 0;
  bool active_recording = false;

  friend bool operator==(const RoomInfo&, const RoomInfo&) = default;
};

}  // namespace vis::core::rooms
