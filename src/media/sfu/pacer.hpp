#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/sfu/deadline_table.hpp"
#include "media/sfu/forward_packet.hpp"

namespace vis::media::sfu {

class Sender;

/// A packet that its subscriber's path cannot take yet, in the clear: everything about its way out
/// is decided when it leaves.
struct PacedPacket {
  std::optional<ForwardPacket> packet;  ///< Nothing while it is free.
  Sender* sender = nullptr;
  std::uint32_t source = 0;  ///< Of the layer, which may be another one by then.
  std::uint8_t layer = 0;
  PacedPacket* next = nullptr;

  std::size_t size() const { return packet->slab.packet().size(); }
};

/// Room for the packets that wait, shared by all subscribers of an engine: few of them have any
/// waiting at one time. In chunks that are kept once taken. Owned by the engine; its slabs outlive
/// it. When limits::kPacedPacketsOfWorker are in use, `take` gives null.
class PacedPacketPool final {
 public:
  static constexpr std::size_t kChunk = 64;

  PacedPacketPool() = default;
  PacedPacketPool(const PacedPacketPool&) = delete;
  PacedPacketPool& operator=(const PacedPacketPool&) = delete;

  PacedPacket* take();
  void give_back(PacedPacket& packet);
  std::size_t in_use() const { return in_use_; }

 private:
  using Chunk = std::array<PacedPacket, kChunk>;

  std::vector<std::unique_ptr<Chunk>> chunks_;
  PacedPacket* first_free_ = nullptr;
  std::size_t in_use_ = 0;
};

/// Spreads what one transport sends: a token bucket, filled at a rate above the congestion
/// controller's target. While the bucket holds, packets pass at once and leave in one burst, which
/// for the frames of a steady video is always. What is too much for it (a key frame, mostly) waits
/// in order, and leaves in steps of a quantum.
///
/// Owned by the transport's Outbound. Nothing waits for longer than about `kMaxWait`: a long queue
/// drains faster than the rate. No more than limits::kPacedPackets wait: whoever comes then has to
/// give up its frames.
class Pacer final {
 public:
  static constexpr Duration kQuantum = DeadlineTable::kQuantum;
  /// What may leave at one moment. With 2.5 times the target as the rate it is 50 ms of media: a
  /// frame and a half at 30 Hz, and a queue at the bottleneck that is no longer than that.
  static constexpr Duration kBurst = 20ms;
  static constexpr Duration kMaxWait = 500ms;

  explicit Pacer(PacedPacketPool& pool) : pool_(pool) {}
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;
  ~Pacer() { clear(); }

  void set_rate(congestion::BitRate rate) { rate_ = rate; }

  // ---- packet path ----

  /// Whether a packet may leave now, ahead of none that waits.
  bool may_pass(TimePoint now) {
    if (now != filled_at_) fill(now);
    return budget_ > 0 && first_ == nullptr;
  }
  /// All that leaves counts, whether it could have waited or not.
  void on_sent(std::size_t bytes) { budget_ -= static_cast<std::int64_t>(bytes); }

  // ---- what waits ----

  struct Held {
    Sender& sender;
    std::uint8_t layer = 0;
    std::uint32_t source = 0;
  };
  /// False when there is no room.
  bool hold(const Held& by, const ForwardPacket& packet);
  /// Calls `release(held)` for what may leave now. It must not hold packets back again.
  template <typename Release>
  void release_due(TimePoint now, Release release) {
    fill(now);
    while (first_ != nullptr && budget_ > 0) release_first(release);
  }
  /// The first leaves, whether it may or not.
  template <typename Release>
  void release_first(Release release) {
    PacedPacket& held = *first_;
    unlink_first();
    release(held);
    pool_.give_back(held);
  }
  const PacedPacket* first() const { return first_; }
  void drop(const Sender& sender);
  void clear();

  bool empty() const { return first_ == nullptr; }
  std::size_t packets() const { return packets_; }
  std::optional<TimePoint> next_deadline() const {
    if (empty()) return std::nullopt;
    return filled_at_ + kQuantum;
  }

 private:
  void fill(TimePoint now);
  void unlink_first();

  PacedPacketPool& pool_;
  congestion::BitRate rate_ = congestion::BitRate::unlimited();
  std::int64_t budget_ = 0;  ///< Bytes; below zero when a packet was larger than the rest.
  TimePoint filled_at_ = TimePoint::min();
  PacedPacket* first_ = nullptr;
  PacedPacket* last_ = nullptr;
  std::size_t packets_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace vis::media::sfu
