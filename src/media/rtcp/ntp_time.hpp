#pragma once

#include <compare>
#include <cstdint>

#include "base/time.hpp"

namespace vis::media::rtcp {

/// Time in 32.32 fixed-point seconds (RFC 3550 section 4).
struct NtpTime {
  std::uint64_t value = 0;

  /// Of a time since 1970 (wall clock), or since anything else that sender and reader agree on.
  static NtpTime from(Duration since_1970);
  Duration since_1970() const;

  /// The middle 32 bits, as in `last_sender_report`: seconds in 16.16.
  std::uint32_t middle() const { return static_cast<std::uint32_t>(value >> 16); }

  friend auto operator<=>(const NtpTime&, const NtpTime&) = default;
};

/// Durations in 16.16 fixed-point seconds, as in `delay_since_last_sender_report`. Longer than
/// 18 hours is cut off, less than nothing is nothing.
std::uint32_t to_compact_ntp(Duration duration);
Duration from_compact_ntp(std::uint32_t compact);

}  // namespace vis::media::rtcp
