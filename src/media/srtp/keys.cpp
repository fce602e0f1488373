#include "media/srtp/keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/assert.hpp"

namespace vis::media::srtp {
namespace {

/// RFC 3711 section 4.3.2.
enum class Label : std::uint8_t {
  RtpCipher = 0,
  RtpAuthentication = 1,
  RtpSalt = 2,
  RtcpCipher = 3,
  RtcpAuthentication = 4,
  RtcpSalt = 5,
};

/// The AES-CM key stream that starts at `salt` with the label in its eighth byte (RFC 3711
/// section 4.3.3; with a derivation rate of zero the index part is zero).
void derive_into(MutableBytes target, const MasterKey& master, Label label) {
  constexpr std::size_t kLabelAt = 7;
  std::array<std::uint8_t, 16> counter{};
  std::ranges::copy(master.salt, counter.begin());
  counter[kLabelAt] ^= static_cast<std::uint8_t>(label);

  std::ranges::fill(target, std::uint8_t{0});
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  int written = 0;
  VIS_ASSERT(EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), master.key.data(),
                                 counter.data(), nullptr) == 1);
  VIS_ASSERT(EVP_EncryptUpdate(context.get(), target.data(), &written, target.data(),
                               static_cast<int>(target.size())) == 1);
}

}  // namespace

MasterKey::~MasterKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

SessionKey::~SessionKey() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(authentication.data(), authentication.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

std::optional<DtlsKeys> DtlsKeys::split(Profile profile, Bytes exported) {
  if (exported.size() != exported_bytes(profile)) return std::nullopt;
  ByteReader reader{exported};
  DtlsKeys keys;
  std::ranges::copy(reader.take(kKeyBytes), keys.client.key.begin());
  std::ranges::copy(reader.take(kKeyBytes), keys.server.key.begin());
  std::ranges::copy(reader.take(salt_bytes(profile)), keys.client.salt.begin());
  std::ranges::copy(reader.take(salt_bytes(profile)), keys.server.salt.begin());
  return keys;
}

SessionKeys SessionKeys::derive(Profile profile, const MasterKey& master) {
  SessionKeys keys;
  keys.profile = profile;
  derive_into(keys.rtp.cipher, master, Label::RtpCipher);
  derive_into(keys.rtp.authentication, master, Label::RtpAuthentication);
  derive_into(MutableBytes{keys.rtp.salt}.first(salt_bytes(profile)), master, Label::RtpSalt);
  derive_into(keys.rtcp.cipher, master, Label::RtcpCipher);
  derive_into(keys.rtcp.authentication, master, Label::RtcpAuthentication);
  derive_into(MutableBytes{keys.rtcp.salt}.first(salt_bytes(profile)), master, Label::RtcpSalt);
  return keys;
}

}  // namespace vis::media::srtp
