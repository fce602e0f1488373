#include "media_io/udp_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/assert.hpp"
#include "base/limits/media_io.hpp"
#include "media_io/system_address.hpp"

namespace vis::media_io {
namespace {

constexpr std::size_t kReceiveBytes = 2048;
constexpr int kSocketBufferBytes = 16 * 1024 * 1024;

Error system_error(std::string_view what) {
  return Error{Errc::Unavailable, std::string(what) + ": " + std::strerror(errno)};
}

/// The larger buffer needs a privilege; without it the kernel's own limit applies.
void enlarge_buffer(int descriptor, int forced_option, int option) {
  const int bytes = kSocketBufferBytes;
  if (::setsockopt(descriptor, SOL_SOCKET, forced_option, &bytes, sizeof bytes) != 0) {
    ::setsockopt(descriptor, SOL_SOCKET, option, &bytes, sizeof bytes);
  }
}

}  // namespace

/// The arrays that recvmmsg and sendmmsg work on; on the heap because they are large, and kept
/// because they are used for every batch.
struct UdpSocket::Buffers {
  /// The address of ours, and the size of a segment on the way out.
  union Control {
    cmsghdr header;
    std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t))>
        bytes;
  };

  std::array<std::array<std::uint8_t, kReceiveBytes>, kBatch> receive_bytes;
  std::array<sockaddr_storage, kBatch> receive_from;
  std::array<iovec, kBatch> receive_vectors;
  std::array<Control, kBatch> receive_control;
  std::array<mmsghdr, kBatch> receive_messages;

  std::array<sockaddr_storage, kBatch> send_to;
  std::array<iovec, kBatch> send_vectors;
  std::array<Control, kBatch> send_control;
  std::array<mmsghdr, kBatch> send_messages;
};

namespace {

/// Appends ancillary data to those of a message, in a buffer that has room for it.
class ControlWriter final {
 public:
  ControlWriter(msghdr& header, std::uint8_t* buffer) : header_(header), buffer_(buffer) {}

  template <typename T>
  void add(int level, int type, const T& value) {
    auto* const control = reinterpret_cast<cmsghdr*>(buffer_ + header_.msg_controllen);
    header_.msg_control = buffer_;
    header_.msg_controllen += CMSG_SPACE(sizeof value);
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(control), &value, sizeof value);
  }

  void add_source(int family, const IpAddress& source) {
    sockaddr_storage system{};
    to_system({.ip = source, .port = 0}, family, system);
    if (family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, &system, sizeof v6);
      add(IPPROTO_IPV6, IPV6_PKTINFO, in6_pktinfo{.ipi6_addr = v6.sin6_addr, .ipi6_ifindex = 0});
    } else {
      sockaddr_in v4{};
      std::memcpy(&v4, &system, sizeof v4);
      add(IPPROTO_IP, IP_PKTINFO,
          in_pktinfo{.ipi_ifindex = 0, .ipi_spec_dst = v4.sin_addr, .ipi_addr = {}});
    }
  }

 private:
  msghdr& header_;
  std::uint8_t* buffer_;
};

/// Which address of ours a datagram was sent to; the unspecified one when the kernel does not say.
IpAddress destination_of(msghdr& header) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    sockaddr_storage system{};
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      const sockaddr_in6 v6{.sin6_family = AF_INET6,
                            .sin6_port = 0,
                            .sin6_flowinfo = 0,
                            .sin6_addr = info.ipi6_addr,
                            .sin6_scope_id = 0};
      std::memcpy(&system, &v6, sizeof v6);
      return from_system(system).ip;
    }
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      const sockaddr_in v4{
          .sin_family = AF_INET, .sin_port = 0, .sin_addr = info.ipi_spec_dst, .sin_zero = {}};
      std::memcpy(&system, &v4, sizeof v4);
      return from_system(system).ip;
    }
  }
  return {};
}

void set_option(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

/// One socket for both families where the address is unspecified and the system has IPv6.
FileDescriptor make_socket(const IpAddress& address, int& family) {
  constexpr int kType = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  family = address.is_v6() || address.is_unspecified() ? AF_INET6 : AF_INET;
  FileDescriptor descriptor(::socket(family, kType, 0));
  if (descriptor.get() < 0 && !address.is_v6()) {
    family = AF_INET;
    descriptor = FileDescriptor(::socket(family, kType, 0));
  }
  if (family == AF_INET6) {
    set_option(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.is_unspecified() ? 0 : 1);
  }
  return descriptor;
}

}  // namespace

