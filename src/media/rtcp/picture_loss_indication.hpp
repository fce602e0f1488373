#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "media/rtcp/feedback.hpp"
#include "media/rtcp/packet.hpp"

namespace vis::media::rtcp {

/// PLI, RFC 4585 section 6.3.1: a key frame is wanted. Nothing follows the SSRCs.
struct PictureLossIndication {
  static constexpr std::uint8_t kFormat = 1;

  FeedbackSsrcs ssrcs;

  static std::optional<PictureLossIndication> parse(const Packet& packet) {
    ByteReader reader{packet.body};
    const PictureLossIndication pli{.ssrcs = FeedbackSsrcs::read(reader)};
    if (!reader.ok()) return std::nullopt;
    return pli;
  }
  /// False, with nothing written, when it does not fit.
  static bool write(ByteWriter& writer, const FeedbackSsrcs& ssrcs) {
    if (!write_header(writer, kFormat, kPayloadSpecificFeedback, FeedbackSsrcs::kBytes)) {
      return false;
    }
    ssrcs.write(writer);
    return true;
  }
};

}  // namespace vis::media::rtcp
