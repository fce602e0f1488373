#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

bool SlabPool::grow() {
  if (capacity() + kSlabsPerChunk > max_slabs_) return false;
  chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
  for (Slab& slab : *chunks_.back()) {
    slab.pool = this;
    slab.references = 0;
    slab.next_free = first_free_;
    first_free_ = &slab;
  }
  return true;
}

}  // namespace vis::media::sfu
