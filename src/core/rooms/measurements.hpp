#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "core/rooms/media_sample.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/series.hpp"

/// What is measured of a room's people and tracks, and remembered for some minutes.
namespace vis::core::rooms {

/// How well one participant was connected between two samples.
struct LinkPoint {
  std::uint32_t at_s = 0;  ///< Unix time.
  std::uint16_t received_kbps = 0;
  std::uint16_t sent_kbps = 0;
  std::uint16_t available_kbps = 0;  ///< Of the way to it; 0 while unknown.
  std::uint16_t wanted_kbps = 0;     ///< What all that it is to be sent would take.
  std::uint16_t granted_kbps = 0;    ///< Of that, what the way to it is taken to carry.
  std::uint16_t round_trip_ms = 0;   ///< 0 while unknown.
  std::uint16_t jitter_ms = 0;
  std::uint16_t uplink_loss_permille = 0;
  std::uint16_t downlink_loss_permille = 0;
  std::uint16_t score = 0;  ///< 0..100

  friend bool operator==(const LinkPoint&, const LinkPoint&) = default;
};

/// How one layer of a track arrived between two samples.
struct LayerPoint {
  std::uint32_t at_s = 0;
  std::uint16_t kbps = 0;
  std::uint16_t frames_per_second = 0;  ///< Of video.
  std::uint16_t loss_permille = 0;
  std::uint16_t jitter_ms = 0;

  friend bool operator==(const LayerPoint&, const LayerPoint&) = default;
};

/// What makes a connection less than excellent.
enum class QualityCause : std::uint8_t {
  None,
  Disconnected,
  Bandwidth,
  UplinkLoss,
  DownlinkLoss,
  RoundTrip,
  Jitter,
};
/// The worst of what a point tells, as the score weighs it.
QualityCause cause_of(const LinkPoint& point, ConnectionQuality quality);

/// Of a participant.
struct LinkMeasurements {
  /// What was sent to it: as of the last point, and as of the last sample.
  std::pair<MediaSample::Transport, MediaSample::Transport> downlink;
  std::uint64_t received_packets = 0;
  std::uint64_t received_lost = 0;
  std::optional<TimePoint> measured_at;
  LinkPoint latest;
  Series<LinkPoint> series;
  std::vector<MediaSample::Subscription> subscriptions;  ///< Of the last sample.
};

/// Of one layer of a published track.
struct LayerMeasurements {
  MediaSample::Layer last;
  std::optional<TimePoint> measured_at;
  LayerPoint latest;
  Series<LayerPoint> series;
};
/// Of a published track, by layer; one that never came stays as it began.
inline constexpr std::size_t kMeasuredLayers = 6;
using TrackMeasurements = std::vector<LayerMeasurements>;

// ---- as they are told ----

struct LayerReport {
  MediaSample::Layer counts;
  LayerPoint latest;
  std::vector<LayerPoint> points;  ///< Oldest first.
};
struct TrackReport {
  TrackInfo info;
  std::vector<LayerReport> layers;  ///< Smallest first; those that have been heard.
};
struct SubscriptionReport {
  MediaSample::Subscription counts;
  std::string publisher;  ///< Its identity.
};
struct ParticipantReport {
  ParticipantInfo info;
  bool connected = false;
  std::optional<MediaSample::Way> way;  ///< Of what it is sent.
  ConnectionQuality quality = ConnectionQuality::Excellent;
  QualityCause cause = QualityCause::None;
  LinkPoint latest;
  std::vector<LinkPoint> points;  ///< Oldest first.
  std::uint64_t received_packets = 0;
  std::uint64_t received_lost = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t retransmitted_packets = 0;
  std::vector<TrackReport> tracks;
  std::vector<SubscriptionReport> subscriptions;
};
struct RoomReport {  ///< Without points.
  RoomInfo info;
  std::vector<ParticipantReport> participants;  ///< In the order they came; hidden ones too.
};

}  // namespace vis::core::rooms
