#include "media/congestion/probe_estimator.hpp"

#include <algorithm>

namespace vis::media::congestion {

void ProbeEstimator::expect(const ProbeCluster& cluster) {
  probes_[cluster.id % kProbes] = {.cluster = cluster};
}

std::optional<BitRate> ProbeEstimator::on_packet(const Packet& packet) {
  Progress& progress = probes_[packet.probe % kProbes];
  if (packet.probe == 0 || progress.cluster.id != packet.probe) return std::nullopt;
  take(progress, packet);
  return result(progress);
}

void ProbeEstimator::take(Progress& progress, const Packet& packet) {
  const bool first = progress.packets == 0;
  if (first || packet.sent < progress.first_sent) progress.first_sent = packet.sent;
  if (first || packet.sent > progress.last_sent) {
    progress.last_sent = packet.sent;
    progress.last_sent_bytes = 0;
  }
  if (packet.sent == progress.last_sent) progress.last_sent_bytes += packet.bytes;
  if (first || packet.arrival < progress.first_arrival) {
    progress.first_arrival = packet.arrival;
    progress.first_arrival_bytes = packet.bytes;
  }
  if (first || packet.arrival > progress.last_arrival) progress.last_arrival = packet.arrival;
  progress.bytes += packet.bytes;
  ++progress.packets;
}

std::optional<BitRate> ProbeEstimator::result(const Progress& progress) {
  const ProbeCluster& cluster = progress.cluster;
  if (static_cast<double>(progress.packets) < cluster.min_packets * kShareNeeded ||
      static_cast<double>(progress.bytes) < static_cast<double>(cluster.min_bytes) * kShareNeeded) {
    return std::nullopt;
  }
  const Duration send_time = progress.last_sent - progress.first_sent;
  const Duration arrival_time = progress.last_arrival - progress.first_arrival;
  if (send_time <= Duration::zero() || send_time > kMaxInterval) return std::nullopt;
  if (arrival_time <= Duration::zero() || arrival_time > kMaxInterval) return std::nullopt;
  // What leaves last is still being sent when the interval ends; what arrives first was on its way
  // before it began.
  const BitRate sent = BitRate::of(progress.bytes - progress.last_sent_bytes, send_time);
  const BitRate arrived = BitRate::of(progress.bytes - progress.first_arrival_bytes, arrival_time);
  if (arrived / sent > kMaxSpeedUp) return std::nullopt;
  if (arrived < sent * kSaturated) return arrived * kOfCapacity;
  return std::min(sent, arrived);
}

}  // namespace vis::media::congestion
