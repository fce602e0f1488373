#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/overuse_detector.hpp"

namespace vis::media::congestion {

/// Where the bottleneck's capacity was each time that it was overused: mean and spread.
class LinkCapacity final {
 public:
  void on_overuse(BitRate acknowledged);
  bool known() const { return mean_kbps_.has_value(); }
  BitRate mean() const;
  /// Rates outside of three deviations are of another capacity than the one remembered.
  BitRate lower_bound() const;
  BitRate upper_bound() const;
  void reset() { mean_kbps_.reset(); }

 private:
  double deviation_kbps() const;

  std::optional<double> mean_kbps_;
  double normalized_variance_ = 0.4;  ///< Divided by the mean.
};

/// Additive increase near the known capacity, multiplicative far from it, and decrease to a share
/// of what arrives as soon as the delay grows (draft-ietf-rmcat-gcc-02 section 5.6).
class RateControl final {
 public:
  static constexpr double kBackoff = 0.85;
  static constexpr double kIncreasePerSecond = 1.08;
  /// How far the target may be ahead of what is known to arrive.
  static constexpr double kHeadroom = 1.5;

  RateControl(BitRate start, BitRate min, BitRate max) : target_(start), min_(min), max_(max) {}

  struct Input {
    BandwidthUsage usage = BandwidthUsage::Normal;
    std::optional<BitRate> acknowledged{};
    bool application_limited = false;
    /// It is, or was a moment ago: what has arrived tells how little was sent, not what fits.
    bool lately_limited = false;
    bool standing_queue = false;  ///< The delay is high, though it does not grow.
    Duration queue_delay{};       ///< Which every packet of late has waited.
    Duration round_trip{};
  };
  void update(TimePoint now, const Input& input);
  /// A measurement that stands for itself: a probe's.
  void set_target(TimePoint now, BitRate rate);
  BitRate target() const { return target_; }

 private:
  enum class State : std::uint8_t { Hold, Increase, Decrease };

  void change_state(TimePoint now, BandwidthUsage usage);
  void increase(TimePoint now, const Input& input);
  void decrease(TimePoint now, const Input& input);
  bool may_decrease(TimePoint now, const Input& input) const;
  void drain(const Input& input);
  BitRate recovered(Duration passed, Duration round_trip) const;
  BitRate additive_step(Duration passed, Duration round_trip) const;

  BitRate target_;
  BitRate min_;
  BitRate max_;
  LinkCapacity capacity_;
  State state_ = State::Hold;
  std::optional<TimePoint> increased_at_;
  std::optional<TimePoint> measured_at_;  ///< When `set_target` was called last.
  std::optional<TimePoint> decreased_at_;
};

}  // namespace vis::media::congestion
