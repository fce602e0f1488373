#include <gtest/gtest.h>

#include "support/network.hpp"

namespace vis::test {
namespace {

constexpr TimePoint kStart{1000s};

TEST(Network, delays_each_packet_by_the_way_and_by_its_own_length) {
  Network network{1, {.rate_bps = 1'000'000, .delay = 20ms}};
  EXPECT_EQ(network.send(kStart, 1250), kStart + 30ms);
  EXPECT_EQ(network.send(kStart, 1250), kStart + 40ms) << "behind the first";
  EXPECT_EQ(network.queue_delay(kStart + 5ms), Duration{15ms});
  EXPECT_EQ(network.send(kStart + 1s, 1250), kStart + 1s + 30ms);
}

TEST(Network, drops_what_its_queue_cannot_hold) {
  Network network{1, {.rate_bps = 1'000'000, .delay = 0ms, .queue = 20ms}};
  EXPECT_TRUE(network.send(kStart, 1250));
  EXPECT_TRUE(network.send(kStart, 1250));
  EXPECT_FALSE(network.send(kStart, 1250));
  EXPECT_EQ(network.dropped(), 1U);
}

TEST(Network, changes_its_rate_while_packets_wait) {
  Network network{1, {.rate_bps = 1'000'000, .delay = 0ms}};
  network.change_at(kStart + 10ms, {.rate_bps = 500'000, .delay = 0ms});
  EXPECT_EQ(network.send(kStart, 2500), kStart + 30ms);
}

TEST(Network, loses_a_share_of_the_packets) {
  Network network{1, {.loss = 0.1}};
  for (int i = 0; i < 10'000; ++i) network.send(kStart, 100);
  EXPECT_NEAR(static_cast<double>(network.lost()), 1000, 100);
}

TEST(Network, lets_others_have_their_part_of_the_link) {
  Network network{1, {.rate_bps = 1'000'000, .delay = 0ms, .cross_traffic_bps = 2'000'000}};
  network.send(kStart, 100);
  EXPECT_GT(network.queue_delay(kStart + 1s), Duration{250ms});
}

}  // namespace
}  // namespace vis::test
