#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/sent_packets.hpp"

namespace vis::media::congestion {

/// A short burst above the target, to find out whether the path carries more.
struct ProbeCluster {
  ProbeClusterId id = 0;
  BitRate rate;
  std::uint16_t min_packets = 0;
  std::size_t min_bytes = 0;
};

/// Measures probes: how fast the packets of each were sent, and how fast they arrived.
class ProbeEstimator final {
 public:
  /// A result needs this share of what the probe was to send.
  static constexpr double kShareNeeded = 0.8;
  /// Results of longer bursts are none: they did not fill the path.
  static constexpr Duration kMaxInterval = 1s;
  /// Arriving this much faster than sent, packets were held back on the way and say nothing.
  static constexpr double kMaxSpeedUp = 2.0;
  /// Arriving clearly slower than sent, they have met the bottleneck: its capacity is known.
  static constexpr double kSaturated = 0.9;
  static constexpr double kOfCapacity = 0.95;

  void expect(const ProbeCluster& cluster);
  struct Packet {
    ProbeClusterId probe = 0;
    TimePoint sent{};
    Duration arrival{};
    std::size_t bytes = 0;
  };
  /// The rate that the probe has shown, as soon as enough of it has arrived, refined by what comes
  /// later.
  std::optional<BitRate> on_packet(const Packet& packet);

 private:
  struct Progress {
    ProbeCluster cluster;
    std::size_t packets = 0;
    std::size_t bytes = 0;
    TimePoint first_sent{};
    TimePoint last_sent{};
    std::size_t last_sent_bytes = 0;  ///< Of all that left at that moment.
    Duration first_arrival{};
    Duration last_arrival{};
    std::size_t first_arrival_bytes = 0;
  };
  static void take(Progress& progress, const Packet& packet);
  static std::optional<BitRate> result(const Progress& progress);

  /// Few probes are on the way at once; an older one makes room.
  static constexpr std::size_t kProbes = 4;
  std::array<Progress, kProbes> probes_{};
};

}  // namespace vis::media::congestion
