#include "app/network/host_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace vis::app {
namespace {

std::optional<IpAddress> address_of(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_UP) == 0) return std::nullopt;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    return IpAddress::v4(bytes);
  }
  if (entry.ifa_addr->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 address{};
  std::memcpy(&address, entry.ifa_addr, sizeof address);
  // fe80::/10 means something only together with a link, which candidates cannot name.
  if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) return std::nullopt;
  IpAddress::V6Bytes bytes{};
  std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
  return IpAddress::v6(bytes);
}

/// In which order clients are told of them: a loopback address is of use on this machine alone.
std::size_t rank_of(const IpAddress& address) {
  return (address.is_loopback() ? 2U : 0U) + (address.is_v6() ? 1U : 0U);
}
constexpr std::size_t kRanks = 4;

}  // namespace

std::vector<IpAddress> host_addresses() {
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) return {IpAddress::v4({127, 0, 0, 1})};
  std::array<std::vector<IpAddress>, kRanks> ranked;
  for (const ifaddrs* entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
    if (const auto address = address_of(*entry)) ranked[rank_of(*address)].push_back(*address);
  }
  ::freeifaddrs(interfaces);
  std::vector<IpAddress> addresses;
  for (const auto& each : ranked) addresses.insert(addresses.end(), each.begin(), each.end());
  return addresses;
}

std::vector<IpAddress> announced_addresses(const Config& config) {
  return announced_addresses(config, host_addresses());
}

std::vector<IpAddress> announced_addresses(const Config& config,
                                           const std::vector<IpAddress>& own) {
  if (!config.media.announce.empty()) return config.media.announce;
  std::vector<IpAddress> addresses = config.media.public_addresses;
  const bool only_loopback = std::ranges::all_of(own, &IpAddress::is_loopback);
  for (const IpAddress& address : own) {
    // Other machines cannot use the loopback address, and a candidate costs them time. Where it is
    // wanted, IPv4 is enough.
    const bool useful =
        !address.is_loopback() || (!address.is_v6() && (config.dev || only_loopback));
    const bool known = std::ranges::find(addresses, address) != addresses.end();
    if (useful && !known) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace vis::app
