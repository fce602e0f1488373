#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "media/rtcp/feedback.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// Which stream must send a key frame; a repeated number repeats the same command.
struct FirEntry {
  static constexpr std::size_t kBytes = 8;

  std::uint32_t ssrc = 0;
  std::uint8_t sequence = 0;

  static FirEntry read(ByteReader& reader) {
    const FirEntry entry{.ssrc = reader.u32(), .sequence = reader.u8()};
    reader.skip(3);
    return entry;
  }
  friend bool operator==(const FirEntry&, const FirEntry&) = default;
};

/// FIR, RFC 5104 section 4.3.1: entries | SSRC | sequence number | reserved (24 bit) |. The media
/// SSRC of the message itself is not used.
struct FullIntraRequest {
  static constexpr std::uint8_t kFormat = 4;

  std::uint32_t sender_ssrc = 0;
  WireList<FirEntry> entries;

  static std::optional<FullIntraRequest> parse(const Packet& packet);
  /// One entry. False, with nothing written, when it does not fit.
  static bool write(ByteWriter& writer, std::uint32_t sender_ssrc, const FirEntry& entry);
};

}  // namespace vis::media::rtcp
