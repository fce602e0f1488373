#pragma once

#include <memory>

#include "media/dtls/certificate.hpp"

struct ssl_ctx_st;

namespace vis::media::dtls {

/// What all associations of a worker have in common: DTLS 1.2 alone, ephemeral elliptic curve key
/// exchange with AEAD ciphers alone, our certificate, the SRTP profiles we take, a certificate
/// asked of every peer, and neither renegotiation nor sessions to resume. Lives on one worker,
/// which makes it at its start; a process that cannot make one has no working OpenSSL and aborts.
class Context final {
 public:
  explicit Context(const Certificate& certificate);

  ssl_ctx_st* ssl_ctx() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace vis::media::dtls
