#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

inline constexpr std::size_t kSha1Bytes = 20;

/// A key for HMAC-SHA1 (RFC 2104): SHA-1's state after the inner and after the outer padded key,
/// so that a packet costs neither. In the word order that ipsec-mb takes too.
struct HmacSha1Key {
  using State = std::array<std::uint32_t, 5>;
  alignas(16) State inner{};
  alignas(16) State outer{};

  HmacSha1Key() = default;
  explicit HmacSha1Key(const std::array<std::uint8_t, kAuthenticationKeyBytes>& key);
};

/// Over `message` and then `trailer`; computed by OpenSSL, without allocating.
std::array<std::uint8_t, kSha1Bytes> hmac_sha1(const HmacSha1Key& key, Bytes message,
                                               Bytes trailer = {});

}  // namespace vis::media::srtp
