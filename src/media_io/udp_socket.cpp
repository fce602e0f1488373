#include "media_io/udp_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/assert.hpp"

namespace vis::media_io {
namespace {

constexpr std::size_t kReceiveBytes = 2048;
constexpr int kSocketBufferBytes = 16 * 1024 * 1024;

Error system_error(std::string_view what) {
  return Error{Errc::Unavailable, std::string(what) + ": " + std::strerror(errno)};
}

socklen_t to_system(const SocketAddress& address, sockaddr_storage& out) {
  if (address.ip.is_v6()) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, address.ip.v6_bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  const auto bytes = address.ip.v4_bytes();
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
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  IpAddress::V4Bytes bytes{};
  std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
  return {.ip = IpAddress::v4(bytes), .port = ntohs(v4.sin_port)};
}

/// The larger buffer needs a privilege; without it the kernel's own limit applies.
void enlarge_buffer(int descriptor, int forced_option, int option) {
  const int bytes = kSocketBufferBytes;
  if (::setsockopt(descriptor, SOL_SOCKET, forced_option, &bytes, sizeof bytes) != 0) {
    ::setsockopt(descriptor, SOL_SOCKET, option, &bytes, sizeof bytes);
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// The arrays that recvmmsg and sendmmsg work on; on the heap because they are large, and kept
/// because they are used for every batch.
struct UdpSocket::Buffers {
  union Control {
    cmsghdr header;
    std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
  };

  std::array<std::array<std::uint8_t, kReceiveBytes>, kBatch> receive_bytes;
  std::array<sockaddr_storage, kBatch> receive_from;
  std::array<iovec, kBatch> receive_vectors;
  std::array<mmsghdr, kBatch> receive_messages;

  std::array<sockaddr_storage, kBatch> send_to;
  std::array<iovec, kBatch> send_vectors;
  std::array<Control, kBatch> send_control;
  std::array<mmsghdr, kBatch> send_messages;
};

Result<UdpSocket> UdpSocket::open(const SocketAddress& address) {
  const int family = address.ip.is_v6() ? AF_INET6 : AF_INET;
  FileDescriptor descriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor.get() < 0) return std::unexpected(system_error("UDP socket"));
  sockaddr_storage system{};
  socklen_t length = to_system(address, system);
  if (::bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&system), length) != 0) {
    return std::unexpected(system_error("UDP port " + address.str()));
  }
  enlarge_buffer(descriptor.get(), SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge_buffer(descriptor.get(), SO_SNDBUFFORCE, SO_SNDBUF);
  if (family == AF_INET) {
    // With DF set the kernel need not choose an identification for every datagram.
    const int discover = IP_PMTUDISC_DO;
    ::setsockopt(descriptor.get(), IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof discover);
  }
  length = sizeof system;
  if (::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&system), &length) != 0) {
    return std::unexpected(system_error("UDP port " + address.str()));
  }
  return UdpSocket(std::move(descriptor), from_system(system).port);
}

