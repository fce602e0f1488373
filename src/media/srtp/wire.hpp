#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/byte_order.hpp"
#include "base/bytes.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

/// Where protection finds what it needs in a packet. Only that much is parsed here.

inline constexpr std::size_t kRtpFixedHeaderBytes = 12;
inline constexpr std::size_t kRtpSequenceAt = 2;
inline constexpr std::size_t kRtpSsrcAt = 8;

/// The first report's header and SSRC stay in the clear (RFC 3711 section 3.4).
inline constexpr std::size_t kRtcpClearBytes = 8;
inline constexpr std::size_t kRtcpSsrcAt = 4;
inline constexpr std::uint32_t kRtcpEncrypted = 0x8000'0000;
inline constexpr std::uint32_t kRtcpMaxIndex = 0x7FFF'FFFF;

/// The size of the RTP header with CSRCs and extension block; nothing when it ends outside of the
/// packet or the version is not 2.
inline std::optional<std::size_t> rtp_header_size(Bytes packet) {
  if (packet.size() < kRtpFixedHeaderBytes || (packet[0] >> 6) != 2) return std::nullopt;
  std::size_t size = kRtpFixedHeaderBytes + std::size_t{4} * (packet[0] & 0x0FU);
  const bool has_extension = (packet[0] & 0x10) != 0;
  if (has_extension) {
    if (packet.size() < size + 4) return std::nullopt;
    size += 4 + std::size_t{4} * load_be<std::uint16_t>(packet.data() + size + 2);
  }
  if (size > packet.size()) return std::nullopt;
  return size;
}

/// What AEAD authenticates of an SRTCP packet beside its ciphertext (RFC 7714 section 9.2): the
/// clear part, and the word of E flag and index.
using RtcpAssociated = std::array<std::uint8_t, kRtcpClearBytes + kRtcpIndexBytes>;
inline RtcpAssociated gcm_rtcp_associated(const std::uint8_t* clear, const std::uint8_t* index) {
  RtcpAssociated associated;
  std::memcpy(associated.data(), clear, kRtcpClearBytes);
  std::memcpy(associated.data() + kRtcpClearBytes, index, kRtcpIndexBytes);
  return associated;
}

}  // namespace vis::media::srtp
