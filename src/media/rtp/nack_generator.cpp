#include "media/rtp/nack_generator.hpp"

#include <algorithm>
#include <utility>

namespace vis::media::rtp {

NackGenerator::NackGenerator(const NackOptions& options) : options_(options) {
  missing_.reserve(limits::kNackedPackets);
}

void NackGenerator::on_packet(TimePoint now, std::int64_t sequence, bool starts_key_frame) {
  if (!highest_) {
    highest_ = sequence;
    return;
  }
  if (sequence < *highest_) {
    remove(sequence);
  } else if (sequence > *highest_) {
    const std::int64_t first_missing = *highest_ + 1;
    highest_ = sequence;
    if (!starts_key_frame) add_gap(now, first_missing, sequence);
  }
  if (starts_key_frame) {
    remove_before(sequence);
    wants_key_frame_ = false;
  }
}

void NackGenerator::add_gap(TimePoint now, std::int64_t first, std::int64_t end) {
  if (first == end) return;
  const auto gap = static_cast<std::uint64_t>(end - first);
  if (missing_.size() + gap > limits::kNackedPackets) {
    give_up(now);
    return;
  }
  const TimePoint due = now + options_.reordering_delay;
  for (std::int64_t sequence = first; sequence < end; ++sequence) {
    missing_.push_back({.sequence = sequence, .due = due});
  }
  deadline_ = std::min(deadline_.value_or(due), due);
}

void NackGenerator::remove(std::int64_t sequence) {
  const auto at = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
  if (at != missing_.end() && at->sequence == sequence) missing_.erase(at);
}

void NackGenerator::remove_before(std::int64_t sequence) {
  const auto end = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
  missing_.erase(missing_.begin(), end);
}

void NackGenerator::give_up(TimePoint now) {
  missing_.clear();
  wants_key_frame_ = true;
  deadline_ = now;
}

NackGenerator::Request NackGenerator::on_deadline(TimePoint now) {
  const Duration interval = std::max(round_trip_, options_.retry_interval_min);
  std::size_t count = 0;
  deadline_.reset();
  std::erase_if(missing_, [&](Missing& missing) {
    if (missing.due <= now) {
      if (missing.requests == options_.max_requests) {
        wants_key_frame_ = true;
        return true;
      }
      ++missing.requests;
      missing.due = now + interval;
      request_[count++] = static_cast<std::uint16_t>(missing.sequence);
    }
    deadline_ = std::min(deadline_.value_or(missing.due), missing.due);
    return false;
  });
  return {.lost = std::span{request_}.first(count),
          .key_frame = std::exchange(wants_key_frame_, false)};
}

}  // namespace vis::media::rtp
