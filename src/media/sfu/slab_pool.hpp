#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace vis::media::sfu {

class SlabPool;

/// Room for one decrypted packet. Written once, then shared unchanged by everybody who forwards or
/// stores it.
struct Slab {
  /// An Ethernet frame's worth; larger datagrams are dropped before they get here.
  static constexpr std::size_t kCapacity = 1500;
  /// What sound takes, even with a copy of what came before it.
  static constexpr std::size_t kSmallCapacity = 384;

  SlabPool* pool = nullptr;
  Slab* next_free = nullptr;
  MutableBytes room;  ///< Of either capacity.
  std::uint32_t references = 0;
  std::uint32_t size = 0;

  Bytes packet() const { return Bytes{room}.first(size); }
};

/// Counted reference to a slab. Not atomic: a slab never leaves its worker.
class SlabRef final {
 public:
  SlabRef() = default;
  explicit SlabRef(Slab* slab) : slab_(slab) {
    if (slab_ != nullptr) ++slab_->references;
  }
  SlabRef(const SlabRef& other) : SlabRef(other.slab_) {}
  SlabRef(SlabRef&& other) noexcept : slab_(std::exchange(other.slab_, nullptr)) {}
  SlabRef& operator=(SlabRef other) noexcept {
    std::swap(slab_, other.slab_);
    return *this;
  }
  ~SlabRef() { reset(); }

  void reset();
  explicit operator bool() const { return slab_ != nullptr; }
  Slab& operator*() const { return *slab_; }
  Slab* operator->() const { return slab_; }
  Bytes packet() const { return slab_->packet(); }

 private:
  Slab* slab_ = nullptr;
};

/// The worker's packet memory: slabs in chunks that are kept once taken, so that a steady stream
/// allocates nothing. Of two sizes, because most packets of a conversation are sound. Owned by the
/// engine, outlives every SlabRef. When `max_slabs` are in use, `take` gives an empty reference and
/// the packet is dropped.
class SlabPool final {
 public:
  static constexpr std::size_t kSlabsPerChunk = 128;

  explicit SlabPool(std::size_t max_slabs) : max_slabs_(max_slabs) {}
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;
  ~SlabPool() { VIS_ASSERT(in_use_ == 0); }

  /// One with room for so many bytes, of at most Slab::kCapacity.
  SlabRef take(std::size_t bytes = Slab::kCapacity);
  std::size_t in_use() const { return in_use_; }
  std::size_t capacity() const { return chunks_.size() * kSlabsPerChunk; }

 private:
  friend class SlabRef;
  struct Chunk {
    std::array<Slab, kSlabsPerChunk> slabs;
    std::unique_ptr<std::uint8_t[]> bytes;
  };

  static bool is_small(std::size_t bytes) { return bytes <= Slab::kSmallCapacity; }
  bool grow(bool small);
  void give_back(Slab& slab);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::array<Slab*, 2> first_free_{};  ///< Large, small.
  std::size_t in_use_ = 0;
  std::size_t max_slabs_;
};

inline void SlabRef::reset() {
  if (slab_ == nullptr) return;
  if (--slab_->references == 0) slab_->pool->give_back(*slab_);
  slab_ = nullptr;
}

inline SlabRef SlabPool::take(std::size_t bytes) {
  const bool small = is_small(bytes);
  Slab*& first_free = first_free_[small ? 1 : 0];
  if (first_free == nullptr && !grow(small)) return {};
  Slab* const slab = first_free;
  first_free = slab->next_free;
  slab->size = 0;
  ++in_use_;
  return SlabRef{slab};
}

inline void SlabPool::give_back(Slab& slab) {
  Slab*& first_free = first_free_[is_small(slab.room.size()) ? 1 : 0];
  slab.next_free = first_free;
  first_free = &slab;
  --in_use_;
}

}  // namespace vis::media::sfu
