#pragma once

#include <cstdint>
#include <span>

#include "base/byte_order.hpp"
#include "media/srtp/aes.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

using Salt = std::array<std::uint8_t, kSaltBytes>;

/// Nonces are a function of the stream and the packet index, never random: a pair of the two that
/// is used once gives a nonce that is used once.

/// RFC 7714 section 8.1: | 00 00 | SSRC | ROC | SEQ | xor salt; ROC and SEQ are the packet index.
inline GcmNonce rtp_nonce(const Salt& salt, std::uint32_t ssrc, std::uint64_t index) {
  GcmNonce nonce{};
  store_be(nonce.data() + 2, ssrc);
  store_be(nonce.data() + 6, static_cast<std::uint32_t>(index >> 16));
  store_be(nonce.data() + 10, static_cast<std::uint16_t>(index));
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] ^= salt[i];
  return nonce;
}

/// RFC 7714 section 9.1: | 00 00 | SSRC | 00 00 | 0 | SRTCP index | xor salt.
inline GcmNonce rtcp_nonce(const Salt& salt, std::uint32_t ssrc, std::uint32_t index) {
  GcmNonce nonce{};
  store_be(nonce.data() + 2, ssrc);
  store_be(nonce.data() + 8, index);
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] ^= salt[i];
  return nonce;
}

/// RFC 3711 section 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16; the low 16 bits count the
/// blocks of the packet.
inline CmCounter packet_counter(const Salt& salt, std::uint32_t ssrc, std::uint64_t index) {
  CmCounter counter{};
  store_be(counter.data() + 4, ssrc);
  store_be(counter.data() + 8, index << 16);
  for (std::size_t i = 0; i < salt.size(); ++i) counter[i] ^= salt[i];
  return counter;
}

}  // namespace vis::media::srtp
