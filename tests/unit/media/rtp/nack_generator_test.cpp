#include "media/rtp/nack_generator.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vis::media::rtp {
namespace {

using Sequences = std::vector<std::uint16_t>;

class NackGeneratorTest : public ::testing::Test {
 protected:
  void receive(std::int64_t sequence) { generator_.on_packet(now_, sequence, false); }
  void receive_key_frame(std::int64_t sequence) { generator_.on_packet(now_, sequence, true); }

  /// What is asked for once `time` has passed.
  Sequences asked_after(Duration time) {
    now_ += time;
    const auto request = generator_.on_deadline(now_);
    key_frame_ = request.key_frame;
    return {request.lost.begin(), request.lost.end()};
  }

  NackOptions options_;
  NackGenerator generator_{options_};
  TimePoint now_{50s};
  bool key_frame_ = false;
};

TEST_F(NackGeneratorTest, a_complete_stream_asks_for_nothing) {
  for (std::int64_t i = 0; i < 100; ++i) receive(i);
  EXPECT_FALSE(generator_.next_deadline());
  EXPECT_TRUE(asked_after(1s).empty());
}

TEST_F(NackGeneratorTest, asks_for_a_gap_once_it_is_too_late_for_reordering) {
  receive(1);
  receive(4);
  EXPECT_EQ(generator_.next_deadline(), now_ + options_.reordering_delay);
  EXPECT_TRUE(asked_after(options_.reordering_delay - 1ns).empty());
  EXPECT_EQ(asked_after(1ns), (Sequences{2, 3}));
}

TEST_F(NackGeneratorTest, a_reordered_packet_is_not_asked_for) {
  receive(1);
  receive(3);
  receive(2);
  EXPECT_TRUE(asked_after(1s).empty());
  EXPECT_EQ(generator_.missing(), 0U);
}

TEST_F(NackGeneratorTest, asks_again_after_a_round_trip) {
  generator_.on_round_trip(80ms);
  receive(1);
  receive(3);
  EXPECT_EQ(asked_after(5ms), (Sequences{2}));
  EXPECT_EQ(generator_.next_deadline(), now_ + 80ms);
  EXPECT_TRUE(asked_after(79ms).empty());
  EXPECT_EQ(asked_after(1ms), (Sequences{2}));
}

TEST_F(NackGeneratorTest, keeps_a_least_interval_on_short_round_trips) {
  generator_.on_round_trip(1ms);
  receive(1);
  receive(3);
  EXPECT_EQ(asked_after(5ms).size(), 1U);
  EXPECT_TRUE(asked_after(options_.retry_interval_min - 1ns).empty());
  EXPECT_EQ(asked_after(1ns).size(), 1U);
}

TEST_F(NackGeneratorTest, a_retransmission_ends_the_asking) {
  receive(1);
  receive(4);
  EXPECT_EQ(asked_after(5ms), (Sequences{2, 3}));
  receive(2);
  EXPECT_EQ(asked_after(1s), (Sequences{3}));
}

TEST_F(NackGeneratorTest, gives_up_after_its_requests_and_wants_a_key_frame) {
  receive(1);
  receive(3);
  for (int i = 0; i < options_.max_requests; ++i) {
    EXPECT_EQ(asked_after(1s), (Sequences{2})) << i;
    EXPECT_FALSE(key_frame_);
  }
  EXPECT_TRUE(asked_after(1s).empty());
  EXPECT_TRUE(key_frame_);
  EXPECT_FALSE(generator_.next_deadline());
  EXPECT_TRUE(asked_after(1s).empty());
  EXPECT_FALSE(key_frame_) << "asked for once";
}

TEST_F(NackGeneratorTest, a_key_frame_makes_older_gaps_unimportant) {
  receive(1);
  receive(3);
  receive_key_frame(7);
  EXPECT_EQ(generator_.missing(), 0U);
  receive(9);
  EXPECT_EQ(asked_after(1s), (Sequences{8}));
}

TEST_F(NackGeneratorTest, a_late_key_frame_does_so_too) {
  receive(1);
  receive(9);
  receive_key_frame(6);
  EXPECT_EQ(asked_after(1s), (Sequences{7, 8}));
}

TEST_F(NackGeneratorTest, tracks_its_limit_of_missing_packets) {
  constexpr std::int64_t kLimit = limits::kNackedPackets;
  receive(0);
  receive(kLimit + 1);
  EXPECT_EQ(asked_after(1s).size(), limits::kNackedPackets);
  EXPECT_FALSE(key_frame_);
}

TEST_F(NackGeneratorTest, one_more_missing_packet_wants_a_key_frame_at_once) {
  constexpr std::int64_t kLimit = limits::kNackedPackets;
  receive(0);
  receive(kLimit + 2);
  EXPECT_EQ(generator_.next_deadline(), now_);
  EXPECT_TRUE(asked_after(0s).empty());
  EXPECT_TRUE(key_frame_);
}

TEST_F(NackGeneratorTest, gaps_add_up_to_the_limit) {
  constexpr std::int64_t kLimit = limits::kNackedPackets;
  receive(0);
  receive(kLimit);
  receive(kLimit + 2);
  EXPECT_EQ(generator_.missing(), limits::kNackedPackets);
  receive(kLimit + 4);
  EXPECT_EQ(generator_.missing(), 0U);
  asked_after(0s);
  EXPECT_TRUE(key_frame_);
}

TEST_F(NackGeneratorTest, a_jump_of_any_size_is_survived) {
  receive(-5);
  receive(std::int64_t{1} << 60);
  asked_after(0s);
  EXPECT_TRUE(key_frame_);
}

TEST_F(NackGeneratorTest, names_packets_by_their_low_bits) {
  receive(65'534);
  receive(65'538);
  EXPECT_EQ(asked_after(1s), (Sequences{65'535, 0, 1}));
}

}  // namespace
}  // namespace vis::media::rtp
