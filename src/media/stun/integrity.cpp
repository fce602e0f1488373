#include "media/stun/integrity.hpp"

#include <string>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.hpp"

namespace vis::media::stun {

IntegrityKey::IntegrityKey(std::string_view password) {
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  VIS_ASSERT(algorithm != nullptr);
  context_.reset(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);
  std::string digest = "SHA1";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  const Bytes key = as_bytes(password);
  VIS_ASSERT(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) == 1);
}

IntegrityKey::Mac IntegrityKey::sign(Bytes head, Bytes tail) const {
  Mac mac{};
  std::size_t written = 0;
  EVP_MAC_CTX* const context = context_.get();
  // Without a key, init starts over with the key hashed at construction.
  VIS_ASSERT(EVP_MAC_init(context, nullptr, 0, nullptr) == 1);
  VIS_ASSERT(EVP_MAC_update(context, head.data(), head.size()) == 1);
  VIS_ASSERT(EVP_MAC_update(context, tail.data(), tail.size()) == 1);
  VIS_ASSERT(EVP_MAC_final(context, mac.data(), &written, mac.size()) == 1);
  VIS_ASSERT(written == mac.size());
  return mac;
}

void IntegrityKey::Free::operator()(evp_mac_ctx_st* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

}  // namespace vis::media::stun
