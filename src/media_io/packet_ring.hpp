#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/limits/media_io.hpp"
#include "media/ice/output.hpp"
#include "media_io/wake_up.hpp"

namespace vis::media_io {

/// Datagrams on their way from one thread to one other, without a lock or an allocation. Bounded
/// by limits::kRelayRingPackets; what does not fit is refused, and the sender counts it.
///
/// The memory of a slot is not touched before the slot is used, so a ring that stays almost empty
/// costs almost nothing.
class PacketRing final {
 public:
  static constexpr std::size_t kPacketBytes = 1500;

  // ---- the sender's thread ----

  [[nodiscard]] bool push(const media::ice::Path& path, Bytes bytes) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    const bool full = head - tail_.load(std::memory_order_acquire) == limits::kRelayRingPackets;
    if (full || bytes.size() > kPacketBytes) return false;
    Slot& slot = slots_[head % limits::kRelayRingPackets];
    slot.path = path;
    slot.size = bytes.size();
    std::ranges::copy(bytes, slot.bytes.begin());
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // ---- the receiver's thread ----

  /// Hands over what is there, each packet as (path, MutableBytes).
  template <typename Handle>
  void take(Handle handle) {
    const std::size_t head = head_.load(std::memory_order_acquire);
    for (std::size_t tail = tail_.load(std::memory_order_relaxed); tail != head; ++tail) {
      Slot& slot = slots_[tail % limits::kRelayRingPackets];
      handle(slot.path, MutableBytes{slot.bytes}.first(slot.size));
      tail_.store(tail + 1, std::memory_order_release);
    }
  }

 private:
  struct Slot {
    media::ice::Path path;
    std::size_t size;
    std::array<std::uint8_t, kPacketBytes> bytes;
  };

  std::unique_ptr<Slot[]> slots_ =
      std::make_unique_for_overwrite<Slot[]>(limits::kRelayRingPackets);
  alignas(64) std::atomic<std::size_t> head_ = 0;
  alignas(64) std::atomic<std::size_t> tail_ = 0;
};

/// The two ways between one worker and the relay loop, which owns them.
struct RelayRings {
  PacketRing to_worker;
  WakeUp wake_worker;
  PacketRing from_worker;
  WakeUp* wake_relay = nullptr;
};

/// How a worker's engine counts our addresses (media::ice::Path::local) that are no addresses of
/// its UDP socket: the TCP port, and each of the announced UDP addresses as TURN clients reach it.
inline constexpr std::uint8_t kTcpLocal = limits::kUdpLocalAddresses + 1;
inline constexpr std::uint8_t kTurnLocal = kTcpLocal + 1;
static_assert(kTurnLocal + limits::kAnnouncedAddresses <= 256);

}  // namespace vis::media_io
