#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/rtcp/transport_feedback.hpp"

namespace vis::media::congestion {

/// Follows the reference time of transport feedback, 24 bits of 64 ms, past its wrap after 12 days.
class FeedbackClock final {
 public:
  /// What to add to the arrival times of a message with this reference time.
  Duration offset(Duration reference_time) {
    const auto ticks = static_cast<std::uint32_t>(reference_time / kUnit);
    if (!last_) last_ = reference_time / kUnit;
    // The shift leaves the 24 bits that count, with their sign.
    const auto ahead =
        static_cast<std::int32_t>((ticks - static_cast<std::uint32_t>(*last_)) << 8) >> 8;
    last_ = *last_ + ahead;
    return *last_ * kUnit - reference_time;
  }

 private:
  static constexpr Duration kUnit = rtcp::TransportFeedback::kReferenceUnit;

  std::optional<std::int64_t> last_;
};

}  // namespace vis::media::congestion
