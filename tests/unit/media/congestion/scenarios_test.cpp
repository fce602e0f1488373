#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "unit/media/congestion/flow.hpp"

/// A controller on simulated paths. What each scenario came to is printed; bounds are asserted.
namespace vis::media::congestion {
namespace {

using test::Network;
using test::NetworkConditions;

constexpr TimePoint kStart{1000s};
constexpr BitRate kTwoMegabits = BitRate::kbps(2000);

NetworkConditions link(BitRate rate) { return {.rate_bps = rate.bps()}; }

void run(std::initializer_list<Flow*> flows, TimePoint from, TimePoint to) {
  for (TimePoint now = from; now < to; now += Flow::kStep) {
    for (Flow* const flow : flows) flow->step(now);
  }
}

void print(std::string_view what, const FlowReport& report) {
  std::cout << "  " << what << ": " << report.rate.kbps() << " kbit/s, utilisation "
            << report.utilisation << ", queue mean " << report.queue_mean_ms << " ms, 95 % "
            << report.queue_p95_ms << " ms, max " << report.queue_max_ms << " ms\n";
}

/// How long after `from` the media of the last half second came to `wanted`.
std::optional<Duration> time_to(const Flow& flow, TimePoint from, TimePoint until, BitRate wanted) {
  for (TimePoint at = from + 500ms; at < until; at += 100ms) {
    if (flow.rate_between(at - 500ms, at) >= wanted) return at - from;
  }
  return std::nullopt;
}

TEST(CongestionScenario, fills_a_clean_link_and_keeps_its_queue_short) {
  for (const std::int64_t kbps : {500, 1000, 2000, 5000, 20'000}) {
    const BitRate capacity = BitRate::kbps(kbps);
    Network network{7, link(capacity)};
    Flow flow{network, {}};
    run({&flow}, kStart, kStart + 10s);
    const std::uint64_t dropped_at_start = network.dropped();
    run({&flow}, kStart + 10s, kStart + 60s);
    const FlowReport report = report_on(flow, kStart + 10s, kStart + 60s, capacity);
    print(std::to_string(kbps) + " kbit/s", report);
    EXPECT_GT(report.utilisation, 0.9);
    EXPECT_LT(report.queue_mean_ms, 40);
    EXPECT_LT(report.queue_p95_ms, kbps < 1000 ? 70 : 50);
    EXPECT_LT(dropped_at_start, 20U) << "the first probes may";
    EXPECT_EQ(network.dropped(), dropped_at_start);
  }
}

TEST(CongestionScenario, follows_the_capacity_down_and_up_again) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network{seed, link(kTwoMegabits)};
    network.change_at(kStart + 30s, link(BitRate::kbps(500)));
    network.change_at(kStart + 60s, link(kTwoMegabits));
    Flow flow{network, {.seed = seed}};
    run({&flow}, kStart, kStart + 90s);
    const FlowReport before = report_on(flow, kStart + 5s, kStart + 30s, kTwoMegabits);
    const FlowReport low = report_on(flow, kStart + 33s, kStart + 60s, BitRate::kbps(500));
    const FlowReport after = report_on(flow, kStart + 70s, kStart + 90s, kTwoMegabits);
    print("2 Mbit/s", before);
    print("0.5 Mbit/s", low);
    print("2 Mbit/s again", after);
    EXPECT_GT(before.utilisation, 0.88);
    EXPECT_GT(low.utilisation, 0.85);
    EXPECT_LT(low.queue_mean_ms, 50) << "the queue of the drop has gone";
    EXPECT_GT(after.utilisation, 0.88);
    const auto recovery = time_to(flow, kStart + 60s, kStart + 90s, kTwoMegabits * 0.9);
    ASSERT_TRUE(recovery.has_value());
    std::cout << "  back to 90 % after " << to_seconds(*recovery) << " s\n";
    EXPECT_LE(*recovery, 7s);
  }
}

TEST(CongestionScenario, random_loss_does_not_take_the_bandwidth) {
  struct Case {
    double loss;
    double utilisation;
  };
  for (const Case& each :
       {Case{0.01, 0.85}, Case{0.02, 0.85}, Case{0.05, 0.8}, Case{0.1, 0.7}, Case{0.2, 0.6}}) {
    NetworkConditions lossy = link(kTwoMegabits);
    lossy.loss = each.loss;
    Network network{7, lossy};
    Flow flow{network, {}};
    run({&flow}, kStart, kStart + 60s);
    const FlowReport report =
        report_on(flow, kStart + 10s, kStart + 60s, kTwoMegabits * (1 - each.loss));
    print("loss " + std::to_string(each.loss), report);
    EXPECT_GT(report.utilisation, each.utilisation);
    EXPECT_LT(report.queue_mean_ms, 60);
  }
}

TEST(CongestionScenario, a_shallow_queue_that_overflows_is_no_random_loss) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // So little waits that the delay says nothing: loss alone tells of the capacity.
    NetworkConditions shallow = link(kTwoMegabits);
    shallow.queue = 15ms;
    NetworkConditions narrow = link(BitRate::kbps(600));
    narrow.queue = 30ms;
    Network network{seed, shallow};
    network.change_at(kStart + 30s, narrow);
    Flow flow{network, {.seed = seed}};
    run({&flow}, kStart, kStart + 30s);
    const std::uint64_t dropped = network.dropped();
    const std::size_t arrived = flow.seen().size();
    run({&flow}, kStart + 30s, kStart + 90s);
    const FlowReport wide = report_on(flow, kStart + 10s, kStart + 30s, kTwoMegabits);
    const FlowReport low = report_on(flow, kStart + 40s, kStart + 90s, BitRate::kbps(600));
    print("2 Mbit/s, queue of 15 ms", wide);
    print("0.6 Mbit/s, queue of 30 ms", low);
    const double loss =
        static_cast<double>(network.dropped() - dropped) /
        static_cast<double>(network.dropped() - dropped + flow.seen().size() - arrived);
    std::cout << "  lost " << loss << "\n";
    EXPECT_LT(loss, 0.15) << "a frame is more than the queue holds";
    EXPECT_GT(low.utilisation, 0.6);
  }
}

