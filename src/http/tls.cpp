#include "http/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace vis::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr const char* kCiphersOfTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// RFC 7301. A client that offers protocols, but not ours, is told so; one that offers none goes
/// on. Most TURN clients do not offer theirs (RFC 7443), so that its first bytes decide.
int select_protocol(SSL*, const unsigned char** selected, unsigned char* selected_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  ByteReader reader(Bytes(offered, offered_size));
  while (reader.ok() && !reader.at_end()) {
    const Bytes protocol = reader.take(reader.u8());
    const std::string_view name = as_text(protocol);
    if (name != "http/1.1" && name != "stun.turn") continue;
    *selected = protocol.data();
    *selected_size = static_cast<unsigned char>(protocol.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::unexpected<Error> bad_file(const std::filesystem::path& file, const error_code& failure) {
  return fail(Errc::InvalidArgument, fmt::format("{}: {}", file.string(), failure.message()));
}

WallTime expiry_of(ssl::context& context) {
  std::tm expiry = {};
  ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context.native_handle())), &expiry);
  return WallTime{std::chrono::seconds{timegm(&expiry)}};
}

}  // namespace

Result<TlsIdentity> TlsIdentity::load(const TlsFiles& files) {
  ssl::context context(ssl::context::tls_server);
  SSL_CTX* const handle = context.native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(handle, kCiphersOfTls12);
  SSL_CTX_set_options(handle, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(handle, select_protocol, nullptr);

  error_code failure;
  context.use_certificate_chain_file(files.certificate.string(), failure);
  if (failure) return bad_file(files.certificate, failure);
  // Loading the key also checks that it belongs to the certificate.
  context.use_private_key_file(files.key.string(), ssl::context::pem, failure);
  if (failure) return bad_file(files.key, failure);
  if (SSL_CTX_check_private_key(handle) != 1) {
    ERR_clear_error();
    return fail(Errc::InvalidArgument, fmt::format("{} is not the key of {}", files.key.string(),
                                                   files.certificate.string()));
  }
  const WallTime expires_at = expiry_of(context);
  return TlsIdentity{std::move(context), expires_at};
}

}  // namespace vis::http
