#include "media/sfu/slab_ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

namespace vis::media::sfu {
namespace {

constexpr std::size_t kMost = limits::kNeighbourPackets;

class SlabRingTest : public testing::Test {
 protected:
  SlabRef slab(std::uint8_t content) {
    SlabRef taken = pool.take(100);
    std::ranges::fill(taken->room.first(100), content);
    taken->size = 100;
    return taken;
  }
  bool push(std::uint8_t content) {
    const SlabRef taken = slab(content);
    return ring.push(taken, {.bytes = taken.packet(), .track = content});
  }
  std::vector<std::uint32_t> take() {
    std::vector<std::uint32_t> taken;
    ring.take([&](const SlabRing::Packet& packet) { taken.push_back(packet.track); });
    return taken;
  }

  SlabPool pool{8 * kMost};
  SlabRing ring;
};

TEST_F(SlabRingTest, is_read_in_the_order_in_which_it_was_written) {
  for (std::uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(push(i));
  EXPECT_TRUE(ring.publish());
  ring.look();
  EXPECT_EQ(take(), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_TRUE(take().empty());
}

TEST_F(SlabRingTest, shows_nothing_that_was_not_published_before_the_look) {
  ASSERT_TRUE(push(1));
  ring.look();
  EXPECT_TRUE(take().empty());
  EXPECT_TRUE(ring.publish());
  EXPECT_FALSE(ring.publish()) << "nothing new";
  EXPECT_TRUE(take().empty());
  ring.look();
  ASSERT_TRUE(push(2));
  EXPECT_TRUE(ring.publish());
  EXPECT_EQ(take(), std::vector<std::uint32_t>{1});
  ring.look();
  EXPECT_EQ(take(), std::vector<std::uint32_t>{2});
}

TEST_F(SlabRingTest, holds_a_slab_until_the_reader_has_gone_past_it) {
  ASSERT_TRUE(push(1));
  ring.publish();
  ring.take_back();
  EXPECT_EQ(pool.in_use(), 1U);
  ring.look();
  take();
  EXPECT_EQ(pool.in_use(), 1U) << "only the writer lets go";
  ring.take_back();
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST_F(SlabRingTest, takes_as_many_as_its_limit_and_not_one_more) {
  for (std::size_t i = 0; i < kMost; ++i) ASSERT_TRUE(push(1));
  EXPECT_FALSE(push(2));
  ring.publish();
  EXPECT_FALSE(push(2));
  ring.look();
  EXPECT_EQ(take().size(), kMost);
  EXPECT_TRUE(push(3));
  EXPECT_EQ(pool.in_use(), 1U);
  ring.close();
}

TEST_F(SlabRingTest, lets_go_of_everything_when_it_is_closed) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(push(1));
  ring.publish();
  ring.close();
  EXPECT_EQ(pool.in_use(), 0U);
}

/// Two threads, as two workers: the one writes as fast as it can and is refused now and then, the
/// other compares every byte. To be run with the thread sanitizer too (preset tsan).
TEST(SlabRings, carry_every_packet_that_they_took_between_two_threads) {
  constexpr std::uint32_t kPackets = 300'000;
  SlabPool pool{8 * kMost};
  SlabRing ring;
  std::uint64_t spoilt = 0;
  std::uint32_t received = 0;
  std::thread reader([&] {
    std::vector<std::uint8_t> expected(1200);
    while (received != kPackets) {
      ring.look();
      ring.take([&](const SlabRing::Packet& packet) {
        std::ranges::fill(expected, static_cast<std::uint8_t>(packet.track));
        const bool same =
            packet.bytes.size() == 64 + packet.track % 1000 &&
            std::memcmp(packet.bytes.data(), expected.data(), packet.bytes.size()) == 0;
        if (!same || packet.track != received || packet.sequence != received) ++spoilt;
        ++received;
      });
      std::this_thread::yield();
    }
  });
  std::uint64_t refused = 0;
  for (std::uint32_t i = 0; i < kPackets;) {
    const std::size_t bytes = 64 + i % 1000;
    const SlabRef slab = pool.take(bytes);
    ASSERT_TRUE(slab);
    std::ranges::fill(slab->room.first(bytes), static_cast<std::uint8_t>(i));
    slab->size = static_cast<std::uint32_t>(bytes);
    if (ring.push(slab, {.bytes = slab.packet(), .sequence = i, .track = i})) {
      ++i;
    } else {
      ++refused;
      std::this_thread::yield();
    }
    // A batch at a time, of changing size.
    if (i % 7 == 0 || refused != 0) ring.publish();
    ring.take_back();
  }
  ring.publish();
  reader.join();
  ring.take_back();
  EXPECT_EQ(received, kPackets);
  EXPECT_EQ(spoilt, 0U);
  EXPECT_EQ(pool.in_use(), 0U);
}

}  // namespace
}  // namespace vis::media::sfu
