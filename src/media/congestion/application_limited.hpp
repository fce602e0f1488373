#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {

/// Whether we send clearly less than we might: a budget that fills at a share of the target and is
/// spent by every packet. While it stays nearly full, what arrives says nothing about the path's
/// capacity.
class ApplicationLimited final {
 public:
  static constexpr double kShare = 0.65;
  static constexpr double kBeginsAt = 0.80;  ///< Of the full budget.
  static constexpr double kEndsAt = 0.50;
  static constexpr Duration kDepth = 500ms;

  void set_target(BitRate target) { rate_ = target * kShare; }
  void on_packet_sent(TimePoint now, std::size_t bytes);
  bool limited() const { return limited_; }

 private:
  BitRate rate_;
  double budget_ = 0;  ///< Bytes; below zero when more was sent than the share.
  std::optional<TimePoint> updated_at_;
  bool limited_ = false;
};

inline void ApplicationLimited::on_packet_sent(TimePoint now, std::size_t bytes) {
  const auto full = static_cast<double>(rate_.bytes_in(kDepth));
  const Duration passed = std::min(now - updated_at_.value_or(now), kDepth);
  updated_at_ = now;
  budget_ += static_cast<double>(rate_.bytes_in(passed)) - static_cast<double>(bytes);
  budget_ = std::clamp(budget_, -full, full);
  limited_ = budget_ > (limited_ ? kEndsAt : kBeginsAt) * full;
}

}  // namespace vis::media::congestion
