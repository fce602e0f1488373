#include "media/rtp/receive_statistics.hpp"

#include <gtest/gtest.h>

namespace vis::media::rtp {
namespace {

constexpr std::uint32_t kVideoClock = 90'000;

class ReceiveStatisticsTest : public ::testing::Test {
 protected:
  /// A packet every 10 ms whose timestamp fits.
  bool receive(std::uint16_t sequence) {
    now_ += 10ms;
    return statistics_.on_packet(now_, sequence, timestamp_ += 900);
  }
  rtcp::ReportBlock report() { return statistics_.report(now_, 7).value(); }

  ReceiveStatistics statistics_{kVideoClock};
  TimePoint now_{1000s};
  std::uint32_t timestamp_ = 0xFFFF'F000;
};

TEST_F(ReceiveStatisticsTest, reports_nothing_before_the_first_packet) {
  EXPECT_FALSE(statistics_.report(now_, 7));
}

TEST_F(ReceiveStatisticsTest, a_perfect_stream_has_neither_loss_nor_jitter) {
  for (std::uint16_t i = 0; i < 100; ++i) EXPECT_TRUE(receive(i));
  const auto block = report();
  EXPECT_EQ(block.ssrc, 7U);
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 0);
  EXPECT_EQ(block.extended_highest_sequence, 99U);
  EXPECT_EQ(block.jitter, 0U);
  EXPECT_EQ(block.last_sender_report, 0U);
  EXPECT_EQ(block.delay_since_last_sender_report, 0U);
}

TEST_F(ReceiveStatisticsTest, the_fraction_counts_since_the_last_report) {
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 1) receive(i);
  }
  EXPECT_EQ(report().fraction_lost, 64);
  for (std::uint16_t i = 100; i < 200; ++i) receive(i);
  const auto block = report();
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 25);
}

TEST_F(ReceiveStatisticsTest, nearly_everything_lost_is_255_of_256) {
  receive(0);
  report();
  receive(2000);
  EXPECT_EQ(report().fraction_lost, 255);
}

TEST_F(ReceiveStatisticsTest, duplicates_make_the_loss_negative) {
  receive(1);
  receive(2);
  receive(2);
  receive(2);
  const auto block = report();
  EXPECT_EQ(block.cumulative_lost, -2);
  EXPECT_EQ(block.fraction_lost, 0);
}

TEST_F(ReceiveStatisticsTest, reordered_packets_are_not_lost) {
  for (const int sequence : {1, 3, 2, 5, 4}) {
    EXPECT_TRUE(receive(static_cast<std::uint16_t>(sequence)));
  }
  EXPECT_EQ(report().cumulative_lost, 0);
}

TEST_F(ReceiveStatisticsTest, the_highest_sequence_counts_the_wraps) {
  receive(65'534);
  receive(65'535);
  receive(0);
  receive(65'533);
  receive(1);
  const auto block = report();
  EXPECT_EQ(block.extended_highest_sequence, 65'537U);
  EXPECT_EQ(block.cumulative_lost, -1) << "one from before the first";
}

TEST_F(ReceiveStatisticsTest, one_wild_sequence_number_is_not_counted) {
  receive(1);
  EXPECT_FALSE(receive(20'000));
  EXPECT_TRUE(receive(2));
  EXPECT_EQ(report().extended_highest_sequence, 2U);
}

TEST_F(ReceiveStatisticsTest, the_longest_dropout_is_loss_and_one_more_is_wild) {
  receive(1);
  EXPECT_TRUE(receive(1 + 2999));
  EXPECT_FALSE(receive(3000 + 3000));
}

TEST_F(ReceiveStatisticsTest, two_wild_ones_in_a_row_are_a_restart) {
  for (std::uint16_t i = 0; i < 10; ++i) receive(i);
  EXPECT_FALSE(receive(20'000));
  EXPECT_TRUE(receive(20'001));
  const auto block = report();
  EXPECT_EQ(block.extended_highest_sequence, 20'001U);
  EXPECT_EQ(block.cumulative_lost, 0);
  EXPECT_EQ(statistics_.packets_received(), 1U);
}

TEST_F(ReceiveStatisticsTest, jitter_follows_the_rfc) {
  statistics_.on_packet(now_, 1, 0);
  statistics_.on_packet(now_ + 30ms, 2, 900);  // 20 ms late, 1800 ticks
  EXPECT_EQ(report().jitter, 1800U / 16);
  EXPECT_EQ(statistics_.jitter(), Duration{1'000'000'000LL * 112 / kVideoClock});
}

TEST_F(ReceiveStatisticsTest, packets_of_one_frame_are_one_sample) {
  statistics_.on_packet(now_, 1, 0);
  statistics_.on_packet(now_ + 30ms, 2, 0);
  EXPECT_EQ(report().jitter, 0U);
}

TEST_F(ReceiveStatisticsTest, a_jump_of_the_clock_is_not_jitter) {
  statistics_.on_packet(now_, 1, 0);
  statistics_.on_packet(now_ + 10ms, 2, 0x4000'0000);
  EXPECT_EQ(report().jitter, 0U);
}

TEST_F(ReceiveStatisticsTest, tells_when_the_last_sender_report_came) {
  receive(1);
  statistics_.on_sender_report(now_, {.value = 0x1122'3344'5566'7788});
  now_ += 1500ms;
  const auto block = report();
  EXPECT_EQ(block.last_sender_report, 0x3344'5566U);
  EXPECT_EQ(block.delay_since_last_sender_report, 0x0001'8000U);
}

}  // namespace
}  // namespace vis::media::rtp
