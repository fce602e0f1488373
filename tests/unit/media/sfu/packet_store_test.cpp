#include "media/sfu/packet_store.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

SlabRef slab_with(SlabPool& pool, std::uint8_t byte) {
  SlabRef slab = pool.take();
  slab->bytes[0] = byte;
  slab->size = 1;
  return slab;
}

TEST(PacketStore, gives_back_what_is_still_inside_its_window) {
  SlabPool pool(1024);
  PacketStore store(8);
  for (std::uint8_t i = 0; i < 10; ++i) EXPECT_TRUE(store.insert(i, slab_with(pool, i)));
  EXPECT_FALSE(store.find(1));
  ASSERT_TRUE(store.find(2));
  EXPECT_EQ(store.find(9).packet()[0], 9);
  EXPECT_EQ(pool.in_use(), 8U);
}

TEST(PacketStore, refuses_a_packet_it_has_seen) {
  SlabPool pool(1024);
  PacketStore store(8);
  EXPECT_TRUE(store.insert(5, slab_with(pool, 1)));
  EXPECT_FALSE(store.insert(5, slab_with(pool, 2)));
  EXPECT_EQ(store.find(5).packet()[0], 1);
}

TEST(PacketStore, takes_a_late_packet_that_fills_a_gap_but_none_older_than_the_window) {
  SlabPool pool(1024);
  PacketStore store(8);
  EXPECT_TRUE(store.insert(10, slab_with(pool, 10)));
  EXPECT_TRUE(store.insert(9, slab_with(pool, 9)));
  EXPECT_FALSE(store.insert(2, slab_with(pool, 2)));
  EXPECT_TRUE(store.find(9));
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
