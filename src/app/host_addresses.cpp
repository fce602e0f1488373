#include "app/host_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace vis::app {

std::vector<IpAddress> host_addresses() {
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) return {IpAddress::v4({127, 0, 0, 1})};
  std::vector<IpAddress> addresses;
  std::vector<IpAddress> loopback;
  for (const ifaddrs* entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    if ((entry->ifa_flags & IFF_UP) == 0) continue;
    sockaddr_in address{};
    std::memcpy(&address, entry->ifa_addr, sizeof address);
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    const IpAddress found = IpAddress::v4(bytes);
    (found.is_loopback() ? loopback : addresses).push_back(found);
  }
  ::freeifaddrs(interfaces);
  addresses.insert(addresses.end(), loopback.begin(), loopback.end());
  return addresses;
}

}  // namespace vis::app
