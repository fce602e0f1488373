#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.hpp"

namespace vis::media::srtp {

/// The protection profiles that this server negotiates (RFC 5764 section 4.1.2, RFC 7714
/// section 14.2), in its order of preference.
enum class Profile : std::uint8_t {
  AeadAes128Gcm,
  Aes128CmHmacSha1_80,
};

constexpr std::size_t tag_bytes(Profile profile) {
  switch (profile) {
    case Profile::AeadAes128Gcm: return 16;
    case Profile::Aes128CmHmacSha1_80: return 10;
  }
  std::unreachable();
}
constexpr std::size_t salt_bytes(Profile profile) {
  switch (profile) {
    case Profile::AeadAes128Gcm: return 12;
    case Profile::Aes128CmHmacSha1_80: return 14;
  }
  std::unreachable();
}

inline constexpr std::size_t kKeyBytes = 16;
inline constexpr std::size_t kAuthenticationKeyBytes = 20;
inline constexpr std::size_t kSaltBytes = 14;
/// The E flag and index at the end of every SRTCP packet (RFC 3711 section 3.4).
inline constexpr std::size_t kRtcpIndexBytes = 4;

/// What protection adds to an RTP packet, and to an RTCP packet.
constexpr std::size_t rtp_overhead(Profile profile) { return tag_bytes(profile); }
constexpr std::size_t rtcp_overhead(Profile profile) {
  return tag_bytes(profile) + kRtcpIndexBytes;
}

/// The master key and salt of one direction. A shorter salt is followed by zeros. Wiped when it
/// goes out of scope.
struct MasterKey {
  std::array<std::uint8_t, kKeyBytes> key{};
  std::array<std::uint8_t, kSaltBytes> salt{};

  ~MasterKey();
};

/// What DTLS-SRTP exports (RFC 5764 section 4.2): client key, server key, client salt, server salt.
struct DtlsKeys {
  MasterKey client;  ///< Protects what the DTLS client sends.
  MasterKey server;  ///< Protects what the DTLS server sends.

  /// How many bytes to export under the label "EXTRACTOR-dtls_srtp".
  static constexpr std::size_t exported_bytes(Profile profile) {
    return 2 * (kKeyBytes + salt_bytes(profile));
  }
  /// Nothing when `exported` is of another size.
  static std::optional<DtlsKeys> split(Profile profile, Bytes exported);
};

/// The session keys for either RTP or RTCP. The authentication key is for AES-CM alone.
struct SessionKey {
  std::array<std::uint8_t, kKeyBytes> cipher{};
  std::array<std::uint8_t, kAuthenticationKeyBytes> authentication{};
  std::array<std::uint8_t, kSaltBytes> salt{};

  ~SessionKey();
};

/// All session keys of one direction. Wiped when it goes out of scope.
struct SessionKeys {
  Profile profile = Profile::AeadAes128Gcm;
  SessionKey rtp;
  SessionKey rtcp;

  /// RFC 3711 section 4.3 with a key derivation rate of zero, for both profiles.
  static SessionKeys derive(Profile profile, const MasterKey& master);
};

}  // namespace vis::media::srtp
