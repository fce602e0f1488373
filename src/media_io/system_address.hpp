#pragma once

#include <sys/socket.h>

#include "base/socket_address.hpp"

namespace vis::media_io {

/// For a socket of `family`: on one of AF_INET6, an IPv4 address is written as ::ffff:a.b.c.d,
/// under which a socket of both families knows it.
socklen_t to_system(const SocketAddress& address, int family, sockaddr_storage& out);

/// The unspecified address and port for anything that is neither IPv4 nor IPv6.
SocketAddress from_system(const sockaddr_storage& address);

/// The address of this machine from which packets to `remote` leave: itself, when it is ours. The
/// unspecified address when there is no way to it. Nothing is sent.
IpAddress source_towards(const IpAddress& remote);

}  // namespace vis::media_io
