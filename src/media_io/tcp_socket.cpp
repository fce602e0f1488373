#include "media_io/tcp_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "media_io/system_address.hpp"

namespace vis::media_io {
namespace {

constexpr int kNotSentBytes = 64 * 1024;

void set_option(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

std::unexpected<Error> system_error(const SocketAddress& address) {
  return fail(Errc::Unavailable, "TCP port " + address.str() + ": " + std::strerror(errno));
}

}  // namespace

Result<TcpListener> TcpListener::open(const SocketAddress& address) {
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int family = address.ip.is_v6() || address.ip.is_unspecified() ? AF_INET6 : AF_INET;
  FileDescriptor descriptor(::socket(family, kType, 0));
  if (descriptor.get() < 0 && !address.ip.is_v6()) {
    family = AF_INET;
    descriptor = FileDescriptor(::socket(family, kType, 0));
  }
  if (descriptor.get() < 0) return system_error(address);
  SocketAddress bound = address;
  if (family == AF_INET6) {
    if (address.ip.is_unspecified()) bound.ip = IpAddress::v6({});
    set_option(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.ip.is_unspecified() ? 0 : 1);
  }
  set_option(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  sockaddr_storage system{};
  socklen_t length = to_system(bound, family, system);
  auto* const name = reinterpret_cast<sockaddr*>(&system);
  if (::bind(descriptor.get(), name, length) != 0) return system_error(address);
  if (::listen(descriptor.get(), SOMAXCONN) != 0) return system_error(address);
  length = sizeof system;
  if (::getsockname(descriptor.get(), name, &length) != 0) return system_error(address);
  return TcpListener(std::move(descriptor), from_system(system).port);
}

std::optional<TcpListener::Accepted> TcpListener::accept() {
  exhausted_ = false;
  for (;;) {
    sockaddr_storage system{};
    socklen_t length = sizeof system;
    FileDescriptor accepted(::accept4(descriptor_.get(), reinterpret_cast<sockaddr*>(&system),
                                      &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() >= 0) {
      set_option(accepted.get(), IPPROTO_TCP, TCP_NODELAY, 1);
      set_option(accepted.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kNotSentBytes);
      return Accepted{.descriptor = std::move(accepted), .remote = from_system(system)};
    }
    // What was wrong with one connection is not wrong with the next.
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO) continue;
    exhausted_ = errno != EAGAIN;
    return std::nullopt;
  }
}

}  // namespace vis::media_io
