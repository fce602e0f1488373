#include "media/dtls/certificate.hpp"

#include <array>
#include <utility>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/assert.hpp"
#include "media/dtls/openssl.hpp"

namespace vis::media::dtls {
namespace {

constexpr std::chrono::seconds kValidBefore = std::chrono::days{1};
constexpr std::chrono::seconds kValidAfter = std::chrono::days{365};

/// Certificates of one issuer name must differ in their serial numbers (RFC 5280 section 4.1.2.2),
/// and Firefox refuses the second that does not. The key, which is set already and new each time,
/// makes it so.
bool set_serial_number(X509* certificate) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  if (X509_pubkey_digest(certificate, EVP_sha256(), digest.data(), nullptr) != 1) return false;
  const std::uint64_t serial = ByteReader{digest}.u64() >> 1;  // Positive.
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial | 1) == 1;
}

bool set_names(X509* certificate) {
  constexpr std::array<std::uint8_t, 7> kName{'v', 'i', 's', 'a', 'v', 'i', 's'};
  X509_NAME* const name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName.data(),
                                    static_cast<int>(kName.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool set_validity(X509* certificate, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto set = [](ASN1_TIME* field, auto time) {
    return ASN1_TIME_set(field, time.time_since_epoch().count()) != nullptr;
  };
  return set(X509_getm_notBefore(certificate), seconds - kValidBefore) &&
         set(X509_getm_notAfter(certificate), seconds + kValidAfter);
}

const EVP_MD* digest_of(HashFunction hash) {
  switch (hash) {
    case HashFunction::Sha256: return EVP_sha256();
    case HashFunction::Sha384: return EVP_sha384();
    case HashFunction::Sha512: return EVP_sha512();
  }
  std::unreachable();
}

}  // namespace

Result<Certificate> Certificate::generate(WallTime now) {
  const ErrorScope errors;
  Certificate result;
  result.key_.reset(EVP_EC_gen("P-256"));
  result.certificate_.reset(X509_new());
  X509* const certificate = result.certificate_.get();
  const bool made =
      result.key_ && certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1 &&
      X509_set_pubkey(certificate, result.key_.get()) == 1 && set_serial_number(certificate) &&
      set_names(certificate) && set_validity(certificate, now) &&
      X509_sign(certificate, result.key_.get(), EVP_sha256()) != 0;
  if (!made) return fail(Errc::Internal, "cannot make a DTLS certificate");
  result.fingerprint_ = fingerprint_of(certificate, HashFunction::Sha256);
  return result;
}

void Certificate::Free::operator()(x509_st* certificate) const noexcept { X509_free(certificate); }
void Certificate::Free::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

Fingerprint fingerprint_of(const x509_st* certificate, HashFunction hash) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  VIS_ASSERT(X509_digest(certificate, digest_of(hash), digest.data(), &size) == 1);
  return {hash, {digest.begin(), digest.begin() + size}};
}

}  // namespace vis::media::dtls
