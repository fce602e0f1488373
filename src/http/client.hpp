#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/limits/http.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "http/headers.hpp"
#include "http/request.hpp"

namespace vis::http {

struct ClientOptions {
  /// Whether a connection to that address may be made; all may if empty. Asked for each address
  /// right before connecting, so a name that changes its mind in DNS gains nothing. Called on the
  /// client's thread.
  std::function<bool(const IpAddress&)> may_connect = {};
  /// Certificates to trust instead of the system's. For tests and private authorities.
  std::optional<std::filesystem::path> authorities = std::nullopt;
  std::size_t requests_max = limits::kHttpClientRequests;
};

struct ClientRequest {
  Method method = Method::Post;
  std::string url;  ///< http or https, without user information.
  Headers headers = {};
  std::string body = {};
  Duration timeout = 15s;  ///< From the call to the last byte of the answer.
  std::size_t response_bytes_max = limits::kHttpClientResponseBytes;
};

struct ClientResponse {
  unsigned status = 0;
  Headers headers;
  std::string body;
};

/// An HTTP client for webhooks and the like: no redirects, no cookies, no proxy from the
/// environment, certificates verified. Any status is a success; the errors are InvalidArgument
/// (URL), PermissionDenied (address refused), Timeout, LimitExceeded (answer too long, too many
/// requests waiting), Unavailable (cannot resolve, connect, verify or understand), Cancelled.
///
/// Network and name look-up happen on one own thread (libcurl); send() is called from one thread
/// and resumes there. stop() ends requests in flight with Cancelled; the destructor calls it too.
/// The client goes before the io_context of its callers.
class Client final {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Task<Result<ClientResponse>> send(ClientRequest request);
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vis::http
