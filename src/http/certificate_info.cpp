#include "http/certificate_info.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "http/tls.hpp"

namespace vis::http {
namespace {

struct Free {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

WallTime wall(const ASN1_TIME* time) {
  std::tm parts = {};
  ASN1_TIME_to_tm(time, &parts);
  return WallTime{std::chrono::seconds{timegm(&parts)}};
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  const Bytes address(ASN1_STRING_get0_data(bytes),
                      static_cast<std::size_t>(ASN1_STRING_length(bytes)));
  if (IpAddress::V4Bytes v4{}; address.size() == v4.size()) {
    std::ranges::copy(address, v4.begin());
    return IpAddress::v4(v4).str();
  }
  IpAddress::V6Bytes v6{};
  if (address.size() != v6.size()) return {};
  std::ranges::copy(address, v6.begin());
  return IpAddress::v6(v6).str();
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> texts;
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      texts.emplace_back(
          as_text(Bytes(ASN1_STRING_get0_data(name->d.dNSName),
                        static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)))));
    } else if (name->type == GEN_IPADD) {
      texts.push_back(address_text(name->d.iPAddress));
    }
  }
  return texts;
}

/// Why the authorities that this system trusts do not vouch for it; empty when they do.
std::string distrust_of(const std::vector<Owned<X509>>& chain) {
  const Owned<X509_STORE> store(X509_STORE_new());
  X509_STORE_set_default_paths(store.get());
  STACK_OF(X509)* const others = sk_X509_new_null();
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others, chain[i].get());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others);
  std::string why;
  if (X509_verify_cert(context.get()) != 1) {
    why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  }
  sk_X509_free(others);
  return why;
}

}  // namespace

bool CertificateInfo::covers(const std::string& host) const {
  return std::ranges::any_of(names, [&](const std::string& name) {
    if (!name.starts_with("*.")) return name == host;
    // A star stands for one label (RFC 6125).
    const std::size_t dot = host.find('.');
    return dot != std::string::npos && host.substr(dot) == name.substr(1);
  });
}

Result<CertificateInfo> read_certificate(const TlsFiles& files) {
  if (auto loaded = TlsIdentity::load(files); !loaded) return std::unexpected(loaded.error());
  const Owned<std::FILE> file(std::fopen(files.certificate.c_str(), "re"));
  std::vector<Owned<X509>> chain;
  while (file != nullptr) {
    Owned<X509> next(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    chain.push_back(std::move(next));
  }
  if (chain.empty()) {
    return fail(Errc::InvalidArgument, files.certificate.string() + " holds no certificate");
  }
  X509* const leaf = chain.front().get();
  return CertificateInfo{.names = names_of(leaf),
                         .begins_at = wall(X509_get0_notBefore(leaf)),
                         .expires_at = wall(X509_get0_notAfter(leaf)),
                         .chain = chain.size(),
                         .self_signed = X509_self_signed(leaf, 0) == 1,
                         .distrust = distrust_of(chain)};
}

}  // namespace vis::http
