#pragma once

#include <vector>

#include "base/socket_address.hpp"

namespace vis::app {

/// The IPv4 addresses of this machine's interfaces that are up, loopback last. Other machines reach
/// us at the first ones, programs on this machine at any.
std::vector<IpAddress> host_addresses();

}  // namespace vis::app