UdpSocket::UdpSocket(FileDescriptor descriptor, std::uint16_t port)
    : descriptor_(std::move(descriptor)), port_(port), buffers_(std::make_unique<Buffers>()) {
  // Segment size 0 means "do not segment"; kernels that know the option accept it.
  const int none = 0;
  segmentation_ = ::setsockopt(descriptor_.get(), SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

std::span<const UdpSocket::Datagram> UdpSocket::receive() {
  Buffers& buffers = *buffers_;
  for (std::size_t i = 0; i < kBatch; ++i) {
    buffers.receive_vectors[i] = {.iov_base = buffers.receive_bytes[i].data(),
                                  .iov_len = kReceiveBytes};
    buffers.receive_messages[i] = {};
    buffers.receive_messages[i].msg_hdr.msg_name = &buffers.receive_from[i];
    buffers.receive_messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    buffers.receive_messages[i].msg_hdr.msg_iov = &buffers.receive_vectors[i];
    buffers.receive_messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count =
      ::recvmmsg(descriptor_.get(), buffers.receive_messages.data(), kBatch, 0, nullptr);
  std::size_t kept = 0;
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    const mmsghdr& message = buffers.receive_messages[i];
    ++counters_.received_datagrams;
    counters_.received_bytes += message.msg_len;
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++counters_.receive_truncated;
      continue;
    }
    datagrams_[kept++] = {.bytes = MutableBytes{buffers.receive_bytes[i]}.first(message.msg_len),
                          .from = from_system(buffers.receive_from[i])};
  }
  return std::span{datagrams_}.first(kept);
}

void UdpSocket::send(std::span<const media::sfu::EgressRun> runs) {
  while (!runs.empty()) {
    const std::size_t count = std::min(runs.size(), kBatch);
    if (segmentation_) {
      send_segmented(runs.first(count));
    } else {
      for (const media::sfu::EgressRun& run : runs.first(count)) send_single(run);
    }
    runs = runs.subspan(count);
  }
}

std::size_t UdpSocket::prepare(std::span<const media::sfu::EgressRun> runs) {
  Buffers& buffers = *buffers_;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const media::sfu::EgressRun& run = runs[i];
    // The kernel only reads what is sent; iovec has one type for both directions.
    buffers.send_vectors[i] = {.iov_base = const_cast<std::uint8_t*>(run.bytes.data()),
                               .iov_len = run.bytes.size()};
    msghdr& header = buffers.send_messages[i].msg_hdr;
    header = {};
    header.msg_namelen = to_system(run.to, buffers.send_to[i]);
    header.msg_name = &buffers.send_to[i];
    header.msg_iov = &buffers.send_vectors[i];
    header.msg_iovlen = 1;
    if (run.segments == 1) continue;
    header.msg_control = &buffers.send_control[i];
    header.msg_controllen = sizeof(Buffers::Control);
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof run.segment_size);
    std::memcpy(CMSG_DATA(control), &run.segment_size, sizeof run.segment_size);
  }
  return runs.size();
}

void UdpSocket::send_segmented(std::span<const media::sfu::EgressRun> runs) {
  const std::size_t count = prepare(runs);
  std::size_t done = 0;
  while (done < count) {
    const int sent = ::sendmmsg(descriptor_.get(), buffers_->send_messages.data() + done,
                                static_cast<unsigned>(count - done), 0);
    if (sent > 0) {
      for (const media::sfu::EgressRun& run : runs.subspan(done, static_cast<std::size_t>(sent))) {
        counters_.sent_datagrams += run.segments;
        counters_.sent_bytes += run.bytes.size();
        if (run.segments > 1) refusals_ = 0;
      }
      done += static_cast<std::size_t>(sent);
      continue;
    }
    const media::sfu::EgressRun& failed = runs[done++];
    if (failed.segments == 1 || (errno != EIO && errno != EINVAL)) {
      counters_.send_dropped += failed.segments;
      continue;
    }
    send_single(failed);
    if (++refusals_ < kRefusals) continue;
    segmentation_ = false;
    for (; done < count; ++done) send_single(runs[done]);
  }
}

void UdpSocket::send_single(const media::sfu::EgressRun& run) {
  sockaddr_storage to{};
  const socklen_t length = to_system(run.to, to);
  for (Bytes rest = run.bytes; !rest.empty();) {
    const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
    const ssize_t sent = ::sendto(descriptor_.get(), datagram.data(), datagram.size(), 0,
                                  reinterpret_cast<const sockaddr*>(&to), length);
    ++(sent < 0 ? counters_.send_dropped : counters_.sent_datagrams);
    if (sent > 0) counters_.sent_bytes += static_cast<std::uint64_t>(sent);
    rest = rest.subspan(datagram.size());
  }
}

}  // namespace vis::media_io
