#include "media/congestion/inter_arrival.hpp"

#include <algorithm>

namespace vis::media::congestion {

std::optional<GroupDelta> InterArrival::on_packet(TimePoint sent, Duration arrival) {
  const Group alone{
      .first_sent = sent, .last_sent = sent, .first_arrival = arrival, .last_arrival = arrival};
  if (!current_) {
    current_ = alone;
    return std::nullopt;
  }
  if (sent < current_->first_sent) return std::nullopt;
  if (continues_group(sent, arrival)) {
    current_->last_sent = std::max(current_->last_sent, sent);
    current_->last_arrival = std::max(current_->last_arrival, arrival);
    return std::nullopt;
  }
  const std::optional<GroupDelta> delta = compare_groups();
  if (reordered_ >= kMaxReordered) reset();
  if (current_) previous_ = current_;
  current_ = alone;
  return delta;
}

bool InterArrival::continues_group(TimePoint sent, Duration arrival) const {
  if (sent - current_->first_sent <= kGroupLength) return true;
  // Packets that a link held back and let go at once say nothing of its queue.
  const Duration arrival_gap = arrival - current_->last_arrival;
  const Duration send_gap = sent - current_->last_sent;
  return arrival_gap < send_gap && arrival_gap <= kGroupLength &&
         std::chrono::abs(arrival - current_->first_arrival) < kMaxBurst;
}

std::optional<GroupDelta> InterArrival::compare_groups() {
  if (!previous_) return std::nullopt;
  const GroupDelta delta{.send = current_->last_sent - previous_->last_sent,
                         .arrival = current_->last_arrival - previous_->last_arrival};
  if (delta.arrival < Duration::zero()) {
    ++reordered_;
    return std::nullopt;
  }
  reordered_ = 0;
  return delta;
}

}  // namespace vis::media::congestion
