#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// REMB, draft-alvestrand-rmcat-remb-03 section 2.2: how much the receiver believes can reach it.
///
///     |                  SSRC of packet sender                        |
///     |                  SSRC of media source (unused)                |
///     |  Unique identifier 'R' 'E' 'M' 'B'                            |
///     |  Num SSRC     | BR Exp    |  BR Mantissa                      |
///     |   SSRC feedback ...                                           |
struct Remb {
  static constexpr std::uint8_t kFormat = 15;

  std::uint32_t sender_ssrc = 0;
  std::uint64_t bitrate_bps = 0;
  WireList<SsrcItem> sources;

  /// Nothing also for the other application-layer feedback that shares the format.
  static std::optional<Remb> parse(const Packet& packet);
  /// The bitrate is rounded down to 18 significant bits. At most 255 sources. False, with nothing
  /// written, when it does not fit.
  static bool write(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                    std::span<const std::uint32_t> sources);
};

}  // namespace vis::media::rtcp
