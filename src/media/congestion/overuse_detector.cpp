#include "media/congestion/overuse_detector.hpp"

#include <algorithm>
#include <cmath>

#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {
namespace {

constexpr double kGain = 4;
constexpr std::size_t kFullTrust = 60;
/// Per millisecond: up slowly, down four times as fast.
constexpr double kFollowUp = 0.0087;
constexpr double kFollowDown = 0.039;
constexpr Duration kMaxFollowStep = 100ms;

}  // namespace

BandwidthUsage OveruseDetector::on_trend(TimePoint now, double trend, std::size_t groups,
                                         Duration send_delta) {
  const double scaled_ms = static_cast<double>(std::min(groups, kFullTrust)) * trend * kGain;
  usage_ = judge(scaled_ms, trend, send_delta);
  last_trend_ = trend;
  adapt_threshold(now, scaled_ms);
  return usage_;
}

BandwidthUsage OveruseDetector::judge(double scaled_ms, double trend, Duration send_delta) {
  if (scaled_ms <= threshold_ms_) {
    over_for_.reset();
    over_count_ = 0;
    return scaled_ms < -threshold_ms_ ? BandwidthUsage::Underuse : BandwidthUsage::Normal;
  }
  // When exactly within the last interval it began is not known: half of it counts.
  over_for_ = over_for_ ? *over_for_ + send_delta : send_delta / 2;
  ++over_count_;
  const bool lasting = *over_for_ > kOveruseTime && over_count_ > 1;
  // Until then, and while the queue drains again, the verdict before stands.
  if (!lasting || trend < last_trend_) return usage_;
  over_for_ = Duration::zero();
  over_count_ = 0;
  return BandwidthUsage::Overuse;
}

void OveruseDetector::adapt_threshold(TimePoint now, double scaled_ms) {
  const Duration step = adapted_at_ ? std::min(now - *adapted_at_, kMaxFollowStep) : Duration{};
  adapted_at_ = now;
  const double distance = std::abs(scaled_ms) - threshold_ms_;
  if (distance > kSpikeMs) return;
  const double follow = distance < 0 ? kFollowDown : kFollowUp;
  threshold_ms_ =
      std::clamp(threshold_ms_ + follow * distance * to_ms(step), kMinThresholdMs, kMaxThresholdMs);
}

}  // namespace vis::media::congestion
