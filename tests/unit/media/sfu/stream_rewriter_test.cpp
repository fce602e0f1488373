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

TEST(StreamRewriter, closes_the_gap_of_what_was_withheld_and_keeps_others) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 100});
  EXPECT_EQ(rewriter.map(100), 0);
  EXPECT_EQ(rewriter.map(101), 1);
  rewriter.resume_at(500);
  EXPECT_EQ(rewriter.map(500), 2);
  EXPECT_EQ(rewriter.map(502), 4);
  EXPECT_EQ(rewriter.map(101), std::nullopt);
  // Nothing was withheld, or nothing has gone out since.
  rewriter.resume_at(503);
  EXPECT_EQ(rewriter.map(503), 5);
  rewriter.resume_at(600);
  rewriter.resume_at(700);
  EXPECT_EQ(rewriter.map(700), 6);
  EXPECT_EQ(rewriter.origin(4)->sequence, 502);
}

TEST(StreamRewriter, goes_on_after_another) {
  StreamRewriter rewriter = StreamRewriter::continuing(70'000);
  EXPECT_FALSE(rewriter.started());
  EXPECT_EQ(rewriter.next_out(), 70'000);
  rewriter.switch_to({.first_in = 5});
  EXPECT_EQ(rewriter.map(5), 70'000);
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

TEST(StreamRewriter, a_packet_that_is_left_out_leaves_no_gap) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 10});
  rewriter.map(10);
  EXPECT_EQ(rewriter.leave_out(11), std::nullopt);
  EXPECT_EQ(rewriter.leave_out(12), std::nullopt);
  EXPECT_EQ(rewriter.map(13), 1);
  EXPECT_EQ(rewriter.origin(1)->sequence, 13);
  EXPECT_EQ(rewriter.origin(0)->sequence, 10);
}

TEST(StreamRewriter, a_packet_that_is_left_out_late_has_a_number_to_be_filled) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 10});
  EXPECT_EQ(rewriter.map(12), 2);
  EXPECT_EQ(rewriter.leave_out(11), 1);
  EXPECT_EQ(rewriter.map(13), 3);
}

TEST(StreamRewriter, forgets_an_epoch_with_holes_once_it_is_over) {
  StreamRewriter rewriter(0);
  rewriter.switch_to({.first_in = 10});
  rewriter.map(10);
  rewriter.switch_to({.first_in = 500});
  rewriter.map(500);
  rewriter.leave_out(501);
  rewriter.map(502);
  rewriter.switch_to({.first_in = 900});
  rewriter.map(900);
  EXPECT_EQ(rewriter.origin(3)->sequence, 900);
  EXPECT_EQ(rewriter.origin(2), std::nullopt) << "it could be 501 or 502";
  EXPECT_EQ(rewriter.origin(0)->sequence, 10);
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
