#include "app/listening_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

namespace vis::app {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kDescriptorsMax = 64;

int number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return 0;
  const std::string_view view(text);
  int number = 0;
  const auto [end, failure] = std::from_chars(view.data(), view.data() + view.size(), number);
  return failure == std::errc{} && end == view.data() + view.size() ? number : 0;
}

/// Nothing for a socket that does not listen for TCP.
std::optional<SocketAddress> listening_address(int descriptor) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    return std::nullopt;
  }
  sockaddr_storage name{};
  size = sizeof name;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return std::nullopt;
  }
  if (name.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &name, sizeof v4);
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return SocketAddress{.ip = IpAddress::v4(bytes), .port = ntohs(v4.sin_port)};
  }
  if (name.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &name, sizeof v6);
  IpAddress::V6Bytes bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return SocketAddress{.ip = IpAddress::v6(bytes), .port = ntohs(v6.sin6_port)};
}

}  // namespace

ListeningSockets sockets_of_service_manager() {
  ListeningSockets sockets;
  // The variables are for one process; a child may have inherited those of its parent.
  if (number_in("LISTEN_PID") != ::getpid()) return sockets;
  const int count = std::min(number_in("LISTEN_FDS"), kDescriptorsMax);
  for (int descriptor = kFirstDescriptor; descriptor < kFirstDescriptor + count; ++descriptor) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    sockets.emplace_back(descriptor);
  }
  return sockets;
}

void hand_out(ListeningSockets sockets, std::vector<http::Listener>& listeners) {
  for (media_io::FileDescriptor& socket : sockets) {
    const auto address = listening_address(socket.get());
    if (!address) continue;
    const auto wanted = std::ranges::find_if(listeners, [&](const http::Listener& listener) {
      const bool any_port = listener.address.port == 0;
      return listener.descriptor < 0 && listener.address.ip == address->ip &&
             (any_port || listener.address.port == address->port);
    });
    if (wanted != listeners.end()) wanted->descriptor = socket.release();
  }
}

}  // namespace vis::app
