#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/report_block.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// RR, RFC 3550 section 6.4.2: the reporter's SSRC and its report blocks. A profile-specific
/// extension behind them is skipped.
struct ReceiverReport {
  std::uint32_t sender_ssrc = 0;
  WireList<ReportBlock> reports;

  static std::optional<ReceiverReport> parse(const Packet& packet);
  /// False, with nothing written, when it does not fit. At most kMaxCount blocks.
  static bool write(ByteWriter& writer, std::uint32_t sender_ssrc,
                    std::span<const ReportBlock> reports);
};

}  // namespace vis::media::rtcp
