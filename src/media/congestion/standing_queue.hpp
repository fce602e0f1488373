#pragma once

#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace vis::media::congestion {

/// The least value of the last one to two windows: two numbers instead of a list.
class WindowedMinimum final {
 public:
  explicit WindowedMinimum(Duration window) : window_(window) {}

  void add(TimePoint now, Duration value) {
    if (!begun_at_ || now - *begun_at_ >= window_) {
      before_ = current_;
      current_.reset();
      begun_at_ = now;
    }
    current_ = std::min(current_.value_or(value), value);
  }
  std::optional<Duration> value() const {
    if (!before_ || !current_) return current_ ? current_ : before_;
    return std::min(*before_, *current_);
  }

 private:
  Duration window_;
  std::optional<TimePoint> begun_at_;
  std::optional<Duration> current_;
  std::optional<Duration> before_;
};

/// Finds a queue that stands: after a drop of capacity the delay grows until the buffer is full,
/// and then it grows no more, so its trend says that all is well. The delay above the least one
/// known says otherwise.
///
/// Others may be who keep a queue full, and a flow that yields to them starves. So a drain is tried
/// for a while only, and not again before the queue has been short.
class StandingQueue final {
 public:
  static constexpr Duration kLong = 50ms;
  static constexpr Duration kPatience = 4s;

  /// `transit` is the arrival on the receiver's clock less the departure on ours.
  void on_packet(TimePoint now, Duration transit) {
    base_.add(now, transit);
    recent_.add(now, transit);
  }
  /// Whether to send less than arrives until the queue is gone.
  bool wants_drain(TimePoint now) {
    if (delay() < kLong) {
      standing_since_.reset();
      return false;
    }
    if (!standing_since_) standing_since_ = now;
    return now - *standing_since_ < kPatience;
  }
  /// How long even the quickest of the last packets have waited.
  Duration delay() const {
    if (!recent_.value()) return {};
    return *recent_.value() - *base_.value();
  }

 private:
  WindowedMinimum base_{15s};
  WindowedMinimum recent_{100ms};
  std::optional<TimePoint> standing_since_;
};

}  // namespace vis::media::congestion
