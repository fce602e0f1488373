#include "media/sfu/packet_store.hpp"

#include <bit>

namespace vis::media::sfu {

PacketStore::PacketStore(std::size_t capacity) : entries_(capacity) {
  VIS_ASSERT(std::has_single_bit(capacity));
}

bool PacketStore::insert(std::int64_t sequence, SlabRef slab) {
  if (sequence < 0) return false;
  Entry& entry = entries_[index(sequence)];
  if (entry.sequence >= sequence) return false;
  entry.sequence = sequence;
  entry.slab = std::move(slab);
  return true;
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
