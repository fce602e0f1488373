#pragma once

#include <memory>

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/dtls/fingerprint.hpp"

struct evp_pkey_st;
struct x509_st;

namespace vis::media::dtls {

/// Our self-signed certificate on P-256 with its key, made anew at each start: its fingerprint,
/// carried by signalling, is all that vouches for it. Immutable, so one may serve every worker.
class Certificate final {
 public:
  /// Valid for a year around `now`. The key comes from OpenSSL's own generator: an injected source
  /// would be a way to weaken it.
  static Result<Certificate> generate(WallTime now);

  const Fingerprint& fingerprint() const { return fingerprint_; }  ///< SHA-256.

  x509_st* x509() const { return certificate_.get(); }
  evp_pkey_st* key() const { return key_.get(); }

 private:
  struct Free {
    void operator()(x509_st* certificate) const noexcept;
    void operator()(evp_pkey_st* key) const noexcept;
  };
  Certificate() = default;

  std::unique_ptr<evp_pkey_st, Free> key_;
  std::unique_ptr<x509_st, Free> certificate_;
  Fingerprint fingerprint_;
};

/// The fingerprint of any certificate.
Fingerprint fingerprint_of(const x509_st* certificate, HashFunction hash);

}  // namespace vis::media::dtls
