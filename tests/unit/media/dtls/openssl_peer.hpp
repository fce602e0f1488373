#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/bytes.hpp"
#include "unit/media/dtls/link.hpp"

namespace vis::media::dtls {

/// A peer made of OpenSSL alone, as it is when nobody has thought about it: the test of our
/// endpoint against what is not our endpoint, and the means to do wrong.
class OpensslPeer final {
 public:
  struct Options {
    bool server = false;
    const char* ciphers = "DEFAULT:@SECLEVEL=0";
    const char* srtp = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM";
    bool with_certificate = true;
    int version = DTLS1_2_VERSION;
    bool large_hello = false;  ///< More than a datagram, as that of a browser is.
  };

  explicit OpensslPeer(const Options& options) : context_(SSL_CTX_new(DTLS_method())) {
    SSL_CTX* const context = context_.get();
    EXPECT_EQ(SSL_CTX_set_cipher_list(context, options.ciphers), 1);
    SSL_CTX_set_min_proto_version(context, options.version);
    SSL_CTX_set_max_proto_version(context, options.version);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    if (options.srtp != nullptr) SSL_CTX_set_tlsext_use_srtp(context, options.srtp);
    if (options.with_certificate) {
      SSL_CTX_use_certificate(context, certificate_of(0).x509());
      SSL_CTX_use_PrivateKey(context, certificate_of(0).key());
    }
    ssl_.reset(SSL_new(context));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
    SSL_set_mtu(ssl_.get(), static_cast<long>(Endpoint::kMtu));
    if (options.large_hello) {
      ByteVector protocols;
      for (int i = 0; i < 6; ++i) protocols.insert(protocols.end(), 251, 250);
      SSL_set_alpn_protos(ssl_.get(), protocols.data(), static_cast<unsigned>(protocols.size()));
    }
    if (options.server) {
      SSL_set_accept_state(ssl_.get());
    } else {
      SSL_set_connect_state(ssl_.get());
    }
  }

  SSL* ssl() const { return ssl_.get(); }

  /// Shows a certificate with a comment of so many bytes; returns its fingerprint.
  Fingerprint show_large_certificate(std::size_t comment_bytes) {
    X509* const certificate = X509_dup(certificate_of(0).x509());
    ASN1_OCTET_STRING* const comment = ASN1_OCTET_STRING_new();
    const ByteVector text(comment_bytes, 'c');
    ASN1_OCTET_STRING_set(comment, text.data(), static_cast<int>(text.size()));
    X509_EXTENSION* const extension =
        X509_EXTENSION_create_by_OBJ(nullptr, OBJ_nid2obj(NID_netscape_comment), 0, comment);
    X509_add_ext(certificate, extension, -1);
    X509_sign(certificate, certificate_of(0).key(), EVP_sha256());
    SSL_use_certificate(ssl(), certificate);
    SSL_use_PrivateKey(ssl(), certificate_of(0).key());
    const Fingerprint fingerprint = fingerprint_of(certificate, HashFunction::Sha256);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(comment);
    X509_free(certificate);
    return fingerprint;
  }

  /// Takes one datagram in, or none, and gives back what the peer writes then: its records.
  std::vector<ByteVector> exchange(Bytes datagram) {
    if (!datagram.empty()) {
      BIO_write(SSL_get_rbio(ssl()), datagram.data(), static_cast<int>(datagram.size()));
    }
    if (SSL_is_init_finished(ssl()) == 0) {
      SSL_do_handshake(ssl());
    } else {
      std::array<char, 2048> buffer{};
      SSL_read(ssl(), buffer.data(), static_cast<int>(buffer.size()));
    }
    return take_records();
  }
  std::vector<ByteVector> take_records() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl()), &data);
    ByteReader reader{as_bytes({data, static_cast<std::size_t>(size)})};
    std::vector<ByteVector> records;
    while (const auto record = Record::parse(reader)) {
      records.emplace_back(record->bytes.begin(), record->bytes.end());
    }
    BIO_reset(SSL_get_wbio(ssl()));
    return records;
  }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace vis::media::dtls
