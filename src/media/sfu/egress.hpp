#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "media/ice/output.hpp"

namespace vis::media::sfu {

/// Datagrams for one destination that lie back to back: all of `segment_size` bytes but the last,
/// which may be shorter. What UDP generic segmentation offload takes as one message.
struct EgressRun {
  SocketAddress to;
  Bytes bytes;
  std::uint16_t segment_size = 0;
  std::uint16_t segments = 0;
  std::uint8_t local = 0;  ///< From which of our addresses, as ice::Path counts them.
};

/// Where datagrams go. Called once per flush, never per packet.
class EgressSink {
 public:
  virtual ~EgressSink() = default;
  virtual void send(std::span<const EgressRun> runs) = 0;
};

/// Datagrams on their way out of the engine, gathered until the batch of incoming ones has been
/// handled. Datagrams written one after another to the same destination join into runs.
///
/// `reserve` gives room for one datagram and `commit` says how long it became; the bytes may still
/// change until `flush` (multi-buffer encryption finishes late). When the buffer is full, the
/// caller flushes first; a fixed buffer means that nothing is allocated per packet.
class EgressQueue final {
 public:
  static constexpr std::size_t kBufferBytes = std::size_t{512} * 1024;
  static constexpr std::size_t kMaxRuns = 1024;
  static constexpr std::size_t kMaxDatagram = 1500;
  /// Limits of one GSO message: UDP_MAX_SEGMENTS, and below 64 KiB with headers.
  static constexpr std::size_t kMaxSegments = 64;
  static constexpr std::size_t kMaxRunBytes = 65'000;

  /// With another size, for clients of tests and benchmarks.
  explicit EgressQueue(std::size_t buffer_bytes = kBufferBytes);

  /// Whether one more datagram of any size fits.
  bool has_room() const {
    return used_ + kMaxDatagram <= buffer_.size() && runs_.size() < kMaxRuns;
  }
  bool empty() const { return runs_.empty(); }

  /// Room for one datagram at the end of the buffer. Needs `has_room()`.
  MutableBytes reserve() { return MutableBytes{buffer_}.subspan(used_, kMaxDatagram); }
  /// Makes the first `size` bytes of the reserved room a datagram along `path`.
  void commit(const ice::Path& path, std::size_t size);
  /// `reserve`, copy, `commit`.
  void push(const ice::Path& path, Bytes datagram);

  /// Hands all runs to the sink and starts afresh.
  void flush(EgressSink& sink);

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t used_ = 0;
  std::vector<EgressRun> runs_;
};

inline void EgressQueue::commit(const ice::Path& path, std::size_t size) {
  if (!runs_.empty()) {
    EgressRun& last = runs_.back();
    // A shorter segment ends its run, so a run is open while its bytes are a whole multiple.
    const bool open = last.bytes.size() == std::size_t{last.segment_size} * last.segments;
    if (open && size <= last.segment_size && last.segments < kMaxSegments &&
        last.bytes.size() + size <= kMaxRunBytes && last.local == path.local &&
        last.to == path.remote) {
      last.bytes = Bytes{last.bytes.data(), last.bytes.size() + size};
      ++last.segments;
      used_ += size;
      return;
    }
  }
  runs_.push_back({.to = path.remote,
                   .bytes = Bytes{buffer_}.subspan(used_, size),
                   .segment_size = static_cast<std::uint16_t>(size),
                   .segments = 1,
                   .local = path.local});
  used_ += size;
}

}  // namespace vis::media::sfu
