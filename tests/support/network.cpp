#include "support/network.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace vis::test {
namespace {

constexpr double kCrossPacketBits = 1200 * 8;

double bits_in(std::int64_t rate_bps, Duration time) {
  return static_cast<double>(rate_bps) * std::chrono::duration<double>(time).count();
}

Duration time_for(double bits, std::int64_t rate_bps) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(bits / static_cast<double>(rate_bps)));
}

}  // namespace

std::optional<TimePoint> Network::send(TimePoint now, std::size_t bytes) {
  advance(now);
  if (happens(current_.loss)) {
    ++lost_;
    return std::nullopt;
  }
  if (!enqueue(static_cast<double>(bytes) * 8)) {
    ++dropped_;
    return std::nullopt;
  }
  TimePoint arrival = drained_at() + current_.delay;
  if (current_.jitter > Duration::zero()) {
    arrival += Duration{random_.below(static_cast<std::uint64_t>(current_.jitter.count()))};
  }
  if (happens(current_.reorder)) arrival += current_.reorder_delay;
  return arrival;
}

Duration Network::queue_delay(TimePoint now) {
  advance(now);
  return drained_at() - now;
}

bool Network::happens(double probability) {
  constexpr std::uint64_t kUnit = 1'000'000;
  return probability > 0 &&
         static_cast<double>(random_.below(kUnit)) < probability * static_cast<double>(kUnit);
}

bool Network::enqueue(double bits) {
  if (current_.rate_bps == 0) return true;
  // One packet is let into an empty queue, however short.
  if (backlog_bits_ > 0 && backlog_bits_ + bits > bits_in(current_.rate_bps, current_.queue)) {
    return false;
  }
  backlog_bits_ += bits;
  return true;
}

void Network::advance(TimePoint now) {
  VIS_ASSERT(now >= now_);
  if (now_ == TimePoint{}) now_ = now;
  while (next_change_ < changes_.size() && changes_[next_change_].at <= now) {
    const Change& change = changes_[next_change_++];
    drain_until(change.at);
    current_ = change.conditions;
    next_cross_packet_.reset();
  }
  drain_until(now);
}

void Network::drain_until(TimePoint now) {
  const auto drain = [&](TimePoint until) {
    if (until <= now_) return;
    backlog_bits_ = current_.rate_bps == 0
                        ? 0
                        : std::max(0.0, backlog_bits_ - bits_in(current_.rate_bps, until - now_));
    now_ = until;
  };
  if (current_.cross_traffic_bps > 0) {
    if (!next_cross_packet_) next_cross_packet_ = now_;
    const Duration gap = time_for(kCrossPacketBits, current_.cross_traffic_bps);
    for (; *next_cross_packet_ <= now;
         *next_cross_packet_ +=
         gap / 2 + Duration{random_.below(static_cast<std::uint64_t>(gap.count()))}) {
      drain(*next_cross_packet_);
      enqueue(kCrossPacketBits);
    }
  }
  drain(now);
}

/// When all that waits now has left, with the changes of rate that lie ahead.
TimePoint Network::drained_at() const {
  double left = backlog_bits_;
  TimePoint at = now_;
  std::int64_t rate = current_.rate_bps;
  for (std::size_t next = next_change_; next < changes_.size() && rate != 0; ++next) {
    const double until_change = bits_in(rate, changes_[next].at - at);
    if (left <= until_change) break;
    left -= until_change;
    at = changes_[next].at;
    rate = changes_[next].conditions.rate_bps;
  }
  return rate == 0 ? at : at + time_for(left, rate);
}

}  // namespace vis::test
