#include "media/sfu/packet_store.hpp"

#include <algorithm>
#include <bit>

namespace vis::media::sfu {

PacketStore::PacketStore(std::size_t capacity) : entries_(capacity) {
  VIS_ASSERT(std::has_single_bit(capacity));
}

bool PacketStore::insert(TimePoint now, std::int64_t sequence, SlabRef slab) {
  if (sequence < 0) return false;
  Entry& entry = entries_[index(sequence)];
  if (entry.sequence >= sequence) return false;
  entry.sequence = sequence;
  entry.stored = now;
  entry.slab = std::move(slab);
  forget_old(now, sequence);
  return true;
}

/// In the order of the numbers, each once. The numbers stay, so that a copy is still known.
void PacketStore::forget_old(TimePoint now, std::int64_t newest) {
  const auto capacity = static_cast<std::int64_t>(entries_.size());
  oldest_ = std::max(oldest_, newest - capacity + 1);
  for (; oldest_ < newest; ++oldest_) {
    Entry& entry = entries_[index(oldest_)];
    if (entry.sequence != oldest_) continue;
    if (now - entry.stored < kKeep) return;
    entry.slab.reset();
  }
}

SlabRef PacketStore::find(std::int64_t sequence) const {
  if (sequence < 0) return {};
  const Entry& entry = entries_[index(sequence)];
  return entry.sequence == sequence ? entry.slab : SlabRef{};
}

void PacketStore::clear() {
  for (Entry& entry : entries_) entry = Entry{};
}

}  // namespace vis::media::sfu
