#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

/// What an SFU needs to know of one H.265 payload (RFC 7798 section 4.4: single NAL unit,
/// aggregation packet, fragmentation unit; PACI is refused). The payload header:
///
///      0                   1
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |F|   Type    |  LayerId  | TID |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// Sent without DONL fields (sprop-max-don-diff absent or 0), as WebRTC has it.
struct H265Payload {
  bool has_parameter_sets = false;    ///< A VPS or SPS: a decoder can begin here.
  bool starts_random_access = false;  ///< The first bytes of an IRAP slice (IDR, CRA, BLA).
  std::uint8_t temporal_id = 0;

  /// Nothing when the payload is empty, is of another kind, or a length inside it does not fit.
  static std::optional<H265Payload> parse(Bytes payload);

  /// Where a key frame begins: senders put the parameter sets in front of every IRAP picture.
  bool starts_key_frame() const { return has_parameter_sets || starts_random_access; }
};

}  // namespace vis::media::rtp
