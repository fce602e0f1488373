#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/socket_address.hpp"
#include "http/headers.hpp"
#include "http/parameters.hpp"

namespace vis::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

std::string_view to_string(Method method);  ///< `GET`; `OTHER` for methods without a name here.
Method method_from(std::string_view name);  ///< Names are case-sensitive (RFC 9110 9.1).

/// A request as a handler sees it: complete, bounded, decoded. A plain value.
struct Request {
  Method method = Method::Get;
  /// As it came in the request line, still encoded. May hold a token: never log it.
  std::string target;
  /// Decoded; starts with exactly one slash; has no `.` or `..` segments.
  std::string path = "/";
  Parameters query;
  /// What `{name}` and `*` of the route's pattern matched; the latter under the name `*`.
  Parameters parameters;
  Headers headers;
  std::string body;
  /// The client: the peer of the connection, or whom a trusted proxy names.
  IpAddress client;
  /// Which of our addresses the client reached; nothing when it was a proxy that did.
  std::optional<IpAddress> local;
  /// Whether the client spoke TLS, to us or to a trusted proxy.
  bool secure = false;
  /// Unique in this process; for logs and error bodies.
  std::string id;

  /// The token of `Authorization: Bearer TOKEN`; empty when there is none of that form.
  std::string_view bearer_token() const;
  /// The media type of the body in lower case without parameters: `application/json`.
  std::string media_type() const;
};

}  // namespace vis::http
