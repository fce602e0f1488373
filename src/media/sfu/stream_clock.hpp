#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "media/rtcp/ntp_time.hpp"

namespace vis::media::sfu {

/// The tie between a stream's RTP timestamps and its sender's wall clock, from the latest sender
/// report (RFC 3550 section 6.4.1).
struct StreamClock {
  rtcp::NtpTime ntp;
  std::uint32_t rtp_timestamp = 0;
  TimePoint arrived;

  /// The sender's wall clock at an RTP timestamp near the report's, in NTP's 32.32 fixed point.
  std::uint64_t ntp_at(std::uint32_t timestamp, std::uint32_t clock_rate) const {
    const auto ticks = std::int64_t{static_cast<std::int32_t>(timestamp - rtp_timestamp)};
    return ntp.value + static_cast<std::uint64_t>(ticks * (std::int64_t{1} << 32) / clock_rate);
  }
};

/// RTP ticks of a duration, modulo 2^32.
inline std::uint32_t ticks_of(Duration elapsed, std::uint32_t clock_rate) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  return static_cast<std::uint32_t>(us * clock_rate / 1'000'000);
}

/// A duration as NTP's 32.32 fixed point.
inline std::uint64_t ntp_of(Duration elapsed) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  return (static_cast<std::uint64_t>(us) << 32) / 1'000'000;
}

}  // namespace vis::media::sfu
