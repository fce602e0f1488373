#pragma once

#include <intel-ipsec-mb.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "base/bytes.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

inline constexpr std::size_t kGcmTagBytes = tag_bytes(Profile::AeadAes128Gcm);
using CipherKey = std::array<std::uint8_t, kKeyBytes>;
using GcmNonce = std::array<std::uint8_t, 12>;
using CmCounter = std::array<std::uint8_t, 16>;

struct EvpCipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using EvpCipher = std::unique_ptr<EVP_CIPHER_CTX, EvpCipherDeleter>;

/// What AES-GCM works on.
struct GcmInput {
  GcmNonce nonce;
  Bytes associated;  ///< Authenticated in the clear.
  Bytes text;        ///< To encrypt or decrypt.
};

enum class Direction : std::uint8_t { Seal, Open };

/// AES-128-GCM (RFC 5116) under one key and in one direction. The text and `out` may be the
/// same memory, or must not overlap. Belongs to the context that made it.
class AesGcm final {
 public:
  AesGcm(Crypto& crypto, const CipherKey& key, Direction direction);
  AesGcm(const AesGcm&) = delete;
  AesGcm& operator=(const AesGcm&) = delete;
  ~AesGcm();

  void seal(const GcmInput& input, std::uint8_t* out, std::uint8_t* tag);
  /// Whether the tag is right; if not, what `out` got must not be used.
  bool open(const GcmInput& input, std::uint8_t* out, const std::uint8_t* tag);

 private:
  /// The library stores to its key with aligned vectors, yet aligns the type only where a macro
  /// called LINUX is defined.
  struct alignas(64) ExpandedKey {
    gcm_key_data data;
  };

  IMB_MGR* manager_;
  std::variant<ExpandedKey, EvpCipher> key_;
};

/// AES-128 in counter mode under one key. `text` and `out` as for AesGcm.
class AesCm final {
 public:
  AesCm(Crypto& crypto, const CipherKey& key);
  AesCm(const AesCm&) = delete;
  AesCm& operator=(const AesCm&) = delete;
  ~AesCm();

  void crypt(const CmCounter& counter, Bytes text, std::uint8_t* out);

 private:
  using RoundKeys = std::array<std::uint8_t, 11 * kKeyBytes>;
  struct JobWithKey {
    alignas(16) RoundKeys round_keys;
    IMB_JOB job;  ///< Filled in once but for what differs from packet to packet.
  };

  IMB_MGR* manager_;
  std::variant<JobWithKey, EvpCipher> key_;
};

}  // namespace vis::media::srtp
