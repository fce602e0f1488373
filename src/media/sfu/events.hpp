#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "media/sfu/room_sample.hpp"

/// The values that cross the engine's border: what it is asked for and what it tells.
namespace vis::media::sfu {

enum class TransportRole : std::uint8_t {
  Publisher,   ///< The client offers; media flows in.
  Subscriber,  ///< The engine offers; media flows out.
  Single,      ///< The client offers; media flows both ways.
  Player,      ///< The client offers; its sections keep their sources whatever is sent in them.
};

enum class TrackKind : std::uint8_t { Audio, Video };

struct TransportConfig {
  TransportId id{};
  RoomId room;
  TransportRole role = TransportRole::Publisher;
  bool ice_lite = true;
  bool reuse_sections = true;   ///< Whether a section that fell idle may carry a later track.
  bool keep_one_codec = false;  ///< Answer with the codec that will be used and no other.
  std::optional<IpAddress> reached_at{};           ///< Of our addresses, the one to be tried first.
  std::vector<std::string> denied_publish_codecs;  ///< Lower-case mime types.
  /// How long the client is to hold video back before it shows it; 0 and 0: as it likes.
  std::chrono::milliseconds min_playout_delay{};
  std::chrono::milliseconds max_playout_delay{};
};

/// A track that will be published over a transport, before or after its section is offered.
struct PublishConfig {
  TrackId track;
  TrackKind kind = TrackKind::Audio;
  std::string cid;                  ///< The msid track id that the client will use.
  std::vector<std::string> codecs;  ///< Lower-case mime types, best first; empty = any.
  /// The client sends the track in another codec as well, for those who lack the first one; under
  /// this msid track id. Empty: it does not.
  std::string backup_cid;
  std::string backup_codec;  ///< Lower-case mime type.
  bool backup = false;       ///< This is that other codec's; said by the room.
  bool stereo = false;
  bool disable_dtx = false;
  bool disable_red = false;
  bool muted = false;
  bool encrypted = false;     ///< End to end: payloads are not looked into.
  bool microphone = false;    ///< Takes part in speaker detection.
  bool screen_share = false;  ///< Is served before cameras.

  friend bool operator==(const PublishConfig&, const PublishConfig&) = default;
};

/// What a subscriber wants of a track.
struct LayerTarget {
  bool disabled = false;
  std::uint8_t max_layer = 2;  ///< 0 = smallest of three; with fewer, the nearest below.
  std::uint32_t max_fps = 0;   ///< 0 = all frames; else, where there are temporal layers, enough.
  bool focus = false;          ///< Served before others, like those who speak.

  friend bool operator==(const LayerTarget&, const LayerTarget&) = default;
};

struct SubscribeConfig {
  TrackId track;
  std::string stream_id;  ///< msid stream and CNAME that the subscriber sees.
  LayerTarget target;
  bool backup = false;  ///< In the publisher's backup codec.
};

// ---- what the engine tells ----

struct LocalDescription {
  TransportId transport{};
  bool is_offer = false;
  std::string sdp;
  std::uint32_t offer_id = 0;
  std::map<std::string, TrackId> mid_track;
};
struct LocalCandidate {
  TransportId transport{};
  std::string candidate;
  bool last = false;
};
struct NegotiationFailed {
  TransportId transport{};
  Error error;
};
struct SectionsNeeded {
  TransportId transport{};
  std::uint32_t audios = 0;
  std::uint32_t videos = 0;
};
enum class TransportState : std::uint8_t { Connected, Disconnected, Failed };
struct TransportChanged {
  TransportId transport{};
  TransportState state = TransportState::Connected;
  std::string reason;
};
struct TrackBound {
  RoomId room;
  TrackId track;
  std::string mid;
  std::string mime_type;
  std::vector<std::string> rids;
};
struct TrackEnded {
  RoomId room;
  TrackId track;
};
struct SubscriptionBound {
  TransportId transport{};
  TrackId track;
};
struct SubscriptionRefused {
  TransportId transport{};
  TrackId track;
};
/// The path to a subscriber carries not even the least of a video, or carries it again.
struct StreamPaused {
  TransportId transport{};
  TrackId track;
  bool paused = false;
};
struct AudioLevels {
  struct Level {
    TrackId track;
    std::uint8_t dbov = 127;
    std::uint8_t active_percent = 0;
  };
  RoomId room;
  std::vector<Level> levels;
};
struct QualityReport {
  struct Entry {
    TransportId transport{};
    bool receiving = false;
    double uplink_loss = 0;
    double downlink_loss = 0;
    std::uint32_t round_trip_ms = 0;
    std::uint32_t jitter_ms = 0;
    std::uint32_t available_kbps = 0;  ///< Of the way to the client; 0 while unknown.
    double shortage = 0;               ///< 0..1, of what it is to be sent; once it has lasted.
  };
  RoomId room;
  std::vector<Entry> transports;
};

using Event =
    std::variant<LocalDescription, LocalCandidate, NegotiationFailed, SectionsNeeded,
                 TransportChanged, TrackBound, TrackEnded, SubscriptionBound, SubscriptionRefused,
                 StreamPaused, AudioLevels, QualityReport, RoomSample>;

}  // namespace vis::media::sfu
