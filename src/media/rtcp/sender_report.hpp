#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "media/rtcp/ntp_time.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/report_block.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// What a sender tells of itself.
struct SenderInfo {
  static constexpr std::size_t kBytes = 24;

  std::uint32_t ssrc = 0;
  NtpTime ntp;
  std::uint32_t rtp_timestamp = 0;  ///< The stream's clock at `ntp`.
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;  ///< Of payload.

  friend bool operator==(const SenderInfo&, const SenderInfo&) = default;
};

/// SR, RFC 3550 section 6.4.1:
///
///     |V=2|P|    RC   |   PT=SR=200   |             length            |
///     |                         SSRC of sender                        |
///     |              NTP timestamp, most significant word             |
///     |             NTP timestamp, least significant word             |
///     |                         RTP timestamp                         |
///     |                     sender's packet count                     |
///     |                      sender's octet count                     |
///     |                       report blocks ...                       |
///
/// A profile-specific extension behind the blocks is skipped.
struct SenderReport {
  SenderInfo info;
  WireList<ReportBlock> reports;

  static std::optional<SenderReport> parse(const Packet& packet);
  /// False, with nothing written, when it does not fit. At most kMaxCount blocks.
  static bool write(ByteWriter& writer, const SenderInfo& info,
                    std::span<const ReportBlock> reports);
};

}  // namespace vis::media::rtcp
