#include "load/wire.hpp"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "base/assert.hpp"

namespace vis::bench {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kMessageBytes = 0x10000;
constexpr int kSocketBytes = 64 * 1024 * 1024;
constexpr std::uint32_t kOwnAddresses = 0xC6130000;       // 198.19.0.0
constexpr std::uint32_t kLoopbackAddresses = 0x7F130000;  // 127.19.0.0
constexpr std::size_t kControlBytes =
    CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(timespec));

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

void require(bool worked, const char* what) {
  if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

void set(int descriptor, int level, int option, int value) {
  require(::setsockopt(descriptor, level, option, &value, sizeof value) == 0, "socket option");
}

template <typename Value>
void append_control(msghdr& header, int level, int type, const Value& value) {
  cmsghdr at{};
  at.cmsg_level = level;
  at.cmsg_type = type;
  at.cmsg_len = CMSG_LEN(sizeof value);
  auto* const out = static_cast<std::uint8_t*>(header.msg_control) + header.msg_controllen;
  std::memcpy(out, &at, sizeof at);
  std::memcpy(out + CMSG_LEN(0), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

SocketAddress from_system(const sockaddr_in& address) {
  IpAddress::V4Bytes bytes{};
  std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
  return {.ip = IpAddress::v4(bytes), .port = ntohs(address.sin_port)};
}

sockaddr_in to_system(const SocketAddress& address) {
  sockaddr_in system{};
  system.sin_family = AF_INET;
  system.sin_port = htons(address.port);
  const auto bytes = address.ip.v4_bytes();
  std::memcpy(&system.sin_addr, bytes.data(), bytes.size());
  return system;
}

}  // namespace

std::uint64_t realtime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

struct Wire::Buffers {
  std::vector<std::array<std::uint8_t, kMessageBytes>> bytes{kBatch};
  std::array<sockaddr_in, kBatch> from;
  std::array<iovec, kBatch> vectors;
  std::array<mmsghdr, kBatch> messages;
  struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, kControlBytes> bytes;
  };
  std::array<Control, kBatch> control;
  std::array<Message, kBatch> received;
};

Wire::Wire(Network network)
    : first_address_(network == Network::Own ? kOwnAddresses : kLoopbackAddresses),
      descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      buffers_(std::make_unique<Buffers>()) {
  const int socket = descriptor_.get();
  require(socket >= 0, "socket");
  sockaddr_in any{};
  any.sin_family = AF_INET;
  require(::bind(socket, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0, "bind");
  socklen_t length = sizeof any;
  require(::getsockname(socket, reinterpret_cast<sockaddr*>(&any), &length) == 0, "getsockname");
  port_ = ntohs(any.sin_port);
  set(socket, IPPROTO_IP, IP_PKTINFO, 1);
  set(socket, SOL_UDP, UDP_GRO, 1);
  set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  // More than the system's limit needs a privilege; less is taken as it is.
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBytes, sizeof kSocketBytes) != 0) {
    set(socket, SOL_SOCKET, SO_RCVBUF, kSocketBytes);
  }
}

Wire::~Wire() = default;

SocketAddress Wire::address_of(std::size_t client) const {
  VIS_ASSERT(client < kMostClients);
  const auto address = first_address_ + static_cast<std::uint32_t>(client);
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(address >> shift); };
  return {.ip = IpAddress::v4({byte(24), byte(16), byte(8), byte(0)}), .port = port_};
}

std::span<const Wire::Message> Wire::receive() {
  Buffers& buffers = *buffers_;
  for (std::size_t i = 0; i < kBatch; ++i) {
    buffers.vectors[i] = {.iov_base = buffers.bytes[i].data(), .iov_len = kMessageBytes};
    msghdr& header = buffers.messages[i].msg_hdr;
    header = {};
    header.msg_name = &buffers.from[i];
    header.msg_namelen = sizeof(sockaddr_in);
    header.msg_iov = &buffers.vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = &buffers.control[i];
    header.msg_controllen = kControlBytes;
  }
  const int count = ::recvmmsg(descriptor_.get(), buffers.messages.data(), kBatch, 0, nullptr);
  std::size_t kept = 0;
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    msghdr& header = buffers.messages[i].msg_hdr;
    const std::size_t size = buffers.messages[i].msg_len;
    Message message{.from = from_system(buffers.from[i]),
                    .bytes = MutableBytes{buffers.bytes[i]}.first(size),
                    .datagram_bytes = size};
    std::uint32_t to = 0;
    for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
      if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(at), sizeof info);
        to = ntohl(info.ipi_addr.s_addr);
      } else if (at->cmsg_level == SOL_UDP && at->cmsg_type == UDP_GRO) {
        int segment = 0;
        std::memcpy(&segment, CMSG_DATA(at), sizeof segment);
        message.datagram_bytes = static_cast<std::size_t>(segment);
      } else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
        timespec arrived{};
        std::memcpy(&arrived, CMSG_DATA(at), sizeof arrived);
        message.arrived_ns = nanoseconds(arrived);
      }
    }
    if (size == 0 || to < first_address_ || to - first_address_ >= kMostClients) continue;
    message.client = to - first_address_;
    buffers.received[kept++] = message;
  }
  return std::span{buffers.received}.first(kept);
}

void Wire::send(std::size_t client, std::span<const media::sfu::EgressRun> runs) {
  in_pktinfo source{};
  const auto own = address_of(client).ip.v4_bytes();
  std::memcpy(&source.ipi_spec_dst, own.data(), own.size());
  for (const media::sfu::EgressRun& run : runs) {
    sockaddr_in to = to_system(run.to);
    iovec vector{.iov_base = const_cast<std::uint8_t*>(run.bytes.data()),
                 .iov_len = run.bytes.size()};
    Buffers::Control control{};
    msghdr header{};
    header.msg_name = &to;
    header.msg_namelen = sizeof to;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes.data();
    append_control(header, IPPROTO_IP, IP_PKTINFO, source);
    if (run.segments > 1) append_control(header, SOL_UDP, UDP_SEGMENT, run.segment_size);
    // What the kernel refuses is lost, as on any network.
    static_cast<void>(::sendmsg(descriptor_.get(), &header, 0));
  }
}

std::uint64_t Wire::dropped() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof info;
  require(::getsockopt(descriptor_.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &length) == 0,
          "SO_MEMINFO");
  return info[SK_MEMINFO_DROPS];
}

}  // namespace vis::bench
