#include <algorithm>
#include <cstdint>
#include <iostream>

#include <gtest/gtest.h>

#include "media/congestion/receive_side_estimator.hpp"
#include "support/network.hpp"

namespace vis::media::congestion {
namespace {

constexpr TimePoint kStart{1000s};
constexpr std::size_t kPacketBytes = 1000;

std::uint32_t abs_send_time(TimePoint at) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch());
  return static_cast<std::uint32_t>((us.count() << 18) / 1'000'000) & 0xFF'FFFF;
}

/// A sender that sends what it is told, up to `most`, over a link of that rate.
class ToldSender final {
 public:
  ToldSender(BitRate link, BitRate most) : network_(7, {.rate_bps = link.bps()}), most_(most) {}

  void run(Duration duration) {
    for (const TimePoint end = now_ + duration; now_ < end;) {
      const BitRate rate = std::min(estimator_.estimate(now_).value_or(BitRate::kbps(500)), most_);
      now_ += rate.time_for(kPacketBytes);
      if (const auto arrival = network_.send(now_, kPacketBytes)) {
        estimator_.on_packet(*arrival, abs_send_time(now_), kPacketBytes);
      }
    }
  }
  BitRate estimate() const { return estimator_.estimate(now_ + 100ms).value_or(BitRate{}); }
  Duration queue() { return network_.queue_delay(now_); }
  TimePoint now() const { return now_; }
  const ReceiveSideEstimator& estimator() const { return estimator_; }

 private:
  test::Network network_;
  BitRate most_;
  ReceiveSideEstimator estimator_;
  TimePoint now_ = kStart;
};

TEST(ReceiveSideEstimator, finds_what_a_link_carries) {
  ToldSender sender{BitRate::kbps(2000), BitRate::kbps(50'000)};
  sender.run(60s);
  std::cout << "  " << sender.estimate().kbps() << " kbit/s of 2000\n";
  EXPECT_GT(sender.estimate(), BitRate::kbps(1400));
  EXPECT_LT(sender.estimate(), BitRate::kbps(2600));
  EXPECT_LT(sender.queue(), Duration{150ms});
}

TEST(ReceiveSideEstimator, leaves_room_above_what_a_modest_sender_sends) {
  ToldSender sender{BitRate::kbps(20'000), BitRate::kbps(600)};
  sender.run(30s);
  EXPECT_GT(sender.estimate(), BitRate::kbps(700));
  EXPECT_LT(sender.estimate(), BitRate::kbps(1100));
}

TEST(ReceiveSideEstimator, knows_nothing_of_senders_that_are_silent) {
  ToldSender sender{BitRate::kbps(2000), BitRate::kbps(600)};
  EXPECT_FALSE(sender.estimator().estimate(kStart).has_value());
  sender.run(5s);
  EXPECT_TRUE(sender.estimator().estimate(sender.now()).has_value());
  EXPECT_FALSE(sender.estimator().estimate(sender.now() + 3s).has_value());
}

TEST(ReceiveSideEstimator, stays_within_bounds_whatever_a_sender_says_of_its_clock) {
  ReceiveSideEstimator estimator;
  SeededRandom random{7};
  TimePoint now = kStart;
  for (int i = 0; i < 100'000; ++i) {
    now += Duration{random.below(5'000'000)};
    estimator.on_packet(now, random.u32(), random.below(1500));
    const auto estimate = estimator.estimate(now);
    if (!estimate) continue;
    ASSERT_GE(*estimate, ReceiveSideEstimator::kMin);
    ASSERT_LE(*estimate, ReceiveSideEstimator::kMax);
  }
}

}  // namespace
}  // namespace vis::media::congestion
