#include "media/sfu/packet_store.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

constexpr TimePoint kNow{1000s};

SlabRef slab_with(SlabPool& pool, std::uint8_t byte) {
  SlabRef slab = pool.take();
  slab->room[0] = byte;
  slab->size = 1;
  return slab;
}

TEST(PacketStore, gives_back_what_is_still_inside_its_window) {
  SlabPool pool(1024);
  PacketStore store(8);
  for (std::uint8_t i = 0; i < 10; ++i) EXPECT_TRUE(store.insert(kNow, i, slab_with(pool, i)));
  EXPECT_FALSE(store.find(1));
  ASSERT_TRUE(store.find(2));
  EXPECT_EQ(store.find(9).packet()[0], 9);
  EXPECT_EQ(pool.in_use(), 8U);
}

TEST(PacketStore, refuses_a_packet_it_has_seen) {
  SlabPool pool(1024);
  PacketStore store(8);
  EXPECT_TRUE(store.insert(kNow, 5, slab_with(pool, 1)));
  EXPECT_FALSE(store.insert(kNow, 5, slab_with(pool, 2)));
  EXPECT_EQ(store.find(5).packet()[0], 1);
}

TEST(PacketStore, takes_a_late_packet_that_fills_a_gap_but_none_older_than_the_window) {
  SlabPool pool(1024);
  PacketStore store(8);
  EXPECT_TRUE(store.insert(kNow, 10, slab_with(pool, 10)));
  EXPECT_TRUE(store.insert(kNow, 9, slab_with(pool, 9)));
  EXPECT_FALSE(store.insert(kNow, 2, slab_with(pool, 2)));
  EXPECT_TRUE(store.find(9));
}

TEST(PacketStore, forgets_what_is_too_old_to_be_of_use_but_knows_its_number) {
  SlabPool pool(1024);
  PacketStore store(8);
  EXPECT_TRUE(store.insert(kNow, 1, slab_with(pool, 1)));
  EXPECT_TRUE(store.insert(kNow, 3, slab_with(pool, 3)));
  EXPECT_TRUE(store.insert(kNow + PacketStore::kKeep - 1ms, 4, slab_with(pool, 4)));
  EXPECT_TRUE(store.find(1));
  EXPECT_TRUE(store.insert(kNow + PacketStore::kKeep, 5, slab_with(pool, 5)));
  EXPECT_FALSE(store.find(1));
  EXPECT_FALSE(store.find(3));
  EXPECT_TRUE(store.find(4));
  EXPECT_EQ(pool.in_use(), 2U);
  EXPECT_FALSE(store.insert(kNow + PacketStore::kKeep, 3, slab_with(pool, 3)));
}

TEST(SlabPool, has_small_slabs_for_small_packets) {
  SlabPool pool(1024);
  const SlabRef small = pool.take(Slab::kSmallCapacity);
  const SlabRef large = pool.take(Slab::kSmallCapacity + 1);
  EXPECT_EQ(small->room.size(), Slab::kSmallCapacity);
  EXPECT_EQ(large->room.size(), Slab::kCapacity);
}

TEST(SlabPool, refuses_at_its_limit_and_recovers) {
  SlabPool pool(SlabPool::kSlabsPerChunk);
  std::vector<SlabRef> taken;
  for (std::size_t i = 0; i < SlabPool::kSlabsPerChunk; ++i) taken.push_back(pool.take());
  EXPECT_FALSE(pool.take());
  taken.pop_back();
  EXPECT_TRUE(pool.take());
}

TEST(SlabRef, the_last_reference_gives_the_slab_back) {
  SlabPool pool(SlabPool::kSlabsPerChunk);
  SlabRef first = pool.take();
  SlabRef second = first;
  first.reset();
  EXPECT_EQ(pool.in_use(), 1U);
  second = SlabRef{};
  EXPECT_EQ(pool.in_use(), 0U);
}

}  // namespace
}  // namespace vis::media::sfu
