#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace vis::media::rtcp {

/// What a receiver reports of one source, RFC 3550 section 6.4.1:
///
///     |                 SSRC_1 (SSRC of first source)                 |
///     | fraction lost |       cumulative number of packets lost       |
///     |           extended highest sequence number received           |
///     |                      interarrival jitter                      |
///     |                         last SR (LSR)                         |
///     |                   delay since last SR (DLSR)                  |
struct ReportBlock {
  static constexpr std::size_t kBytes = 24;
  static constexpr std::int32_t kMaxLost = 0x7F'FFFF;
  static constexpr std::int32_t kMinLost = -0x80'0000;

  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;    ///< Of 256, since the report before.
  std::int32_t cumulative_lost = 0;  ///< Negative when there were duplicates; 24 bits.
  std::uint32_t extended_highest_sequence = 0;
  std::uint32_t jitter = 0;                          ///< In units of the RTP timestamp.
  std::uint32_t last_sender_report = 0;              ///< NtpTime::middle; 0: none came yet.
  std::uint32_t delay_since_last_sender_report = 0;  ///< In 16.16 seconds.

  static ReportBlock read(ByteReader& reader);
  void write(ByteWriter& writer) const;
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

}  // namespace vis::media::rtcp
