#pragma once

#include <span>

#include "base/ip_prefix.hpp"
#include "base/socket_address.hpp"
#include "http/headers.hpp"

namespace vis::http {

/// Who sent a request, and whether over TLS.
struct ClientOrigin {
  IpAddress address;
  bool secure = false;

  friend bool operator==(const ClientOrigin&, const ClientOrigin&) = default;
};

/// Sees through proxies that are trusted: `X-Forwarded-For` is read from its end, where the
/// nearest proxy wrote, up to the first address that is not itself trusted, since what stands
/// further left is whatever the client chose to send. `X-Real-IP` counts when it is absent, and
/// `X-Forwarded-Proto` says whether the outermost leg was TLS. From anybody else the headers mean
/// nothing.
ClientOrigin client_origin(const ClientOrigin& peer, const Headers& headers,
                           std::span<const IpPrefix> trusted_proxies);

}  // namespace vis::http
