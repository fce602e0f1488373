#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/server.hpp"

namespace vis::http {

/// What there is to know of a certificate before anybody connects.
struct CertificateInfo {
  std::vector<std::string> names;  ///< DNS names and addresses that it is for.
  WallTime begins_at;
  WallTime expires_at;
  std::size_t chain = 0;     ///< Certificates in the file.
  bool self_signed = false;  ///< The first one.
  std::string distrust;      ///< Why this system does not trust it; empty: it does.

  /// Whether a client that connects to `host` accepts it as that host's.
  bool covers(const std::string& host) const;
};

/// InvalidArgument when the files hold no certificate, or a key of another.
Result<CertificateInfo> read_certificate(const TlsFiles& files);

}  // namespace vis::http
