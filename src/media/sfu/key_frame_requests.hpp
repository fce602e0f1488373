#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace vis::media::sfu {

/// Merges the key frame requests of all subscribers of one layer: at most one PLI per interval goes
/// to the publisher, one that comes too early is kept until it may go, and a key frame answers all.
class KeyFrameRequests final {
 public:
  /// Browsers pass over a request within 300 ms of the last one that they followed; the rest is for
  /// the first having been longer on its way.
  static constexpr Duration kMinInterval = 400ms;
  /// A request without a key frame in answer is repeated: PLIs get lost, or are passed over.
  static constexpr Duration kRepeatAfter = 500ms;
  static constexpr int kMaxRepeats = 10;
  /// To a publisher that sends on but has not answered so many in a row, requests are few, however
  /// many ask.
  static constexpr int kPatience = 20;
  static constexpr Duration kLongInterval = 5s;

  void request(TimePoint now) {
    if (!wanted_at_) repeats_ = 0;
    const Duration interval = is_ignored() ? kLongInterval : kMinInterval;
    wanted_at_ = last_sent_ ? std::max(now, *last_sent_ + interval) : now;
  }
  /// Something of the layer has arrived.
  void on_packet() { heard_ = true; }
  void on_key_frame() {
    wanted_at_.reset();
    unanswered_ = 0;
  }
  bool is_ignored() const { return unanswered_ >= kPatience; }

  /// When `take_due` will next say yes.
  std::optional<TimePoint> next_deadline() const { return wanted_at_; }
  /// Whether a PLI has to go out now.
  bool take_due(TimePoint now) {
    if (!wanted_at_ || *wanted_at_ > now) return false;
    last_sent_ = now;
    // Who is not heard at all may be behind a bad network, and is no worse for it.
    if (std::exchange(heard_, false)) ++unanswered_;
    if (++repeats_ > kMaxRepeats) {
      wanted_at_.reset();
    } else {
      wanted_at_ = now + (is_ignored() ? kLongInterval : kRepeatAfter);
    }
    return true;
  }

 private:
  std::optional<TimePoint> wanted_at_;
  std::optional<TimePoint> last_sent_;
  int repeats_ = 0;
  bool heard_ = false;  ///< Since the last request.
  int unanswered_ = 0;  ///< Sent since the last key frame, while packets came.
};

}  // namespace vis::media::sfu
