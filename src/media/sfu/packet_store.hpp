#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

/// The latest packets of one published layer, by sequence number: the one place that answers every
/// subscriber's NACK. Holds at most `capacity` packets (a power of two), and none for longer than
/// kKeep: what is asked for later comes too late for any decoder.
class PacketStore final {
 public:
  static constexpr Duration kKeep = 1500ms;

  explicit PacketStore(std::size_t capacity);

  /// False when this sequence number was stored before, or is older than what is kept.
  bool insert(TimePoint now, std::int64_t sequence, SlabRef slab);
  /// The packet with this unwrapped sequence number; empty when it is gone or never came.
  SlabRef find(std::int64_t sequence) const;
  void clear();

 private:
  struct Entry {
    std::int64_t sequence = kNone;
    TimePoint stored;
    SlabRef slab;
  };
  static constexpr std::int64_t kNone = -1;

  std::size_t index(std::int64_t sequence) const {
    return static_cast<std::size_t>(sequence) & (entries_.size() - 1);
  }

  void forget_old(TimePoint now, std::int64_t newest);

  std::vector<Entry> entries_;
  std::int64_t oldest_ = 0;  ///< What comes before it is forgotten.
};

}  // namespace vis::media::sfu
