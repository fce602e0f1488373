#pragma once

#include <vector>

#include "app/config/config.hpp"
#include "base/socket_address.hpp"

namespace vis::app {

/// The addresses of this machine's interfaces that are up, without link-local ones: IPv4 before
/// IPv6, loopback last.
std::vector<IpAddress> host_addresses();

/// Where clients are told to send media, the preferred addresses first.
std::vector<IpAddress> announced_addresses(const Config& config);
/// The same on a machine whose interfaces have the addresses `own`.
std::vector<IpAddress> announced_addresses(const Config& config, const std::vector<IpAddress>& own);

}  // namespace vis::app
