#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "media/rtcp/packet.hpp"

namespace vis::media::rtcp {

/// SDES, RFC 3550 section 6.5: chunks of an SSRC and items |type|length|text|, each list ended by
/// a zero and filled up to a multiple of four bytes. Only CNAME is of interest.
struct SourceDescription {
  static constexpr std::size_t kMaxCname = 255;

  std::uint8_t chunk_count = 0;
  Bytes chunks{};

  static std::optional<SourceDescription> parse(const Packet& packet);
  /// The CNAME that the first chunk of this SSRC gives; it may hold any bytes.
  std::optional<std::string_view> cname(std::uint32_t ssrc) const;

  /// One chunk with one CNAME of at most kMaxCname bytes. False, with nothing written, when it does
  /// not fit.
  static bool write(ByteWriter& writer, std::uint32_t ssrc, std::string_view cname);
};

}  // namespace vis::media::rtcp
