// OpenSSL 3 deprecates the plain SHA-1 functions in favour of EVP_MAC, which allocates memory for
// every message and takes three times as long.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/srtp/hmac_sha1.hpp"

#include <openssl/sha.h>

namespace vis::media::srtp {
namespace {

using Block = std::array<std::uint8_t, SHA_CBLOCK>;

HmacSha1Key::State state_of(const SHA_CTX& sha) { return {sha.h0, sha.h1, sha.h2, sha.h3, sha.h4}; }

/// A hash that goes on behind one block whose state this is.
SHA_CTX resume(const HmacSha1Key::State& state) {
  SHA_CTX sha{};
  sha.h0 = state[0];
  sha.h1 = state[1];
  sha.h2 = state[2];
  sha.h3 = state[3];
  sha.h4 = state[4];
  sha.Nl = SHA_CBLOCK * 8;
  return sha;
}

HmacSha1Key::State after_padded_key(const std::array<std::uint8_t, kAuthenticationKeyBytes>& key,
                                    std::uint8_t padding) {
  Block block;
  block.fill(padding);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  SHA_CTX sha;
  SHA1_Init(&sha);
  SHA1_Transform(&sha, block.data());
  return state_of(sha);
}

}  // namespace

HmacSha1Key::HmacSha1Key(const std::array<std::uint8_t, kAuthenticationKeyBytes>& key)
    : inner(after_padded_key(key, 0x36)), outer(after_padded_key(key, 0x5C)) {}

std::array<std::uint8_t, kSha1Bytes> hmac_sha1(const HmacSha1Key& key, Bytes message,
                                               Bytes trailer) {
  std::array<std::uint8_t, kSha1Bytes> digest;
  SHA_CTX sha = resume(key.inner);
  SHA1_Update(&sha, message.data(), message.size());
  if (!trailer.empty()) SHA1_Update(&sha, trailer.data(), trailer.size());
  SHA1_Final(digest.data(), &sha);
  sha = resume(key.outer);
  SHA1_Update(&sha, digest.data(), digest.size());
  SHA1_Final(digest.data(), &sha);
  return digest;
}

}  // namespace vis::media::srtp
