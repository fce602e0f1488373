#include "media/congestion/delay_trend.hpp"

#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {

std::optional<double> DelayTrend::on_group(const GroupDelta& delta, Duration arrival) {
  if (!first_arrival_) first_arrival_ = arrival;
  delay_ms_ += to_ms(delta.arrival - delta.send);
  smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * delay_ms_;
  points_[groups_ % kWindow] = {.arrival_ms = to_ms(arrival - *first_arrival_),
                                .delay_ms = smoothed_ms_};
  ++groups_;
  return groups_ < kWindow ? std::nullopt : slope();
}

/// Least squares. Nothing when all arrived at one moment.
std::optional<double> DelayTrend::slope() const {
  double mean_arrival = 0;
  double mean_delay = 0;
  for (const Point& point : points_) {
    mean_arrival += point.arrival_ms / kWindow;
    mean_delay += point.delay_ms / kWindow;
  }
  double covariance = 0;
  double variance = 0;
  for (const Point& point : points_) {
    const double from_mean = point.arrival_ms - mean_arrival;
    covariance += from_mean * (point.delay_ms - mean_delay);
    variance += from_mean * from_mean;
  }
  if (variance == 0) return std::nullopt;
  return covariance / variance;
}

}  // namespace vis::media::congestion
