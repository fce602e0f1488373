#include "media/sfu/stream_rewriter.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

TEST(StreamRewriter, keeps_the_gaps_of_the_source) {
  StreamRewriter rewriter(100);
  rewriter.switch_to({.first_in = 5000});
  EXPECT_EQ(rewriter.map(5000), 100);
  EXPECT_EQ(rewriter.map(5003), 103);
  EXPECT_EQ(rewriter.map(5001), 101);
  EXPECT_EQ(rewriter.next_out(), 104);
}

TEST(StreamRewriter, a_switch_continues_without_a_gap_and_drops_what_came_before_it) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 1000, .layer = 0});
  rewriter.map(1000);
  rewriter.map(1001);
  rewriter.switch_to({.first_in = 70'000, .layer = 2});
  EXPECT_EQ(rewriter.map(70'000), 2);
  EXPECT_EQ(rewriter.map(69'999), std::nullopt);
  EXPECT_EQ(rewriter.map(70'001), 3);
}

TEST(StreamRewriter, finds_where_an_outgoing_packet_came_from_across_switches) {
  StreamRewriter rewriter(65'000);
  rewriter.switch_to({.first_in = 10, .layer = 1});
  for (std::int64_t in = 10; in < 800; ++in) rewriter.map(in);
  rewriter.switch_to({.first_in = 5, .layer = 2});
  for (std::int64_t in = 5; in < 20; ++in) rewriter.map(in);

  const auto old = rewriter.origin(65'001);
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->sequence, 11);
  EXPECT_EQ(old->epoch->layer, 1);

  const auto fresh = rewriter.origin(static_cast<std::uint16_t>(65'000 + 790 + 3));
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ(fresh->sequence, 8);
  EXPECT_EQ(fresh->epoch->layer, 2);
}

TEST(StreamRewriter, a_skipped_packet_leaves_no_gap) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 10});
  rewriter.map(10);
  rewriter.skip(11);
  rewriter.skip(12);
  EXPECT_EQ(rewriter.map(13), 1);
  EXPECT_EQ(rewriter.origin(1)->sequence, 13);
  EXPECT_EQ(rewriter.origin(0)->sequence, 10);
}

TEST(StreamRewriter, a_packet_out_of_order_cannot_be_skipped_any_more) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 10});
  rewriter.map(12);
  rewriter.skip(11);
  EXPECT_EQ(rewriter.map(13), 3);
}

TEST(StreamRewriter, knows_nothing_of_numbers_before_its_first) {
  StreamRewriter rewriter(10);
  rewriter.switch_to({.first_in = 0});
  rewriter.map(0);
  EXPECT_EQ(rewriter.origin(9), std::nullopt);
  EXPECT_TRUE(rewriter.origin(10).has_value());
}

}  // namespace
}  // namespace vis::media::sfu
