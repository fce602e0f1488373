#pragma once

#include <vector>

#include "base/ip_prefix.hpp"
#include "base/socket_address.hpp"

namespace vis::http {

/// Where the server's own requests may go, whatever a URL or a name in DNS says: to the addresses
/// of the public internet, and to the private networks that the operator allows. Public is what
/// lies in none of the special-purpose ranges (RFC 6890 and its registries), is no multicast, and
/// no form of IPv6 that leads into such a range. A value; may be asked on any thread.
class EgressGuard final {
 public:
  explicit EgressGuard(std::vector<IpPrefix> allowed);

  bool may_connect(const IpAddress& address) const;

 private:
  std::vector<IpPrefix> allowed_;
};

}  // namespace vis::http
