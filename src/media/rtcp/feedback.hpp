#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace vis::media::rtcp {

/// Who sends a feedback message and which stream it is about: the first two words of each
/// (RFC 4585 section 6.1).
struct FeedbackSsrcs {
  static constexpr std::size_t kBytes = 8;

  std::uint32_t sender = 0;
  std::uint32_t media = 0;

  static FeedbackSsrcs read(ByteReader& reader) {
    return {.sender = reader.u32(), .media = reader.u32()};
  }
  void write(ByteWriter& writer) const {
    writer.u32(sender);
    writer.u32(media);
  }
  friend bool operator==(const FeedbackSsrcs&, const FeedbackSsrcs&) = default;
};

}  // namespace vis::media::rtcp
