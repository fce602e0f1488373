#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "media/sfu/egress.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::media_io {

/// What the socket has counted since it was opened.
struct UdpCounters {
  std::uint64_t received_datagrams = 0;
  std::uint64_t sent_datagrams = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t send_dropped = 0;       ///< The kernel had no room or refused.
  std::uint64_t receive_truncated = 0;  ///< Larger than any packet of ours; dropped.
};

/// The one UDP socket of a media worker: batches in, runs out. Lives on the worker's thread after
/// it was opened. Bound to the unspecified address it serves every address of the machine, IPv4 and
/// IPv6, and numbers them as they are used (ice::Path::local): what is sent along a path leaves
/// from the address that the path's datagrams came to.
///
/// A run leaves as one message where the kernel segments it (UDP_SEGMENT); a run that it refuses
/// leaves as a message per datagram. When it refused kRefusals runs whose datagrams it took one by
/// one, and took no run in between, the socket stops asking.
class UdpSocket final {
 public:
  static constexpr std::size_t kBatch = 64;
  static constexpr unsigned kRefusals = 8;

  /// Binds `address` (port 0 = any free port; the unspecified address of either family = both
  /// families, where the system has IPv6). Error: Unavailable with the system's words.
  static Result<UdpSocket> open(const SocketAddress& address);
  UdpSocket(UdpSocket&&) noexcept;
  ~UdpSocket();

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }
  bool uses_segmentation() const { return segmentation_; }
  /// Whether clients with IPv6 addresses can reach it.
  bool has_v6() const { return family_ == AF_INET6; }
  /// The number of an address of ours. 0, which leaves the choice to the kernel, for the
  /// unspecified address and for what comes after limits::kUdpLocalAddresses others.
  std::uint8_t local_of(const IpAddress& address);
  const UdpCounters& counters() const { return counters_; }

  struct Datagram {
    MutableBytes bytes;
    SocketAddress from;
    std::uint8_t local = 0;  ///< To which address of ours.
  };
  /// Up to kBatch datagrams that are waiting; valid until the next call. Empty when there are none.
  std::span<const Datagram> receive();

  void send(std::span<const media::sfu::EgressRun> runs);

 private:
  struct Buffers;

  UdpSocket(FileDescriptor descriptor, int family, std::uint16_t port);
  void send_segmented(std::span<const media::sfu::EgressRun> runs);
  /// Whether the kernel took any of the run's datagrams.
  bool send_single(std::size_t place, const media::sfu::EgressRun& run);
  void prepare(std::size_t place, const media::sfu::EgressRun& run, Bytes bytes);

  FileDescriptor descriptor_;
  int family_ = 0;
  std::uint16_t port_ = 0;
  std::vector<IpAddress> locals_;  ///< By number; the first is the unspecified one.
  std::uint8_t last_local_ = 0;    ///< That of the latest datagram.
  bool segmentation_ = true;
  unsigned refusals_ = 0;  ///< Of runs, since one was taken.
  UdpCounters counters_;
  std::unique_ptr<Buffers> buffers_;
  std::array<Datagram, kBatch> datagrams_;
};

}  // namespace vis::media_io
