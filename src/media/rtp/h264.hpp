#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

/// What an SFU needs to know of one H.264 payload in the modes that WebRTC allows (RFC 6184
/// packetization-mode 0 and 1: single NAL unit, STAP-A, FU-A).
struct H264Payload {
  bool has_parameter_sets = false;  ///< An SPS: a decoder can begin here.
  bool starts_idr = false;          ///< The first bytes of an IDR slice.

  /// Nothing when the payload is empty, is of another kind, or a length inside it does not fit.
  static std::optional<H264Payload> parse(Bytes payload);

  /// Where a key frame begins: senders put the parameter sets in front of every IDR picture.
  bool starts_key_frame() const { return has_parameter_sets || starts_idr; }
};

}  // namespace vis::media::rtp
