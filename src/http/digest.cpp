#include "http/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.hpp"

namespace vis::http {

Sha256 sha256(Bytes data) {
  Sha256 digest{};
  unsigned size = 0;
  VIS_ASSERT(EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) ==
             1);
  return digest;
}

Sha256 hmac_sha256(const Secret& key, Bytes data) {
  Sha256 digest{};
  unsigned size = 0;
  const auto key_size = static_cast<int>(key.reveal().size());
  VIS_ASSERT(HMAC(EVP_sha256(), key.reveal().data(), key_size, data.data(), data.size(),
                  digest.data(), &size) != nullptr);
  return digest;
}

}  // namespace vis::http
