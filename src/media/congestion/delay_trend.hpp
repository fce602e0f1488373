#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/inter_arrival.hpp"

namespace vis::media::congestion {

/// Whether the one-way delay grows: the slope of a line through its last values. Successor of the
/// Kalman filter of draft-ietf-rmcat-gcc-02 section 5.4, as "Congestion Control for Web Real-Time
/// Communication" (Carlucci et al., 2017) and today's senders have it.
class DelayTrend final {
 public:
  static constexpr std::size_t kWindow = 20;
  static constexpr double kSmoothing = 0.9;  ///< Share of the value before in the new one.

  /// A slope without unit: seconds of delay per second. Nothing until the window is full.
  std::optional<double> on_group(const GroupDelta& delta, Duration arrival);
  /// How many groups the slope rests on, a measure of trust.
  std::size_t groups() const { return groups_; }
  void reset() { *this = {}; }

 private:
  struct Point {
    double arrival_ms = 0;
    double delay_ms = 0;
  };
  std::optional<double> slope() const;

  std::array<Point, kWindow> points_{};
  std::size_t groups_ = 0;
  std::optional<Duration> first_arrival_;
  double delay_ms_ = 0;  ///< Against the first group's.
  double smoothed_ms_ = 0;
};

}  // namespace vis::media::congestion
