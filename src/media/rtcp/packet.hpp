#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtcp {

// Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1) and the formats of feedback messages.
inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kGoodbye = 203;
inline constexpr std::uint8_t kTransportLayerFeedback = 205;
inline constexpr std::uint8_t kPayloadSpecificFeedback = 206;

inline constexpr std::size_t kHeaderBytes = 4;
/// The five-bit count of blocks, chunks or sources.
inline constexpr std::size_t kMaxCount = 31;

/// One packet of a compound, RFC 3550 section 6.4.1 and its siblings, without its padding:
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |V=2|P| count/  |  packet type  |             length            |
///     |     | format  |               |                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                             body ...                          |
struct Packet {
  std::uint8_t count = 0;  ///< Of blocks, or the format of a feedback message.
  std::uint8_t type = 0;
  Bytes body{};

  /// Takes one packet off the reader. Nothing when it is longer than what is left, its padding is
  /// longer than its body, or its version is not 2.
  static std::optional<Packet> parse(ByteReader& reader);
};

/// Whether a datagram on a port shared with RTP is RTCP (RFC 5761 section 4).
inline bool is_rtcp(Bytes datagram) {
  return datagram.size() >= kHeaderBytes && datagram[1] >= 192 && datagram[1] <= 223;
}

/// Starts a packet with `body_bytes` behind its header; the caller writes exactly as many, a
/// multiple of four. False, with nothing written, when the whole does not fit.
bool write_header(ByteWriter& writer, std::uint8_t count, std::uint8_t type,
                  std::size_t body_bytes);

}  // namespace vis::media::rtcp
