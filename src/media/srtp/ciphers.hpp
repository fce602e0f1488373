#pragma once

#include <utility>
#include <variant>

#include "media/srtp/aes.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/hmac_sha1.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

struct GcmCiphers {
  GcmCiphers(Crypto& crypto, const SessionKeys& keys, Direction direction)
      : rtp(crypto, keys.rtp.cipher, direction), rtcp(crypto, keys.rtcp.cipher, direction) {}

  AesGcm rtp;
  AesGcm rtcp;
};

struct CmCiphers {
  CmCiphers(Crypto& crypto, const SessionKeys& keys)
      : rtp(crypto, keys.rtp.cipher),
        rtcp(crypto, keys.rtcp.cipher),
        rtp_authentication(keys.rtp.authentication),
        rtcp_authentication(keys.rtcp.authentication) {}

  AesCm rtp;
  AesCm rtcp;
  HmacSha1Key rtp_authentication;
  HmacSha1Key rtcp_authentication;
};

/// The expanded session keys of one direction, for whichever profile it has. Behind a pointer in
/// the contexts, so that their users need not see the libraries.
class Ciphers final {
 public:
  Ciphers(Crypto& crypto, const SessionKeys& keys, Direction direction) {
    switch (keys.profile) {
      case Profile::AeadAes128Gcm: either_.emplace<GcmCiphers>(crypto, keys, direction); return;
      case Profile::Aes128CmHmacSha1_80: either_.emplace<CmCiphers>(crypto, keys); return;
    }
    std::unreachable();
  }

  GcmCiphers& gcm() { return *std::get_if<GcmCiphers>(&either_); }
  CmCiphers& cm() { return *std::get_if<CmCiphers>(&either_); }

 private:
  std::variant<std::monostate, GcmCiphers, CmCiphers> either_;
};

}  // namespace vis::media::srtp
