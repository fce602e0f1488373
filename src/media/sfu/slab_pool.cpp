#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

bool SlabPool::grow(bool small) {
  if (capacity() + kSlabsPerChunk > max_slabs_) return false;
  const std::size_t each = small ? Slab::kSmallCapacity : Slab::kCapacity;
  Chunk& chunk = *chunks_.emplace_back(std::make_unique<Chunk>());
  chunk.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(each * kSlabsPerChunk);
  Slab*& first_free = first_free_[small ? 1 : 0];
  for (std::size_t i = 0; i < kSlabsPerChunk; ++i) {
    Slab& slab = chunk.slabs[i];
    slab.pool = this;
    slab.room = {chunk.bytes.get() + i * each, each};
    slab.next_free = first_free;
    first_free = &slab;
  }
  return true;
}

}  // namespace vis::media::sfu
