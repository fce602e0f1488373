#include "app/host_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace vis::app {

std::vector<IpAddress> host_addresses() {
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) return {IpAddress::v4({127, 0, 0, 1})};
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    if ((entry->ifa_flags & IFF_UP) == 0) continue;
    sockaddr_in address{};
    std::memcpy(&address, entry->ifa_addr, sizeof address);
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    addresses.push_back(IpAddress::v4(bytes));
  }
  ::freeifaddrs(interfaces);
  std::ranges::stable_sort(addresses, {}, &IpAddress::is_loopback);
  return addresses;
}

}  // namespace vis::app
