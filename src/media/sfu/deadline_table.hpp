#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace vis::media::sfu {

/// The next deadline of every transport of an engine, one number each. Setting one costs nothing;
/// finding the due ones scans the numbers, which for thousands of transports is microseconds, so
/// that happens at most once per quantum.
class DeadlineTable final {
 public:
  static constexpr Duration kQuantum = 5ms;

  void set(std::size_t slot, std::optional<TimePoint> deadline) {
    if (slot >= deadlines_.size()) deadlines_.resize(slot + 1, kNever);
    deadlines_[slot] = deadline.value_or(kNever);
    earliest_ = std::min(earliest_, deadlines_[slot]);
  }

  /// Never earlier than a quantum after the last scan.
  std::optional<TimePoint> next() const {
    if (earliest_ == kNever) return std::nullopt;
    return std::max(earliest_, not_before_);
  }

  /// Calls `run(slot)` for every due slot; `run` sets the slot's next deadline.
  template <typename Run>
  void run_due(TimePoint now, Run run) {
    not_before_ = now + kQuantum;
    for (std::size_t slot = 0; slot < deadlines_.size(); ++slot) {
      if (deadlines_[slot] > now) continue;
      deadlines_[slot] = kNever;
      run(slot);
    }
    earliest_ = kNever;
    for (const TimePoint deadline : deadlines_) earliest_ = std::min(earliest_, deadline);
  }

 private:
  static constexpr TimePoint kNever = TimePoint::max();

  std::vector<TimePoint> deadlines_;
  TimePoint earliest_ = kNever;
  TimePoint not_before_ = TimePoint::min();
};

}  // namespace vis::media::sfu
