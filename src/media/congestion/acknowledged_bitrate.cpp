#include "media/congestion/acknowledged_bitrate.hpp"

#include <algorithm>
#include <cmath>

namespace vis::media::congestion {
namespace {

/// How doubtful a sample is that differs from the estimate by all of it.
constexpr double kDoubt = 10;
/// The same while we send less than we may: then low samples tell of us, not of the path.
constexpr double kDoubtWhenLimited = 20;
/// The estimate may be off by so much more with every sample.
constexpr double kDrift = 5;
constexpr double kDriftOnChange = 200;

}  // namespace

std::optional<double> AcknowledgedBitrate::sample(Duration arrival, std::size_t bytes) {
  const Duration window = estimate_kbps_ ? kWindow : kFirstWindow;
  if (newest_arrival_ && arrival > *newest_arrival_) {
    const Duration gap = arrival - *newest_arrival_;
    // Nobody sent, or nothing came: a window does not reach over such a silence.
    if (gap >= 2 * window) {
      window_time_ = {};
      window_bytes_ = 0;
    } else {
      window_time_ += gap;
    }
  }
  newest_arrival_ = std::max(newest_arrival_.value_or(arrival), arrival);
  std::optional<double> full;
  if (window_time_ >= window) {
    full = BitRate::of(window_bytes_, window_time_).kbps();
    window_time_ = {};
    window_bytes_ = 0;
  }
  // What completes a window left the queue after it: it opens the next.
  window_bytes_ += bytes;
  return full;
}

void AcknowledgedBitrate::on_packet(Duration arrival, std::size_t bytes, bool application_limited) {
  const std::optional<double> measured = sample(arrival, bytes);
  if (!measured) return;
  if (!estimate_kbps_) {
    estimate_kbps_ = measured;
    return;
  }
  const double doubt =
      application_limited && *measured < *estimate_kbps_ ? kDoubtWhenLimited : kDoubt;
  const double estimate = std::max(*estimate_kbps_, 1.0);
  const double uncertainty = doubt * std::abs(estimate - *measured) / estimate;
  const double sample_variance = uncertainty * uncertainty;
  const double predicted_variance = variance_ + kDrift;
  const double total = sample_variance + predicted_variance;
  estimate_kbps_ = (sample_variance * estimate + predicted_variance * *measured) / total;
  variance_ = sample_variance * predicted_variance / total;
}

std::optional<BitRate> AcknowledgedBitrate::bitrate() const {
  if (!estimate_kbps_) return std::nullopt;
  return BitRate::bps(static_cast<std::int64_t>(*estimate_kbps_ * 1000));
}

void AcknowledgedBitrate::expect_change() { variance_ += kDriftOnChange; }

}  // namespace vis::media::congestion
