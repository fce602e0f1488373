#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/socket_address.hpp"

namespace vis {

/// A range of addresses in CIDR form, such as `10.0.0.0/8` or `2001:db8::/32`.
struct IpNetwork {
  IpAddress address;
  unsigned prefix_bits = 0;

  /// A bare address is a network of one. Nothing if bits are set behind the prefix.
  static std::optional<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& candidate) const;
  std::string str() const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace vis