Result<UdpSocket> UdpSocket::open(const SocketAddress& address) {
  int family = AF_INET;
  FileDescriptor descriptor = make_socket(address.ip, family);
  if (descriptor.get() < 0) return std::unexpected(system_error("UDP socket"));
  SocketAddress bound = address;
  if (family == AF_INET6 && address.ip.is_unspecified()) bound.ip = IpAddress::v6({});
  sockaddr_storage system{};
  socklen_t length = to_system(bound, family, system);
  if (::bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&system), length) != 0) {
    return std::unexpected(system_error("UDP port " + address.str()));
  }
  enlarge_buffer(descriptor.get(), SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge_buffer(descriptor.get(), SO_SNDBUFFORCE, SO_SNDBUF);
  // With DF set the kernel need not choose an identification for every datagram.
  set_option(descriptor.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  if (family == AF_INET6) {
    set_option(descriptor.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
  }
  if (address.ip.is_unspecified()) {
    if (family == AF_INET6) set_option(descriptor.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    if (family == AF_INET) set_option(descriptor.get(), IPPROTO_IP, IP_PKTINFO, 1);
  }
  length = sizeof system;
  if (::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&system), &length) != 0) {
    return std::unexpected(system_error("UDP port " + address.str()));
  }
  return UdpSocket(std::move(descriptor), family, from_system(system).port);
}

UdpSocket::UdpSocket(FileDescriptor descriptor, int family, std::uint16_t port)
    : descriptor_(std::move(descriptor)),
      family_(family),
      port_(port),
      locals_{IpAddress{}},
      buffers_(std::make_unique<Buffers>()) {
  // Segment size 0 means "do not segment"; kernels that know the option accept it.
  const int none = 0;
  segmentation_ = ::setsockopt(descriptor_.get(), SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

std::uint8_t UdpSocket::local_of(const IpAddress& address) {
  if (address.is_unspecified()) return 0;
  if (address == locals_[last_local_]) return last_local_;
  auto found = std::ranges::find(locals_, address);
  if (found == locals_.end()) {
    if (locals_.size() > limits::kUdpLocalAddresses) return 0;
    found = locals_.insert(found, address);
  }
  last_local_ = static_cast<std::uint8_t>(found - locals_.begin());
  return last_local_;
}

std::span<const UdpSocket::Datagram> UdpSocket::receive() {
  Buffers& buffers = *buffers_;
  for (std::size_t i = 0; i < kBatch; ++i) {
    buffers.receive_vectors[i] = {.iov_base = buffers.receive_bytes[i].data(),
                                  .iov_len = kReceiveBytes};
    msghdr& header = buffers.receive_messages[i].msg_hdr;
    header = {};
    header.msg_name = &buffers.receive_from[i];
    header.msg_namelen = sizeof(sockaddr_storage);
    header.msg_iov = &buffers.receive_vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = &buffers.receive_control[i];
    header.msg_controllen = sizeof(Buffers::Control);
  }
  const int count =
      ::recvmmsg(descriptor_.get(), buffers.receive_messages.data(), kBatch, 0, nullptr);
  std::size_t kept = 0;
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    mmsghdr& message = buffers.receive_messages[i];
    ++counters_.received_datagrams;
    counters_.received_bytes += message.msg_len;
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++counters_.receive_truncated;
      continue;
    }
    datagrams_[kept++] = {.bytes = MutableBytes{buffers.receive_bytes[i]}.first(message.msg_len),
                          .from = from_system(buffers.receive_from[i]),
                          .local = local_of(destination_of(message.msg_hdr))};
  }
  return std::span{datagrams_}.first(kept);
}

void UdpSocket::send(std::span<const media::sfu::EgressRun> runs) {
  while (!runs.empty()) {
    const std::size_t count = std::min(runs.size(), kBatch);
    if (segmentation_) {
      send_segmented(runs.first(count));
    } else {
      for (const media::sfu::EgressRun& run : runs.first(count)) send_single(0, run);
    }
    runs = runs.subspan(count);
  }
}

void UdpSocket::prepare(std::size_t place, const media::sfu::EgressRun& run, Bytes bytes) {
  Buffers& buffers = *buffers_;
  // The kernel only reads what is sent; iovec has one type for both directions.
  buffers.send_vectors[place] = {.iov_base = const_cast<std::uint8_t*>(bytes.data()),
                                 .iov_len = bytes.size()};
  msghdr& header = buffers.send_messages[place].msg_hdr;
  header = {};
  header.msg_namelen = to_system(run.to, family_, buffers.send_to[place]);
  header.msg_name = &buffers.send_to[place];
  header.msg_iov = &buffers.send_vectors[place];
  header.msg_iovlen = 1;
  ControlWriter control(header, buffers.send_control[place].bytes.data());
  if (run.local != 0 && run.local < locals_.size()) {
    control.add_source(family_, locals_[run.local]);
  }
  if (bytes.size() > run.segment_size) control.add(SOL_UDP, UDP_SEGMENT, run.segment_size);
}

void UdpSocket::send_segmented(std::span<const media::sfu::EgressRun> runs) {
  for (std::size_t i = 0; i < runs.size(); ++i) prepare(i, runs[i], runs[i].bytes);
  std::size_t done = 0;
  while (done < runs.size()) {
    const int sent = ::sendmmsg(descriptor_.get(), buffers_->send_messages.data() + done,
                                static_cast<unsigned>(runs.size() - done), 0);
    if (sent > 0) {
      for (const media::sfu::EgressRun& run : runs.subspan(done, static_cast<std::size_t>(sent))) {
        counters_.sent_datagrams += run.segments;
        counters_.sent_bytes += run.bytes.size();
        if (run.segments > 1) refusals_ = 0;
      }
      done += static_cast<std::size_t>(sent);
      continue;
    }
    const std::size_t failed = done++;
    if (runs[failed].segments == 1 || (errno != EIO && errno != EINVAL)) {
      counters_.send_dropped += runs[failed].segments;
      continue;
    }
    // Destinations and sources may be refused in any form; only what goes one by one counts.
    if (!send_single(failed, runs[failed]) || ++refusals_ < kRefusals) continue;
    segmentation_ = false;
    for (; done < runs.size(); ++done) send_single(done, runs[done]);
  }
}

bool UdpSocket::send_single(std::size_t place, const media::sfu::EgressRun& run) {
  bool taken = false;
  for (Bytes rest = run.bytes; !rest.empty();) {
    const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
    prepare(place, run, datagram);
    const ssize_t sent = ::sendmsg(descriptor_.get(), &buffers_->send_messages[place].msg_hdr, 0);
    ++(sent < 0 ? counters_.send_dropped : counters_.sent_datagrams);
    if (sent > 0) counters_.sent_bytes += static_cast<std::uint64_t>(sent);
    taken = taken || sent >= 0;
    rest = rest.subspan(datagram.size());
  }
  return taken;
}

}  // namespace vis::media_io
