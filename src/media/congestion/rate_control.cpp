#include "media/congestion/rate_control.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vis::media::congestion {
namespace {

/// Weight of a new value in the capacity's mean and spread.
constexpr double kNewCapacity = 0.05;
constexpr double kMinVariance = 0.4;
constexpr double kMaxVariance = 2.5;

/// An additive step is one packet of a 30 Hz video per response time.
constexpr double kFramesPerSecond = 30;
constexpr double kPacketBits = 1200 * 8;
constexpr Duration kFeedbackTime = 100ms;
constexpr double kMinStepPerSecond = 4000;
constexpr double kMaxStepPerSecond = 0.04;  ///< Of the target.

/// After a decrease, back to so much of the capacity, at this share of it per second.
constexpr double kNearCapacity = 0.95;
constexpr double kRecoveryPerSecond = 0.1;

constexpr BitRate kHeadroomFloor = BitRate::kbps(10);
constexpr Duration kMaxIncreaseStep = 1s;

/// After a decrease, its effect is awaited for about a round trip.
constexpr Duration kMinBetweenDecreases = 10ms;
constexpr Duration kMaxBetweenDecreases = 200ms;
/// A queue that never was so short is more than what a burst makes for itself.
constexpr Duration kOwnBurst = 10ms;

BitRate from_kbps(double kbps) { return BitRate::bps(static_cast<std::int64_t>(kbps * 1000)); }

}  // namespace

// ---- LinkCapacity ----

void LinkCapacity::on_overuse(BitRate acknowledged) {
  const double sample = acknowledged.kbps();
  const double mean = mean_kbps_.value_or(sample);
  mean_kbps_ = (1 - kNewCapacity) * mean + kNewCapacity * sample;
  const double error = *mean_kbps_ - sample;
  normalized_variance_ = (1 - kNewCapacity) * normalized_variance_ +
                         kNewCapacity * error * error / std::max(*mean_kbps_, 1.0);
  normalized_variance_ = std::clamp(normalized_variance_, kMinVariance, kMaxVariance);
}

BitRate LinkCapacity::mean() const { return from_kbps(mean_kbps_.value_or(0)); }

double LinkCapacity::deviation_kbps() const {
  return std::sqrt(normalized_variance_ * mean_kbps_.value_or(0));
}

BitRate LinkCapacity::lower_bound() const {
  if (!known()) return {};
  return from_kbps(std::max(0.0, *mean_kbps_ - 3 * deviation_kbps()));
}

BitRate LinkCapacity::upper_bound() const {
  return known() ? from_kbps(*mean_kbps_ + 3 * deviation_kbps()) : BitRate::unlimited();
}

// ---- RateControl ----

void RateControl::update(TimePoint now, const Input& input) {
  change_state(now, input.usage);
  if (input.standing_queue && state_ != State::Decrease) return drain(input);
  switch (state_) {
    case State::Hold: return;
    case State::Increase: return increase(now, input);
    case State::Decrease: return decrease(now, input);
  }
  std::unreachable();
}

void RateControl::set_target(TimePoint now, BitRate rate) {
  target_ = std::clamp(rate, min_, max_);
  increased_at_ = measured_at_ = now;
}

void RateControl::drain(const Input& input) {
  increased_at_.reset();
  if (input.acknowledged) target_ = std::clamp(*input.acknowledged * kBackoff, min_, target_);
}

void RateControl::change_state(TimePoint now, BandwidthUsage usage) {
  switch (usage) {
    case BandwidthUsage::Underuse: state_ = State::Hold; return;
    case BandwidthUsage::Overuse: state_ = State::Decrease; return;
    case BandwidthUsage::Normal:
      if (state_ == State::Increase) return;
      state_ = State::Increase;
      increased_at_ = now;
      return;
  }
  std::unreachable();
}

void RateControl::increase(TimePoint now, const Input& input) {
  const Duration passed = std::min(now - increased_at_.value_or(now), kMaxIncreaseStep);
  increased_at_ = now;
  // What was not tried cannot be known to be possible.
  if (!input.acknowledged || input.application_limited) return;
  if (*input.acknowledged > capacity_.upper_bound()) capacity_.reset();
  const BitRate limit = *input.acknowledged * kHeadroom + kHeadroomFloor;
  if (target_ >= limit) return;
  const BitRate next = capacity_.known()
                           ? recovered(passed, input.round_trip)
                           : target_ * std::pow(kIncreasePerSecond, to_seconds(passed));
  target_ = std::clamp(std::min(next, limit), min_, max_);
}

/// Back to where the capacity was found last, quickly; from there on one step after another.
BitRate RateControl::recovered(Duration passed, Duration round_trip) const {
  const BitRate near = capacity_.mean() * kNearCapacity;
  if (target_ >= near) return target_ + additive_step(passed, round_trip);
  return std::min(near, target_ + capacity_.mean() * (kRecoveryPerSecond * to_seconds(passed)));
}

BitRate RateControl::additive_step(Duration passed, Duration round_trip) const {
  const double frame_bits = static_cast<double>(target_.bps()) / kFramesPerSecond;
  const double packet_bits = frame_bits / std::ceil(frame_bits / kPacketBits);
  const double response_time = to_seconds(round_trip + kFeedbackTime);
  const double per_second = std::clamp(
      packet_bits / response_time, kMinStepPerSecond,
      std::max(kMinStepPerSecond, kMaxStepPerSecond * static_cast<double>(target_.bps())));
  return BitRate::bps(static_cast<std::int64_t>(per_second * to_seconds(passed)));
}

bool RateControl::may_decrease(TimePoint now, const Input& input) const {
  if (!decreased_at_) return true;
  const Duration wait = std::clamp(input.round_trip, kMinBetweenDecreases, kMaxBetweenDecreases);
  if (now - *decreased_at_ >= wait) return true;
  return !input.lately_limited && input.acknowledged && *input.acknowledged < target_ * 0.5;
}

void RateControl::decrease(TimePoint now, const Input& input) {
  if (!may_decrease(now, input)) return;
  // The first large frames after small ones wait for themselves, behind which nothing stays.
  if (input.lately_limited && input.queue_delay < kOwnBurst) {
    state_ = State::Hold;
    return;
  }
  decreased_at_ = now;
  if (!input.acknowledged) {
    target_ = std::max(target_ * 0.5, min_);
    return;
  }
  // What arrives was sent before the target was raised to what a probe has shown.
  const bool behind = input.lately_limited ||
                      (measured_at_ && now - *measured_at_ < input.round_trip + kFeedbackTime * 3);
  const BitRate arrives = behind ? std::max(*input.acknowledged, target_) : *input.acknowledged;
  BitRate next = arrives * kBackoff;
  // What arrives may be from before the last decrease, and more than we send by now.
  if (next > target_ && capacity_.known()) next = capacity_.mean() * kBackoff;
  target_ = std::clamp(std::min(next, target_), min_, max_);
  if (arrives < capacity_.lower_bound()) capacity_.reset();
  capacity_.on_overuse(arrives);
  // Until the delay is normal again.
  state_ = State::Hold;
}

}  // namespace vis::media::congestion
