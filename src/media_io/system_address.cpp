#include "media_io/system_address.hpp"

#include <netinet/in.h>

#include <cstdint>
#include <cstring>

#include "media_io/file_descriptor.hpp"

namespace vis::media_io {
namespace {

IpAddress::V6Bytes v6_bytes_of(const IpAddress& ip) {
  if (ip.is_v6()) return ip.v6_bytes();
  const IpAddress::V4Bytes v4 = ip.v4_bytes();
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, v4[0], v4[1], v4[2], v4[3]};
}

}  // namespace

socklen_t to_system(const SocketAddress& address, int family, sockaddr_storage& out) {
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    const IpAddress::V6Bytes bytes = v6_bytes_of(address.ip);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  const IpAddress::V4Bytes bytes = address.ip.v4_bytes();
  std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
  std::memcpy(&out, &v4, sizeof v4);
  return sizeof v4;
}

SocketAddress from_system(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    IpAddress::V6Bytes bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return {.ip = IpAddress::v6(bytes), .port = ntohs(v6.sin6_port)};
  }
  if (address.ss_family != AF_INET) return {};
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  IpAddress::V4Bytes bytes{};
  std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
  return {.ip = IpAddress::v4(bytes), .port = ntohs(v4.sin_port)};
}

IpAddress source_towards(const IpAddress& remote) {
  // The kernel prefers 127.0.0.1 as the source towards all of its network.
  if (remote.is_loopback()) return remote;
  constexpr std::uint16_t kAnyPort = 9;
  const int family = remote.is_v6() ? AF_INET6 : AF_INET;
  const FileDescriptor descriptor(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage system{};
  socklen_t length = to_system({.ip = remote, .port = kAnyPort}, family, system);
  auto* const address = reinterpret_cast<sockaddr*>(&system);
  if (::connect(descriptor.get(), address, length) != 0) return {};
  length = sizeof system;
  if (::getsockname(descriptor.get(), address, &length) != 0) return {};
  return from_system(system).ip;
}

}  // namespace vis::media_io
