#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/socket_address.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"

/// What passes between a room and the signalling session of one participant. A dialect turns its
/// messages into calls of RoomService with these values, and implements SessionObserver.
namespace vis::core::rooms {

/// What a viewer watches: somebody who offered sections to receive in once, and negotiates nothing
/// after. Viewers are hidden, publish nothing, do not count and keep no room open.
struct ViewerOptions {
  std::string participant;  ///< The identity to follow; empty = the active speaker.
  VideoQuality quality = VideoQuality::High;
  std::size_t audios = 1;  ///< Sections of the offer.
  std::size_t videos = 1;
};

/// Everything a join decides on; the dialect has checked the token.
struct JoinRequest {
  ProjectId project;
  std::string room_name;
  std::string identity;
  std::string name;
  std::string metadata;
  Attributes attributes;
  ParticipantKind kind = ParticipantKind::Standard;
  std::vector<int> kind_details;
  Permissions permissions;
  RoomOptions room_options;      ///< Applied when this join creates the room.
  bool may_create_room = false;  ///< Even where rooms are not created by joining.
  ClientInfo client;
  bool single_transport = false;  ///< One peer connection for both directions.
  bool auto_subscribe = true;
  bool adaptive_stream = false;  ///< Video starts small until the client says what it shows.
  std::optional<IpAddress> reached_at{};  ///< Our address that its signalling has reached.
  bool full_ice = false;                  ///< The client asked for a server that is not ICE-lite.
  std::optional<ViewerOptions> viewer;
};

/// The state a newcomer starts from.
struct JoinResult {
  RoomInfo room;
  ParticipantInfo participant;
  std::vector<ParticipantInfo> others;  ///< Visible ones, with their tracks.
  /// Whether the Subscriber transport decides that the client is connected. False with a Single
  /// one.
  bool subscriber_primary = false;
  /// Lower-case mime types that this client may publish, best video codec first.
  std::vector<std::string> publish_codecs;
};

/// The state a resumed session continues from. Those who left while the client may not have been
/// listening stand in `snapshot.others` as DISCONNECTED, before all who are present.
struct ResumeResult {
  JoinResult snapshot;
  std::uint32_t last_reliable_sequence = 0;  ///< The last numbered packet seen of it.
};

/// A track announced by its publisher.
struct TrackRequest {
  std::string cid;
  TrackSid existing;  ///< Of the track that gets a backup codec; empty for a new track.
  TrackKind kind = TrackKind::Audio;
  TrackSource source = TrackSource::Unknown;
  std::string name;
  std::string stream;
  std::vector<TrackCodec> codecs;  ///< `mime_type` and `cid` are read.
  std::vector<VideoLayer> layers;  ///< In any order.
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool muted = false;
  bool disable_dtx = false;
  bool disable_red = false;
  bool stereo = false;
  EncryptionType encryption = EncryptionType::None;
  AudioFeatures audio_features;
  int backup_codec_policy = 0;
};

struct VideoSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// A subscriber's wish for some tracks; only the set fields of a track setting count.
struct TrackSettings {
  bool disabled = false;
  VideoQuality quality = VideoQuality::High;
  std::uint32_t width = 0;  ///< With height: wins over quality.
  std::uint32_t height = 0;
  std::uint32_t fps = 0;
  std::uint32_t priority = 0;  ///< Above 0: before others when there is not enough for all.
};

/// Who may receive a publisher's tracks. Replaces what was said before.
struct SubscriptionPermission {
  struct Grant {
    ParticipantSid participant;  ///< Either of the two names the subscriber.
    std::string identity;
    bool all_tracks = false;
    std::vector<TrackSid> tracks;
  };
  bool all_participants = true;
  std::vector<Grant> grants;
};

/// A change of one's own, or by the server API of another's, descriptive fields.
struct ParticipantUpdate {
  std::string name;       ///< Empty = unchanged.
  std::string metadata;   ///< Empty = unchanged.
  Attributes attributes;  ///< An empty value deletes its key.
};

struct Speaker {
  ParticipantSid participant;
  float level = 0;  ///< 0..1 in steps of 1/8.
  bool active = false;
};

struct QualityUpdate {
  ParticipantSid participant;
  ConnectionQuality quality = ConnectionQuality::Excellent;
  float score = 0;  ///< 0..100, as a mean opinion score.
};

/// Which qualities of a track anybody wants; `High` means all, `Off` none.
struct WantedQuality {
  struct Codec {
    std::string mime_type;
    VideoQuality highest = VideoQuality::High;
  };
  TrackSid track;
  std::vector<Codec> codecs;
  VideoQuality highest = VideoQuality::High;  ///< Of the first codec.
};

/// The signalling session of one participant, as its room sees it. Called on the control thread,
/// after the change that is being told is complete; an implementation queues messages. A call back
/// into RoomService is allowed, what it causes is told after what is being told now. Never called
/// again once RoomService::leave, RoomService::signal_lost or a later resume has returned, nor
/// after `on_leave`.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;

  virtual void on_participants(std::span<const ParticipantInfo> changed) = 0;
  /// The answer to every announced track, also to one whose request had been queued.
  virtual void on_track_published(std::string_view cid, const TrackInfo& track) = 0;
  /// The server has ended a track of this participant.
  virtual void on_track_unpublished(const TrackSid& track) = 0;
  virtual void on_track_subscribed(const TrackSid& track) = 0;
  /// The server has muted or unmuted a track of this participant.
  virtual void on_track_muted(const TrackSid& track, bool muted) = 0;
  virtual void on_wanted_quality(const WantedQuality& wanted) = 0;

  virtual void on_description(TransportRole role, const LocalDescription& description) = 0;
  virtual void on_candidate(TransportRole role, const LocalCandidate& candidate) = 0;
  virtual void on_sections_needed(std::uint32_t audios, std::uint32_t videos) = 0;

  virtual void on_subscription_error(const TrackSid& track, SubscriptionError error) = 0;
  virtual void on_subscription_permission(const ParticipantSid& publisher, const TrackSid& track,
                                          bool allowed) = 0;

  /// The server sends nothing of a track for want of bandwidth, or sends it again.
  virtual void on_stream_paused(const ParticipantSid& publisher, const TrackSid& track,
                                bool paused) = 0;

  virtual void on_room(const RoomInfo& room) = 0;
  virtual void on_speakers(std::span<const Speaker> changed) = 0;
  virtual void on_quality(std::span<const QualityUpdate> changed) = 0;
  /// A data channel message of this participant; the dialect knows its packets, decides who gets
  /// them and calls RoomService::send_data.
  virtual void on_data(const DataReceived& data) = 0;
  /// Rights or descriptive fields changed: a new token for reconnecting is due.
  virtual void on_grants_changed(const ParticipantInfo& self) = 0;
  /// The session is over (or has to come back). The last call.
  virtual void on_leave(LeaveReason reason, LeaveAction action) = 0;
};

}  // namespace vis::core::rooms