TEST(CongestionScenario, lives_with_200_kbits) {
  const BitRate capacity = BitRate::kbps(200);
  Network network{7, link(capacity)};
  Flow flow{network, {}};
  run({&flow}, kStart, kStart + 60s);
  const FlowReport report = report_on(flow, kStart + 10s, kStart + 60s, capacity);
  print("200 kbit/s", report);
  EXPECT_GT(report.utilisation, 0.8);
  EXPECT_LT(report.queue_mean_ms, 100);
}

TEST(CongestionScenario, two_flows_share_a_link) {
  const BitRate capacity = BitRate::kbps(3000);
  Network network{7, link(capacity)};
  Flow first{network, {.seed = 1}};
  Flow second{network, {.seed = 2}};
  run({&first}, kStart, kStart + 15s);
  run({&first, &second}, kStart + 15s, kStart + 120s);
  const FlowReport one = report_on(first, kStart + 60s, kStart + 120s, capacity);
  const FlowReport two = report_on(second, kStart + 60s, kStart + 120s, capacity);
  print("first", one);
  print("second", two);
  const double sum = one.utilisation + two.utilisation;
  const double squares = one.utilisation * one.utilisation + two.utilisation * two.utilisation;
  const double fairness = sum * sum / (2 * squares);
  std::cout << "  together " << sum << ", fairness (Jain) " << fairness << "\n";
  EXPECT_GT(sum, 0.85);
  EXPECT_GT(fairness, 0.8);
}

TEST(CongestionScenario, makes_room_for_others_and_takes_it_back) {
  NetworkConditions busy = link(BitRate::kbps(3000));
  busy.cross_traffic_bps = 1'500'000;
  Network network{7, link(BitRate::kbps(3000))};
  network.change_at(kStart + 20s, busy);
  network.change_at(kStart + 50s, link(BitRate::kbps(3000)));
  Flow flow{network, {}};
  run({&flow}, kStart, kStart + 80s);
  const FlowReport during = report_on(flow, kStart + 25s, kStart + 50s, BitRate::kbps(1500));
  const FlowReport after = report_on(flow, kStart + 60s, kStart + 80s, BitRate::kbps(3000));
  print("beside 1.5 Mbit/s", during);
  print("alone again", after);
  EXPECT_GT(during.utilisation, 0.75);
  EXPECT_LT(during.queue_mean_ms, 60);
  EXPECT_GT(after.utilisation, 0.85);
}

TEST(CongestionScenario, jitter_and_reordering_are_no_congestion) {
  NetworkConditions restless = link(kTwoMegabits);
  restless.jitter = 15ms;
  restless.reorder = 0.02;
  Network network{7, restless};
  Flow flow{network, {}};
  run({&flow}, kStart, kStart + 60s);
  const FlowReport report = report_on(flow, kStart + 10s, kStart + 60s, kTwoMegabits);
  print("jitter 15 ms, 2 % reordered", report);
  EXPECT_GT(report.utilisation, 0.75);
}

TEST(CongestionScenario, a_source_with_little_to_send_learns_of_the_path_by_probes) {
  Network network{7, link(BitRate::kbps(5000))};
  Flow flow{network, {.config = {.start = BitRate::kbps(300)}, .source_max = BitRate::kbps(150)}};
  run({&flow}, kStart, kStart + 20s);
  std::cout << "  target " << flow.controller().target_bitrate().kbps() << " kbit/s, padding "
            << flow.padding_bytes() << " bytes\n";
  EXPECT_GT(flow.controller().target_bitrate(), BitRate::kbps(3500));
  EXPECT_TRUE(flow.controller().application_limited());
}

TEST(CongestionScenario, probes_no_further_than_what_is_wanted) {
  Network network{7, link(BitRate::kbps(20'000))};
  Flow flow{network, {.config = {.start = BitRate::kbps(300)}, .source_max = BitRate::kbps(150)}};
  flow.controller().set_wanted(kStart, BitRate::kbps(600));
  run({&flow}, kStart, kStart + 60s);
  EXPECT_GE(flow.controller().target_bitrate(), BitRate::kbps(600));
  EXPECT_LE(flow.controller().target_bitrate(), BitRate::kbps(1000));
  EXPECT_LT(flow.padding_bytes(), 20'000U);
}

TEST(CongestionScenario, silence_of_the_receiver_lowers_the_rate_to_the_least) {
  Network network{7, link(BitRate::kbps(20'000))};
  Flow flow{network, {.feedback = false}};
  run({&flow}, kStart, kStart + 30s);
  EXPECT_EQ(flow.controller().target_bitrate(), CongestionController::Config{}.min);
  EXPECT_GT(flow.controller().counters().silent_periods, 10U);
}

}  // namespace
}  // namespace vis::media::congestion
