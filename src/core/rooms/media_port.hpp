#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "core/rooms/media_sample.hpp"
#include "core/rooms/model.hpp"

/// What rooms need of media, in the words of rooms. Commands go down and events come up as values;
/// neither side calls the other while it is half-way through a change.
namespace vis::core::rooms {

enum class TransportRole : std::uint8_t {
  Publisher,   ///< The client offers; media flows to the server.
  Subscriber,  ///< The server offers; media flows to the client.
  Single,      ///< The client offers; media flows both ways.
  Player,      ///< The client offers once; tracks take turns in the sections it receives in.
};

struct TransportSpec {
  TransportId id{};
  ParticipantSid participant;
  TransportRole role = TransportRole::Publisher;
  bool ice_lite = true;         ///< False towards Firefox and clients that ask for full ICE.
  bool reuse_sections = true;   ///< False towards Safari and with sync_streams.
  bool keep_one_codec = false;  ///< Firefox wants only the codec that will be used.
  /// The first of our addresses to be tried: the client's signalling has reached it.
  std::optional<IpAddress> reached_at{};
  std::vector<std::string> denied_publish_codecs;  ///< Lower-case mime types.
  std::uint32_t min_playout_delay_ms = 0;          ///< 0 and 0: the client decides.
  std::uint32_t max_playout_delay_ms = 0;
};

/// A track that the participant announced; its media section may come before or after.
struct PublishSpec {
  TrackSid track;
  TrackKind kind = TrackKind::Audio;
  TrackSource source = TrackSource::Unknown;
  std::vector<TrackCodec> codecs;  ///< Wanted, best first; may be empty. Each with its cid.
  std::string cid;                 ///< Of the client's media track, byte for byte.
  bool stereo = false;
  bool disable_dtx = false;
  bool disable_red = false;
  bool muted = false;
  bool encrypted = false;  ///< End to end; payloads must not be looked into.
};

/// Which part of a video a subscriber wants.
struct LayerTarget {
  bool disabled = false;  ///< Send nothing, keep the section.
  VideoQuality quality = VideoQuality::High;
  std::uint32_t fps = 0;  ///< 0 = all.
  bool focus = false;     ///< Served before other cameras when there is not enough for all.

  friend bool operator==(const LayerTarget&, const LayerTarget&) = default;
};

struct SubscribeSpec {
  TrackSid track;
  ParticipantSid publisher;
  std::string stream_id;  ///< The msid stream that the subscriber sees.
  LayerTarget target;
  bool backup = false;  ///< In the track's backup codec.
};

enum class DataChannel : std::uint8_t { Reliable, Lossy, Other };

// ---- commands ----

struct OpenTransport {
  TransportSpec spec;
};
/// Ends what the transport publishes and receives as well.
struct CloseTransport {
  TransportId transport{};
};
/// Makes the first offer of a Subscriber transport, even with nothing to send.
struct StartOffer {
  TransportId transport{};
};
/// New ICE credentials; a Subscriber transport offers them, the others wait for the client's offer.
/// An offer that is still unanswered is given up: it may have been lost with the signalling.
struct RestartIce {
  TransportId transport{};
};
struct ApplyOffer {
  TransportId transport{};
  std::string sdp;
  std::uint32_t offer_id = 0;  ///< Comes back in the answer.
};
struct ApplyAnswer {
  TransportId transport{};
  std::string sdp;
};
struct AddCandidate {
  TransportId transport{};
  std::string candidate;  ///< `candidate:…`, as in RTCIceCandidateInit.
};
/// Repeated for a track that gains a backup codec; the codecs then replace the former ones.
struct Publish {
  TransportId transport{};
  PublishSpec spec;
};
/// Comes after the Unsubscribe of every subscriber. Unknown tracks are ignored: commands and
/// TrackEnded may cross.
struct Unpublish {
  TransportId transport{};
  TrackSid track;
};
struct SetTrackMuted {
  TrackSid track;
  bool muted = false;
};
struct Subscribe {
  TransportId transport{};
  SubscribeSpec spec;
};
/// Ignored when the subscription is gone already.
struct Unsubscribe {
  TransportId transport{};
  TrackSid track;
};
struct SetLayerTarget {
  TransportId transport{};
  TrackSid track;
  LayerTarget target;
};
struct SendData {
  std::vector<TransportId> to;
  DataChannel channel = DataChannel::Reliable;
  ByteVector payload;
};

using MediaCommand = std::variant<OpenTransport, CloseTransport, StartOffer, RestartIce, ApplyOffer,
                                  ApplyAnswer, AddCandidate, Publish, Unpublish, SetTrackMuted,
                                  Subscribe, Unsubscribe, SetLayerTarget, SendData>;

/// Media workers as rooms see them. Every call returns at once; what comes of it arrives as
/// MediaEvents on the control thread, in order per participant: a large room is on several workers.
class MediaPort {
 public:
  virtual ~MediaPort() = default;

