#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/server.hpp"

namespace vis::http {

/// A certificate with its key, ready to serve: TLS 1.2 and 1.3, forward secrecy and AEAD only,
/// ALPN http/1.1.
struct TlsIdentity {
  boost::asio::ssl::context context;
  WallTime expires_at;  ///< Of the leaf certificate.

  /// InvalidArgument that names the file and what is wrong with it.
  static Result<TlsIdentity> load(const TlsFiles& files);
};

}  // namespace vis::http
