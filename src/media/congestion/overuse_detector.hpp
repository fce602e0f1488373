#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace vis::media::congestion {

/// What the delay says of the bottleneck's queue: it drains, stays, or grows.
enum class BandwidthUsage : std::uint8_t { Underuse, Normal, Overuse };

/// Compares the delay trend with a threshold that follows it (draft-ietf-rmcat-gcc-02 section
/// 5.5), so that a flow neither starves beside one that fills queues nor reacts to mere jitter.
class OveruseDetector final {
 public:
  static constexpr double kInitialThresholdMs = 12.5;
  static constexpr double kMinThresholdMs = 6;
  static constexpr double kMaxThresholdMs = 600;
  /// A trend this far above the threshold is a spike, which the threshold does not follow.
  static constexpr double kSpikeMs = 15;
  /// Overuse must last so long until it counts.
  static constexpr Duration kOveruseTime = 10ms;

  /// `trend` rests on `groups` groups of packets, the last of which left `send_delta` after the one
  /// before it.
  BandwidthUsage on_trend(TimePoint now, double trend, std::size_t groups, Duration send_delta);
  BandwidthUsage usage() const { return usage_; }
  double threshold_ms() const { return threshold_ms_; }

 private:
  BandwidthUsage judge(double scaled_ms, double trend, Duration send_delta);
  void adapt_threshold(TimePoint now, double scaled_ms);

  BandwidthUsage usage_ = BandwidthUsage::Normal;
  double threshold_ms_ = kInitialThresholdMs;
  std::optional<TimePoint> adapted_at_;
  std::optional<Duration> over_for_;  ///< Since the trend went above the threshold.
  int over_count_ = 0;
  double last_trend_ = 0;
};

}  // namespace vis::media::congestion
