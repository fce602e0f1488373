#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "media/congestion/loss_based_control.hpp"
#include "media/congestion/probe_controller.hpp"
#include "media/congestion/probe_estimator.hpp"
#include "media/congestion/rate_control.hpp"

namespace vis::media::congestion {
namespace {

constexpr TimePoint kStart{1000s};
constexpr BitRate kMin = BitRate::kbps(30);
constexpr BitRate kMax = BitRate::kbps(10'000);

// ---- RateControl ----

TEST(RateControl, goes_to_a_share_of_what_arrives_on_overuse) {
  RateControl rate{BitRate::kbps(2000), kMin, kMax};
  rate.update(kStart, {.usage = BandwidthUsage::Overuse, .acknowledged = BitRate::kbps(1000)});
  EXPECT_EQ(rate.target(), BitRate::kbps(850));
}

TEST(RateControl, halves_on_overuse_when_nothing_is_known) {
  RateControl rate{BitRate::kbps(2000), kMin, kMax};
  rate.update(kStart, {.usage = BandwidthUsage::Overuse});
  EXPECT_EQ(rate.target(), BitRate::kbps(1000));
}

TEST(RateControl, waits_for_a_decrease_to_take_effect) {
  RateControl rate{BitRate::kbps(2000), kMin, kMax};
  const RateControl::Input overuse{
      .usage = BandwidthUsage::Overuse, .acknowledged = BitRate::kbps(1000), .round_trip = 100ms};
  rate.update(kStart, overuse);
  rate.update(
      kStart + 50ms,
      {.usage = BandwidthUsage::Overuse, .acknowledged = BitRate::kbps(700), .round_trip = 100ms});
  EXPECT_EQ(rate.target(), BitRate::kbps(850));
}

TEST(RateControl, grows_by_eight_percent_a_second_far_from_the_capacity) {
  RateControl rate{BitRate::kbps(1000), kMin, kMax};
  for (int i = 0; i <= 10; ++i) {
    rate.update(kStart + i * 100ms, {.acknowledged = BitRate::kbps(1000)});
  }
  EXPECT_NEAR(rate.target().kbps(), 1080, 1);
}

TEST(RateControl, is_never_far_ahead_of_what_arrives) {
  RateControl rate{BitRate::kbps(1000), kMin, kMax};
  for (int i = 0; i <= 600; ++i) {
    rate.update(kStart + i * 100ms, {.acknowledged = BitRate::kbps(1000)});
  }
  EXPECT_EQ(rate.target(), BitRate::kbps(1510));
}

TEST(RateControl, stays_where_it_is_while_the_application_sends_less) {
  RateControl rate{BitRate::kbps(1000), kMin, kMax};
  for (int i = 0; i <= 100; ++i) {
    rate.update(kStart + i * 100ms,
                {.acknowledged = BitRate::kbps(900), .application_limited = true});
  }
  EXPECT_EQ(rate.target(), BitRate::kbps(1000));
}

TEST(RateControl, returns_quickly_to_near_the_capacity_known_and_slowly_beyond) {
  RateControl rate{BitRate::kbps(1000), kMin, kMax};
  rate.update(kStart, {.usage = BandwidthUsage::Overuse, .acknowledged = BitRate::kbps(1000)});
  const auto grow = [&](Duration from, Duration to) {
    for (Duration at = from; at <= to; at += 100ms) {
      rate.update(kStart + at, {.acknowledged = BitRate::kbps(950), .round_trip = 50ms});
    }
  };
  grow(100ms, 1200ms);
  EXPECT_NEAR(rate.target().kbps(), 950, 5);
  grow(1300ms, 2200ms);
  EXPECT_LT(rate.target(), BitRate::kbps(1000));
  EXPECT_GT(rate.target(), BitRate::kbps(960));
}

TEST(RateControl, sends_less_than_arrives_while_a_queue_stands) {
  RateControl rate{BitRate::kbps(600), kMin, kMax};
  rate.update(kStart, {.acknowledged = BitRate::kbps(500), .standing_queue = true});
  EXPECT_EQ(rate.target(), BitRate::kbps(425));
}

TEST(RateControl, keeps_to_its_bounds) {
  RateControl rate{BitRate::kbps(100), kMin, kMax};
  rate.update(kStart, {.usage = BandwidthUsage::Overuse, .acknowledged = BitRate::kbps(1)});
  EXPECT_EQ(rate.target(), kMin);
  rate.set_target(kStart, BitRate::unlimited());
  EXPECT_EQ(rate.target(), kMax);
}

// ---- LossBasedControl ----

/// Ten seconds of 2 Mbit/s, of which a share is lost.
LossBasedControl after_loss(double loss, BitRate arrives) {
  LossBasedControl control{kMin, kMax};
  double owed = 0;
  for (int i = 0; i < 2000; ++i) {
    const TimePoint at = kStart + i * 5ms;
    owed += loss;
    if (owed >= 1) {
      owed -= 1;
      control.on_lost(at, 1250);
    } else {
      control.on_received(at, 1250);
    }
    if (i % 10 == 0) {
      control.update(at, {.delay_based = BitRate::kbps(2000), .acknowledged = arrives});
    }
  }
  return control;
}

TEST(LossBasedControl, sets_no_limit_without_loss) {
  EXPECT_FALSE(after_loss(0, BitRate::kbps(2000)).limit());
}

TEST(LossBasedControl, takes_a_little_loss_at_any_rate_for_the_path_itself) {
  const LossBasedControl control = after_loss(0.04, BitRate::kbps(1920));
  EXPECT_FALSE(control.limit());
  EXPECT_NEAR(control.loss(), 0.04, 0.01);
}

TEST(LossBasedControl, takes_much_loss_for_a_full_queue) {
  const LossBasedControl control = after_loss(0.5, BitRate::kbps(1000));
  ASSERT_TRUE(control.limit());
  EXPECT_LE(*control.limit(), BitRate::kbps(1100));
}

TEST(LossBasedControl, recovers_when_the_loss_is_over) {
  LossBasedControl control = after_loss(0.5, BitRate::kbps(1000));
  for (int i = 0; i < 2000; ++i) {
    const TimePoint at = kStart + 10s + i * 5ms;
    control.on_received(at, 625);
    control.update(at, {.delay_based = BitRate::kbps(2000), .acknowledged = BitRate::kbps(1000)});
  }
  EXPECT_TRUE(!control.limit() || *control.limit() > BitRate::kbps(1200));
}

TEST(LossBasedControl, forgives_what_came_after_all) {
  LossBasedControl control{kMin, kMax};
  for (int i = 0; i < 1000; ++i) {
    const TimePoint at = kStart + i * 5ms;
    control.on_lost(at, 1250);
    control.on_recovered(1250);
    control.update(at, {.delay_based = BitRate::kbps(2000)});
  }
  EXPECT_FALSE(control.limit());
  EXPECT_EQ(control.loss(), 0);
}

// ---- ProbeEstimator ----

/// Ten packets of 1000 bytes, sent and arriving at intervals.
std::optional<BitRate> probe_result(Duration send_interval, Duration arrival_interval,
                                    int packets = 10) {
  ProbeEstimator estimator;
  estimator.expect({.id = 3, .rate = BitRate::kbps(8000), .min_packets = 5, .min_bytes = 10'000});
  std::optional<BitRate> result;
  for (int i = 0; i < packets; ++i) {
    result = estimator.on_packet({.probe = 3,
                                  .sent = kStart + i * send_interval,
                                  .arrival = 7s + i * arrival_interval,
                                  .bytes = 1000});
  }
  return result;
}

TEST(ProbeEstimator, finds_the_rate_of_a_probe_that_the_path_carries) {
  EXPECT_EQ(probe_result(1ms, 1ms), BitRate::kbps(8000));
}

TEST(ProbeEstimator, finds_a_little_less_than_the_capacity_when_the_path_is_full) {
  EXPECT_EQ(probe_result(1ms, 4ms), BitRate::kbps(1900));
}

TEST(ProbeEstimator, needs_most_of_the_probe) {
  EXPECT_TRUE(probe_result(1ms, 1ms, 8));
  EXPECT_FALSE(probe_result(1ms, 1ms, 7));
}

TEST(ProbeEstimator, does_not_believe_in_impossible_arrivals) {
  EXPECT_FALSE(probe_result(1ms, 400us));
  EXPECT_FALSE(probe_result(1ms, 0ms));
  EXPECT_FALSE(probe_result(200ms, 200ms));
  EXPECT_FALSE(probe_result(0ms, 1ms));
}

TEST(ProbeEstimator, counts_packets_of_known_probes_only) {
  ProbeEstimator estimator;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(estimator.on_packet({.probe = static_cast<ProbeClusterId>(i % 8),
                                      .sent = kStart + i * 1ms,
                                      .arrival = i * 1ms,
                                      .bytes = 1000}));
  }
}

// ---- ProbeController ----

std::vector<double> due_kbps(ProbeController& probes, TimePoint now) {
  std::vector<double> rates;
  while (const auto cluster = probes.take_due(now)) rates.push_back(cluster->rate.kbps());
  return rates;
}

TEST(ProbeController, begins_with_two_probes_above_the_start) {
  ProbeController probes{kMax};
  EXPECT_TRUE(due_kbps(probes, kStart).empty()) << "nothing is sent yet";
  probes.start(kStart, BitRate::kbps(500));
  EXPECT_EQ(due_kbps(probes, kStart), (std::vector<double>{1500, 3000}));
}

TEST(ProbeController, follows_a_success_with_a_higher_probe) {
  ProbeController probes{kMax};
  probes.start(kStart, BitRate::kbps(500));
  due_kbps(probes, kStart);
  probes.on_result(kStart + 100ms, BitRate::kbps(2900));
  EXPECT_EQ(due_kbps(probes, kStart + 100ms), (std::vector<double>{5800}));
}

TEST(ProbeController, tries_again_after_a_failure) {
  ProbeController probes{kMax};
  probes.start(kStart, BitRate::kbps(500));
  due_kbps(probes, kStart);
  probes.on_result(kStart + 100ms, BitRate::kbps(600));
  probes.on_estimate(kStart + 100ms, BitRate::kbps(600));
  EXPECT_TRUE(due_kbps(probes, kStart + 2s).empty());
  EXPECT_EQ(due_kbps(probes, kStart + 2s + ProbeController::kInterval),
            (std::vector<double>{1200}));
}

TEST(ProbeController, probes_soon_after_a_drop) {
  ProbeController probes{kMax};
  probes.start(kStart, BitRate::kbps(2000));
  due_kbps(probes, kStart);
  due_kbps(probes, kStart + 2s);
  probes.on_estimate(kStart + 2s, BitRate::kbps(500));
  ASSERT_EQ(probes.next_deadline(), kStart + 2s + ProbeController::kRecoveryInterval);
  EXPECT_EQ(due_kbps(probes, *probes.next_deadline()), (std::vector<double>{1000}));
}

TEST(ProbeController, does_not_look_for_what_nobody_wants) {
  ProbeController probes{kMax};
  probes.set_wanted(kStart, BitRate::kbps(400));
  probes.start(kStart, BitRate::kbps(500));
  EXPECT_TRUE(due_kbps(probes, kStart).empty());
  probes.on_estimate(kStart, BitRate::kbps(500));
  EXPECT_FALSE(probes.next_deadline());
  probes.set_wanted(kStart + 20s, BitRate::kbps(800));
  EXPECT_EQ(due_kbps(probes, kStart + 20s), (std::vector<double>{1000}));
}

}  // namespace
}  // namespace vis::media::congestion
