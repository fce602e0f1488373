#include "media/srtp/aes.hpp"

#include <openssl/crypto.h>

#include <cstring>

#include "base/assert.hpp"

namespace vis::media::srtp {
namespace {

/// OpenSSL's cipher calls fail on misuse or lack of memory alone.
void check(int result) { VIS_ASSERT(result == 1); }

int length(Bytes bytes) { return static_cast<int>(bytes.size()); }

EvpCipher make_evp(const EVP_CIPHER* cipher, const CipherKey& key, Direction direction) {
  EvpCipher context{EVP_CIPHER_CTX_new()};
  VIS_ASSERT(context != nullptr);
  check(EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr,
                           direction == Direction::Seal ? 1 : 0, nullptr));
  return context;
}

/// Feeds the text behind the associated data; the result goes to `out`.
void update(EVP_CIPHER_CTX* context, const GcmInput& input, std::uint8_t* out) {
  const auto& [nonce, associated, text] = input;
  int written = 0;
  check(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr));
  check(EVP_CipherUpdate(context, nullptr, &written, associated.data(), length(associated)));
  if (!text.empty()) check(EVP_CipherUpdate(context, out, &written, text.data(), length(text)));
}

}  // namespace

AesGcm::AesGcm(Crypto& crypto, const CipherKey& key, Direction direction)
    : manager_(crypto.manager_.get()) {
  if (manager_ != nullptr) {
    IMB_AES128_GCM_PRE(manager_, key.data(), &key_.emplace<ExpandedKey>().data);
  } else {
    key_.emplace<EvpCipher>(make_evp(EVP_aes_128_gcm(), key, direction));
  }
}

AesGcm::~AesGcm() {
  if (auto* expanded = std::get_if<ExpandedKey>(&key_)) {
    OPENSSL_cleanse(expanded, sizeof *expanded);
  }
}

void AesGcm::seal(const GcmInput& input, std::uint8_t* out, std::uint8_t* tag) {
  if (const auto* expanded = std::get_if<ExpandedKey>(&key_)) {
    const auto& [nonce, associated, text] = input;
    gcm_context_data scratch;
    IMB_AES128_GCM_ENC(manager_, &expanded->data, &scratch, out, text.data(), text.size(),
                       nonce.data(), associated.data(), associated.size(), tag, kGcmTagBytes);
    return;
  }
  EVP_CIPHER_CTX* const context = std::get_if<EvpCipher>(&key_)->get();
  int written = 0;
  update(context, input, out);
  check(EVP_CipherFinal_ex(context, tag, &written));
  check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag));
}

bool AesGcm::open(const GcmInput& input, std::uint8_t* out, const std::uint8_t* tag) {
  if (const auto* expanded = std::get_if<ExpandedKey>(&key_)) {
    const auto& [nonce, associated, text] = input;
    gcm_context_data scratch;
    std::array<std::uint8_t, kGcmTagBytes> expected;
    IMB_AES128_GCM_DEC(manager_, &expanded->data, &scratch, out, text.data(), text.size(),
                       nonce.data(), associated.data(), associated.size(), expected.data(),
                       expected.size());
    return CRYPTO_memcmp(expected.data(), tag, expected.size()) == 0;
  }
  EVP_CIPHER_CTX* const context = std::get_if<EvpCipher>(&key_)->get();
  // OpenSSL wants the tag through a pointer to non-const, before the last step.
  std::array<std::uint8_t, kGcmTagBytes> expected;
  std::memcpy(expected.data(), tag, expected.size());
  int written = 0;
  update(context, input, out);
  check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, expected.data()));
  return EVP_CipherFinal_ex(context, expected.data(), &written) == 1;
}

AesCm::AesCm(Crypto& crypto, const CipherKey& key) : manager_(crypto.manager_.get()) {
  if (manager_ == nullptr) {
    key_.emplace<EvpCipher>(make_evp(EVP_aes_128_ctr(), key, Direction::Seal));
    return;
  }
  auto& [round_keys, job] = key_.emplace<JobWithKey>();
  alignas(16) RoundKeys for_decryption;
  IMB_AES_KEYEXP_128(manager_, key.data(), round_keys.data(), for_decryption.data());
  OPENSSL_cleanse(for_decryption.data(), for_decryption.size());
  job.cipher_mode = IMB_CIPHER_CNTR;
  job.cipher_direction = IMB_DIR_ENCRYPT;
  job.enc_keys = round_keys.data();
  job.key_len_in_bytes = IMB_KEY_128_BYTES;
  job.iv_len_in_bytes = sizeof(CmCounter);
}

AesCm::~AesCm() {
  if (auto* with_key = std::get_if<JobWithKey>(&key_)) {
    OPENSSL_cleanse(with_key->round_keys.data(), with_key->round_keys.size());
  }
}

void AesCm::crypt(const CmCounter& counter, Bytes text, std::uint8_t* out) {
  if (text.empty()) return;
  if (auto* with_key = std::get_if<JobWithKey>(&key_)) {
    IMB_JOB& job = with_key->job;
    job.iv = counter.data();
    job.src = text.data();
    job.dst = out;
    job.msg_len_to_cipher_in_bytes = text.size();
    const std::uint32_t done = IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager_, &job, 1, IMB_CIPHER_CNTR,
                                                               IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
    VIS_ASSERT(done == 1);
    return;
  }
  EVP_CIPHER_CTX* const context = std::get_if<EvpCipher>(&key_)->get();
  int written = 0;
  check(EVP_CipherInit_ex2(context, nullptr, nullptr, counter.data(), -1, nullptr));
  check(EVP_CipherUpdate(context, out, &written, text.data(), length(text)));
}

}  // namespace vis::media::srtp
