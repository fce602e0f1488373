#include "media/dtls/context.hpp"

#include <openssl/ssl.h>

#include "base/assert.hpp"
#include "base/limits/media_dtls.hpp"
#include "media/dtls/openssl.hpp"

namespace vis::media::dtls {
namespace {

constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kSignatures =
    "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384:"
    "ECDSA+SHA512:RSA-PSS+SHA512:RSA+SHA512";
constexpr long kSendBufferBytes = 2048;
constexpr const char* kSrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

/// Nobody but the fingerprint vouches for a certificate, and the Endpoint compares that.
int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }

}  // namespace

Context::Context(const Certificate& certificate) {
  const ErrorScope errors;
  SSL_CTX* const context = SSL_CTX_new(DTLS_method());
  VIS_ASSERT(context != nullptr);
  context_.reset(context);
  VIS_ASSERT(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1);
  VIS_ASSERT(SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1);
  VIS_ASSERT(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  VIS_ASSERT(SSL_CTX_set1_groups_list(context, kGroups) == 1);
  VIS_ASSERT(SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1);
  VIS_ASSERT(SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0);  // 0 is its success.
  VIS_ASSERT(SSL_CTX_use_certificate(context, certificate.x509()) == 1);
  VIS_ASSERT(SSL_CTX_use_PrivateKey(context, certificate.key()) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Our records fit into datagrams; the default reserves 16 KiB for each association.
  VIS_ASSERT(SSL_CTX_set_max_send_fragment(context, kSendBufferBytes) == 1);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(limits::kDtlsCertificateBytes));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
}

void Context::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

}  // namespace vis::media::dtls
