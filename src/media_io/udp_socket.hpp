#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "media/sfu/egress.hpp"

namespace vis::media_io {

/// A file descriptor that is closed with its owner.
class FileDescriptor final {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

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
/// it was opened. A run leaves as one message where the kernel segments it (UDP_SEGMENT); a run
/// that it refuses leaves as a message per datagram. Some destinations are refused in any form, so
/// only when it refused kRefusals runs, and took none in between, does the socket stop asking.
class UdpSocket final {
 public:
  static constexpr std::size_t kBatch = 64;
  static constexpr unsigned kRefusals = 8;

  /// Binds `address` (port 0 = any free port). Error: Unavailable with the system's words.
  static Result<UdpSocket> open(const SocketAddress& address);
  UdpSocket(UdpSocket&&) noexcept;
  ~UdpSocket();

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }
  bool uses_segmentation() const { return segmentation_; }
  const UdpCounters& counters() const { return counters_; }

  struct Datagram {
    MutableBytes bytes;
    SocketAddress from;
  };
  /// Up to kBatch datagrams that are waiting; valid until the next call. Empty when there are none.
  std::span<const Datagram> receive();

  void send(std::span<const media::sfu::EgressRun> runs);

 private:
  struct Buffers;

  UdpSocket(FileDescriptor descriptor, std::uint16_t port);
  void send_segmented(std::span<const media::sfu::EgressRun> runs);
  void send_single(const media::sfu::EgressRun& run);
  std::size_t prepare(std::span<const media::sfu::EgressRun> runs);

  FileDescriptor descriptor_;
  std::uint16_t port_ = 0;
  bool segmentation_ = true;
  unsigned refusals_ = 0;  ///< Of runs, since one was taken.
  UdpCounters counters_;
  std::unique_ptr<Buffers> buffers_;
  std::array<Datagram, kBatch> datagrams_;
};

}  // namespace vis::media_io
