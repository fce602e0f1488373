#pragma once

#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

#include <cstdint>
#include <span>
#include <utility>

#include "base/assert.hpp"
#include "media/sfu/egress.hpp"
#include "media_io/udp_socket.hpp"

/// What benchmarks send to, and how they count the cost.
namespace vis::bench {

inline std::uint64_t thread_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(used.tv_nsec);
}

inline media_io::UdpSocket open_on_loopback() {
  auto socket = media_io::UdpSocket::open({.ip = IpAddress::v4({127, 0, 0, 1}), .port = 0});
  VIS_ASSERT(socket.has_value());
  return *std::move(socket);
}

inline SocketAddress address_of(const media_io::UdpSocket& socket) {
  return {.ip = IpAddress::v4({127, 0, 0, 1}), .port = socket.port()};
}

/// A subscriber's end: bound, with a buffer for one datagram, never read.
inline media_io::UdpSocket open_full_socket() {
  media_io::UdpSocket socket = open_on_loopback();
  const int least = 1;
  const int on = 1;
  VIS_ASSERT(::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0);
  VIS_ASSERT(::setsockopt(socket.descriptor(), SOL_UDP, UDP_GRO, &on, sizeof on) == 0);
  return socket;
}

/// Sends what the engine gives it, or, without a socket, only counts.
class Sink final : public media::sfu::EgressSink {
 public:
  explicit Sink(media_io::UdpSocket* socket) : socket_(socket) {}
  void send(std::span<const media::sfu::EgressRun> runs) override {
    for (const media::sfu::EgressRun& run : runs) datagrams += run.segments;
    if (!runs.empty()) last_size = runs.back().segment_size;
    if (socket_ != nullptr) socket_->send(runs);
  }
  std::uint64_t datagrams = 0;
  std::size_t last_size = 0;

 private:
  media_io::UdpSocket* socket_;
};

}  // namespace vis::bench
