#pragma once

#include <openssl/err.h>

namespace vis::media::dtls {

/// OpenSSL leaves errors in a queue of the thread. Around every use of it: what an earlier caller
/// left must not be taken for ours, and ours must not be left for the next.
class ErrorScope final {
 public:
  ErrorScope() { ERR_clear_error(); }
  ~ErrorScope() { ERR_clear_error(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

}  // namespace vis::media::dtls
