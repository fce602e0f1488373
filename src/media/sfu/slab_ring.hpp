#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/limits/media_sfu.hpp"
#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

/// Packets on their way from one engine to one other, each with a thread of its own. No lock, no
/// allocation, and no copy: a slot points into a slab of the writer. The writer holds a reference
/// to that slab until the reader has gone past the slot, and gives it back itself, so that
/// references stay a matter of one thread. The reader copies what it needs.
///
/// Bounded by limits::kNeighbourPackets: what does not fit is refused. Owned by the shell, and
/// outlives both engines; the writer's engine calls `close` before it goes, after the reader's
/// thread has ended.
class SlabRing final {
 public:
  struct Packet {
    Bytes bytes;                ///< Decrypted.
    std::int64_t sequence = 0;  ///< Unwrapped.
    std::uint32_t track = 0;    ///< As the writer numbers its tracks.
    std::uint8_t layer = 0;
    bool resumes = false;  ///< As ForwardPacket::resumes.
  };

  // ---- the writer's thread ----

  /// Not seen by the reader before `publish`. False when there is no room.
  [[nodiscard]] bool push(SlabRef slab, const Packet& packet) {
    if (pushed_ - freed_ == limits::kNeighbourPackets) take_back();
    if (pushed_ - freed_ == limits::kNeighbourPackets) return false;
    const std::size_t at = pushed_ % limits::kNeighbourPackets;
    slots_[at] = packet;
    held_[at] = std::move(slab);
    ++pushed_;
    return true;
  }
  /// False when nothing was pushed since the last call.
  bool publish() {
    if (head_.load(std::memory_order_relaxed) == pushed_) return false;
    head_.store(pushed_, std::memory_order_release);
    return true;
  }
  /// Lets go of the slabs that the reader is done with.
  void take_back() {
    const std::size_t tail = tail_.load(std::memory_order_acquire);
    for (; freed_ != tail; ++freed_) held_[freed_ % limits::kNeighbourPackets].reset();
  }
  /// Lets go of all slabs. Nothing may be read any more.
  void close() {
    for (; freed_ != pushed_; ++freed_) held_[freed_ % limits::kNeighbourPackets].reset();
  }

  // ---- the reader's thread ----

  /// Notes how much there is, which is what `take` then takes.
  void look() { seen_ = head_.load(std::memory_order_acquire); }
  template <typename Handle>
  void take(Handle handle) {
    for (; taken_ != seen_; ++taken_) handle(slots_[taken_ % limits::kNeighbourPackets]);
    tail_.store(taken_, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  std::unique_ptr<Packet[]> slots_ = std::make_unique<Packet[]>(limits::kNeighbourPackets);
  /// The writer's.
  std::unique_ptr<SlabRef[]> held_ = std::make_unique<SlabRef[]>(limits::kNeighbourPackets);
  std::size_t pushed_ = 0;
  std::size_t freed_ = 0;
  alignas(kCacheLine) std::atomic<std::size_t> head_ = 0;
  alignas(kCacheLine) std::atomic<std::size_t> tail_ = 0;
  /// The reader's.
  alignas(kCacheLine) std::size_t seen_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace vis::media::sfu