  /// Places a room on a worker, and, once it is large, further participants on others.
  /// LimitExceeded when no worker has room.
  virtual Result<void> open_room(const RoomSid& room) = 0;
  /// Closes what is left of the room's transports. No event of the room follows.
  virtual void close_room(const RoomSid& room) = 0;
  virtual void execute(const RoomSid& room, MediaCommand command) = 0;
};

// ---- events ----

struct LocalDescription {
  TransportId transport{};
  bool is_offer = false;
  std::string sdp;
  std::uint32_t offer_id = 0;                 ///< Of the answered offer.
  std::map<std::string, TrackSid> mid_track;  ///< Every section that the server sends on.
};
struct LocalCandidate {
  TransportId transport{};
  std::string candidate;  ///< `candidate:…`
  bool last = false;
};
/// The description was refused and changed nothing.
struct NegotiationFailed {
  TransportId transport{};
  Error error;
};
/// A Single transport lacks receiving sections, or (0, 0) just needs a new offer of the client.
struct SectionsNeeded {
  TransportId transport{};
  std::uint32_t audios = 0;
  std::uint32_t videos = 0;
};
enum class TransportState : std::uint8_t { Connected, Disconnected, Failed };
struct TransportChanged {
  TransportId transport{};
  TransportState state = TransportState::Connected;
  std::string reason;  ///< In plain words, for the timeline; empty when all is well.
};
/// The section of an announced track has been negotiated (again).
struct TrackBound {
  TrackSid track;
  std::string mid;
  std::string mime_type;          ///< The codec that the publisher will send; lower case.
  std::vector<std::string> rids;  ///< Smallest first; empty without simulcast.
};
/// The publisher's section went inactive: it no longer publishes the track.
struct TrackEnded {
  TrackSid track;
};
struct SubscriptionBound {
  TransportId transport{};
  TrackSid track;
};
enum class SubscriptionError : std::uint8_t { Unknown, CodecUnsupported, TrackNotFound };
struct SubscriptionFailed {
  TransportId transport{};
  TrackSid track;
  SubscriptionError error = SubscriptionError::Unknown;
};
/// The path to the subscriber carries not even the least of a video, or carries it again.
struct SubscriptionPaused {
  TransportId transport{};
  TrackSid track;
  bool paused = false;
};
/// The channels for data packets can be written to.
struct DataReady {
  TransportId transport{};
};
struct DataReceived {
  TransportId transport{};
  DataChannel channel = DataChannel::Reliable;
  std::string label;  ///< Of a channel that is none of ours.
  ByteVector payload;
};
/// Loudness of the audio tracks of one worker since the last report (every 400 ms).
struct AudioLevels {
  struct Level {
    TrackSid track;
    std::uint8_t dbov = 127;          ///< Of the loud packets: 0 loudest, 127 silence (RFC 6464).
    std::uint8_t active_percent = 0;  ///< Share of the time with a level above the threshold.
  };
  RoomSid room;
  std::vector<Level> levels;  ///< Tracks that were heard or have just fallen silent.
};
/// How well media gets through, per transport (every 5 s), connected or not. Of a room on several
/// workers there are several, each of the transports of one.
struct TransportQuality {
  TransportId transport{};
  bool receiving = false;           ///< RTP of this publisher arrived since the last report.
  double uplink_loss = 0;           ///< 0..1, of what the participant sends.
  double downlink_loss = 0;         ///< 0..1, of what it receives.
  std::uint32_t round_trip_ms = 0;  ///< 0 = not known yet.
  std::uint32_t jitter_ms = 0;
  double shortage = 0;  ///< 0..1, of the bandwidth that what it is to be sent would take.
};
struct QualityReport {
  RoomSid room;
  std::vector<TransportQuality> transports;
};

using MediaEvent = std::variant<LocalDescription, LocalCandidate, NegotiationFailed, SectionsNeeded,
                                TransportChanged, TrackBound, TrackEnded, SubscriptionBound,
                                SubscriptionFailed, SubscriptionPaused, DataReady, DataReceived,
                                AudioLevels, QualityReport, MediaSample>;

}  // namespace vis::core::rooms
