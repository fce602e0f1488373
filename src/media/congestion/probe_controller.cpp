#include "media/congestion/probe_controller.hpp"

#include <algorithm>

namespace vis::media::congestion {
namespace {

/// An estimate this far above what is wanted is enough; probes go a little further to get there.
/// With `kWorthwhile` taken off it is more than Allocator::kRoomForMore, or a layer that fits would
/// wait for room that nobody looks for.
constexpr double kEnough = 1.3;
constexpr double kCeiling = 1.5;
/// Below this gain, a probe is not worth its packets.
constexpr double kWorthwhile = 1.1;

}  // namespace

BitRate ProbeController::ceiling() const { return std::min(max_, wanted_ * kCeiling); }

bool ProbeController::wants_more() const {
  return estimate_ * kWorthwhile < std::min(max_, wanted_ * kEnough);
}

void ProbeController::start(TimePoint now, BitRate rate) {
  started_ = true;
  estimate_ = before_drop_ = rate;
  planned_at_ = now;
  for (const double factor : kFirstFactors) plan(std::min(rate * factor, ceiling()));
}

void ProbeController::plan(BitRate rate) {
  if (!wants_more() || rate < estimate_ * kWorthwhile) return;
  if (planned_count_ == planned_.size()) return;
  if (planned_count_ > 0 && rate <= planned_[planned_count_ - 1]) return;
  planned_[planned_count_++] = rate;
}

void ProbeController::set_wanted(TimePoint now, BitRate rate) {
  const bool more = rate > wanted_;
  wanted_ = rate;
  if (!started_ || !more || awaited_) return;
  planned_at_ = now;
  plan(std::min(estimate_ * kFactor, ceiling()));
}

void ProbeController::on_estimate(TimePoint now, BitRate estimate) {
  if (!started_) return;
  estimate_ = estimate;
  before_drop_ = std::max(before_drop_, estimate);
  if (estimate < before_drop_ * kDrop) {
    before_drop_ = estimate;
    interval_ = kRecoveryInterval;
    scheduled_at_.reset();
  }
  schedule(now);
}

void ProbeController::schedule(TimePoint now) {
  if (!wants_more()) {
    scheduled_at_.reset();
  } else if (!scheduled_at_) {
    scheduled_at_ = now + interval_;
  }
}

void ProbeController::on_result(TimePoint now, BitRate result) {
  if (!awaited_ || result < *awaited_ * kSuccess) return;
  awaited_.reset();
  interval_ = kRecoveryInterval;
  scheduled_at_.reset();
  estimate_ = std::max(estimate_, result);
  planned_at_ = now;
  plan(std::min(result * kFactor, ceiling()));
}

std::optional<TimePoint> ProbeController::next_deadline() const {
  std::optional<TimePoint> next = scheduled_at_;
  const auto consider = [&](bool is_set, TimePoint at) {
    if (is_set && (!next || at < *next)) next = at;
  };
  consider(planned_count_ > 0, planned_at_);
  consider(awaited_.has_value(), await_until_);
  return next;
}

std::optional<ProbeCluster> ProbeController::take_due(TimePoint now) {
  if (planned_count_ > 0) {
    const BitRate rate = planned_[0];
    std::shift_left(planned_.begin(), planned_.end(), 1);
    --planned_count_;
    return begin(now, rate);
  }
  if (awaited_ && await_until_ <= now) {
    awaited_.reset();
    interval_ = std::min(interval_ * 2, Duration{kInterval});
    scheduled_at_.reset();
    schedule(now);
  }
  if (!scheduled_at_ || *scheduled_at_ > now) return std::nullopt;
  scheduled_at_.reset();
  if (!wants_more()) return std::nullopt;
  return begin(now, std::min(estimate_ * kFactor, ceiling()));
}

ProbeCluster ProbeController::begin(TimePoint now, BitRate rate) {
  awaited_ = rate;
  await_until_ = now + kResultTime;
  if (++last_id_ == 0) ++last_id_;
  return {.id = last_id_,
          .rate = rate,
          .min_packets = kMinPackets,
          .min_bytes = rate.bytes_in(kDuration)};
}

}  // namespace vis::media::congestion
