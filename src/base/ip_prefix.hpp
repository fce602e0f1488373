#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/socket_address.hpp"

namespace vis {

/// A network in CIDR notation (RFC 4632): the addresses that share the first `length` bits of
/// `address`. An IPv4 prefix holds no IPv6 address, and the other way round.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;

  /// `10.0.0.0/8`, `fd00::/8`; a bare address is a prefix of its full length.
  static std::optional<IpPrefix> parse(std::string_view text);
  bool contains(const IpAddress& candidate) const;
  std::string str() const;

  friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
};

}  // namespace vis
