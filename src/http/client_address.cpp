#include "http/client_address.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/text.hpp"

namespace vis::http {
namespace {

/// An address as proxies write it: bare, in brackets, or with a port.
std::optional<IpAddress> parse_hop(std::string_view hop) {
  hop = trim(hop);
  if (const auto bare = IpAddress::parse(hop)) return bare;
  if (const auto with_port = SocketAddress::parse(hop)) return with_port->ip;
  if (hop.starts_with('[') && hop.ends_with(']')) {
    return IpAddress::parse(hop.substr(1, hop.size() - 2));
  }
  return std::nullopt;
}

}  // namespace

ClientOrigin client_origin(const ClientOrigin& peer, const Headers& headers,
                           std::span<const IpPrefix> trusted_proxies) {
  const auto is_trusted = [&](const IpAddress& address) {
    return std::ranges::any_of(trusted_proxies,
                               [&](const IpPrefix& network) { return network.contains(address); });
  };
  if (!is_trusted(peer.address)) return peer;

  ClientOrigin origin = peer;
  const std::string_view protocol = headers.get("X-Forwarded-Proto");
  if (!protocol.empty()) origin.secure = equals_ignoring_case(trim(protocol), "https");

  std::string hops;
  for (const auto& [name, value] : headers) {
    if (equals_ignoring_case(name, "X-Forwarded-For")) hops.append(",").append(value);
  }
  if (hops.empty()) {
    if (const auto real = parse_hop(headers.get("X-Real-IP"))) origin.address = *real;
    return origin;
  }
  std::string_view rest = hops;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const auto hop = parse_hop(rest.substr(comma + 1));
    if (!hop) break;
    origin.address = *hop;
    if (!is_trusted(*hop)) break;
    rest = rest.substr(0, comma);
  }
  return origin;
}

}  // namespace vis::http
