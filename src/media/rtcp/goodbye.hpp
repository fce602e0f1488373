#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// BYE, RFC 3550 section 6.6: the sources that leave, and perhaps the reason.
struct Goodbye {
  WireList<SsrcItem> sources;
  std::string_view reason{};

  static std::optional<Goodbye> parse(const Packet& packet);
  /// At most kMaxCount sources; no reason is given. False, with nothing written, when it does not
  /// fit.
  static bool write(ByteWriter& writer, std::span<const std::uint32_t> sources);
};

}  // namespace vis::media::rtcp
