#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include "media/congestion/acknowledged_bitrate.hpp"
#include "media/congestion/application_limited.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/delay_monitor.hpp"
#include "media/congestion/feedback_clock.hpp"
#include "media/congestion/standing_queue.hpp"

namespace vis::media::congestion {
namespace {

constexpr TimePoint kStart{1000s};

// ---- BitRate ----

TEST(BitRate, turns_bytes_and_time_into_each_other) {
  EXPECT_EQ(BitRate::of(125'000, 1s), BitRate::kbps(1000));
  EXPECT_EQ(BitRate::kbps(1000).bytes_in(8ms), 1000U);
  EXPECT_EQ(BitRate::kbps(1000).time_for(1000), Duration{8ms});
}

TEST(BitRate, is_bounded_when_everything_arrives_at_once) {
  EXPECT_EQ(BitRate::of(1000, 0s), BitRate::unlimited());
  EXPECT_EQ(BitRate::of(1'000'000'000, 1ns), BitRate::unlimited());
}

// ---- InterArrival ----

TEST(InterArrival, compares_groups_of_packets_sent_within_five_milliseconds) {
  InterArrival groups;
  EXPECT_FALSE(groups.on_packet(kStart, 1s));
  EXPECT_FALSE(groups.on_packet(kStart + 5ms, 1s + 7ms));
  EXPECT_FALSE(groups.on_packet(kStart + 20ms, 1s + 25ms)) << "only one group is complete";
  const auto delta = groups.on_packet(kStart + 40ms, 1s + 45ms);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->send, Duration{15ms});
  EXPECT_EQ(delta->arrival, Duration{18ms});
}

TEST(InterArrival, takes_a_burst_that_a_link_held_back_as_one_group) {
  InterArrival groups;
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(groups.on_packet(kStart + i * 20ms, 1s + 100ms + i * 1ms));
  EXPECT_FALSE(groups.on_packet(kStart + 200ms, 1s + 220ms));
  const auto delta = groups.on_packet(kStart + 220ms, 1s + 240ms);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->send, Duration{120ms});
}

TEST(InterArrival, leaves_out_packets_that_come_late) {
  InterArrival groups;
  groups.on_packet(kStart, 1s);
  groups.on_packet(kStart + 20ms, 1s + 20ms);
  EXPECT_FALSE(groups.on_packet(kStart + 2ms, 1s + 30ms));
  const auto delta = groups.on_packet(kStart + 40ms, 1s + 40ms);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->arrival, Duration{20ms});
}

TEST(InterArrival, begins_afresh_when_time_runs_backward) {
  InterArrival groups;
  TimePoint sent = kStart;
  Duration arrival = 100s;
  for (int i = 0; i < 3; ++i) groups.on_packet(sent += 20ms, arrival += 20ms);
  EXPECT_TRUE(groups.on_packet(sent += 20ms, arrival -= 1s)) << "of the two groups before";
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(groups.on_packet(sent += 20ms, arrival -= 1s));
  for (int i = 0; i < 3; ++i) groups.on_packet(sent += 20ms, arrival += 20ms);
  EXPECT_TRUE(groups.on_packet(sent + 20ms, arrival + 20ms));
}

// ---- DelayMonitor ----

/// A monitor, and a packet for it every 20 ms.
struct Monitored {
  DelayMonitor monitor;
  TimePoint sent = kStart;
  Duration arrival = 77s;

  /// Each packet waits by `growth` longer than the one before.
  BandwidthUsage usage_after(int packets, Duration growth) {
    for (int i = 0; i < packets; ++i) {
      sent += 20ms;
      arrival += 20ms + growth;
      monitor.on_packet(sent, sent, arrival);
    }
    return monitor.usage();
  }
};

TEST(DelayMonitor, tells_a_growing_queue_from_a_draining_one_and_from_none) {
  Monitored monitored;
  EXPECT_EQ(monitored.usage_after(100, 0ms), BandwidthUsage::Normal);
  EXPECT_EQ(monitored.usage_after(40, 3ms), BandwidthUsage::Overuse);
  EXPECT_EQ(monitored.usage_after(40, -4ms), BandwidthUsage::Underuse);
  EXPECT_EQ(monitored.usage_after(60, 0ms), BandwidthUsage::Normal);
}

TEST(DelayMonitor, is_not_alarmed_by_one_late_packet) {
  Monitored monitored;
  monitored.usage_after(100, 0ms);
  monitored.usage_after(1, 15ms);
  monitored.arrival -= 15ms;
  EXPECT_EQ(monitored.usage_after(30, 0ms), BandwidthUsage::Normal);
}

TEST(DelayMonitor, does_not_take_the_wake_of_a_probe_for_a_growing_queue) {
  Monitored monitored;
  monitored.usage_after(100, 0ms);
  monitored.monitor.on_probe_packet();
  monitored.arrival += 60ms;
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(monitored.usage_after(1, -3ms), BandwidthUsage::Overuse);
  }
}

TEST(OveruseDetector, keeps_its_threshold_in_range) {
  OveruseDetector detector;
  TimePoint now = kStart;
  for (int i = 0; i < 2000; ++i) detector.on_trend(now += 20ms, 0, 60, 20ms);
  EXPECT_DOUBLE_EQ(detector.threshold_ms(), OveruseDetector::kMinThresholdMs);
  for (int i = 0; i < 100'000; ++i) {
    detector.on_trend(now += 20ms, (detector.threshold_ms() + 14) / (60 * 4), 60, 20ms);
  }
  EXPECT_DOUBLE_EQ(detector.threshold_ms(), OveruseDetector::kMaxThresholdMs);
}

// ---- AcknowledgedBitrate ----

TEST(AcknowledgedBitrate, measures_what_arrives) {
  AcknowledgedBitrate acknowledged;
  Duration arrival = 5s;
  for (int i = 0; i < 40; ++i) acknowledged.on_packet(arrival += 10ms, 1250, false);
  EXPECT_FALSE(acknowledged.bitrate()) << "the first window is half a second";
  for (int i = 0; i < 200; ++i) acknowledged.on_packet(arrival += 10ms, 1250, false);
  ASSERT_TRUE(acknowledged.bitrate());
  EXPECT_NEAR(acknowledged.bitrate()->kbps(), 1000, 20);
}

TEST(AcknowledgedBitrate, follows_a_drop_within_a_second) {
  AcknowledgedBitrate acknowledged;
  Duration arrival = 5s;
  for (int i = 0; i < 300; ++i) acknowledged.on_packet(arrival += 10ms, 1250, false);
  for (int i = 0; i < 25; ++i) acknowledged.on_packet(arrival += 40ms, 1250, false);
  EXPECT_LT(acknowledged.bitrate()->kbps(), 400);
}

TEST(AcknowledgedBitrate, does_not_count_silence) {
  AcknowledgedBitrate acknowledged;
  Duration arrival = 5s;
  for (int i = 0; i < 300; ++i) acknowledged.on_packet(arrival += 10ms, 1250, false);
  arrival += 10s;
  for (int i = 0; i < 100; ++i) acknowledged.on_packet(arrival += 10ms, 1250, false);
  EXPECT_GT(acknowledged.bitrate()->kbps(), 900);
}

// ---- ApplicationLimited ----

TEST(ApplicationLimited, is_a_sender_of_half_the_target_but_not_one_of_all_of_it) {
  ApplicationLimited application;
  application.set_target(BitRate::kbps(1000));
  TimePoint now = kStart;
  for (int i = 0; i < 200; ++i) application.on_packet_sent(now += 20ms, 1250);  // 500 kbit/s
  EXPECT_TRUE(application.limited());
  for (int i = 0; i < 200; ++i) application.on_packet_sent(now += 10ms, 1250);  // 1 Mbit/s
  EXPECT_FALSE(application.limited());
}

// ---- StandingQueue ----

TEST(StandingQueue, is_found_though_the_delay_no_longer_grows) {
  StandingQueue queue;
  TimePoint now = kStart;
  for (int i = 0; i < 100; ++i) queue.on_packet(now += 20ms, 500s + 20ms);
  EXPECT_FALSE(queue.wants_drain(now));
  for (int i = 0; i < 50; ++i) queue.on_packet(now += 20ms, 500s + 200ms);
  EXPECT_TRUE(queue.wants_drain(now));
  EXPECT_EQ(queue.delay(), Duration{180ms});
}

TEST(StandingQueue, is_left_to_those_who_keep_it_full) {
  StandingQueue queue;
  TimePoint now = kStart;
  for (int i = 0; i < 100; ++i) queue.on_packet(now += 20ms, 20ms);
  const auto wants = [&](Duration transit) {
    queue.on_packet(now += 20ms, transit);
    return queue.wants_drain(now);
  };
  bool wanted = false;
  for (int i = 0; i < 300; ++i) wanted = wants(200ms);
  EXPECT_FALSE(wanted) << "after four seconds";
  for (int i = 0; i < 20; ++i) wants(20ms);
  for (int i = 0; i < 20; ++i) wanted = wants(200ms);
  EXPECT_TRUE(wanted) << "a new one is tried again";
}

// ---- FeedbackClock ----

TEST(FeedbackClock, goes_on_past_the_wrap_of_24_bits) {
  constexpr Duration kUnit = rtcp::TransportFeedback::kReferenceUnit;
  constexpr Duration kWrap = kUnit * (1 << 24);
  FeedbackClock clock;
  const Duration high = kUnit * ((1 << 23) - 1);
  const Duration low = -kUnit * (1 << 23);  // The next one, with its sign extended.
  EXPECT_EQ(clock.offset(high), Duration{0});
  EXPECT_EQ(clock.offset(low), kWrap);
  EXPECT_EQ(clock.offset(high), Duration{0}) << "feedback overtaken by feedback";
  EXPECT_EQ(clock.offset(low), kWrap);
  EXPECT_EQ(clock.offset(low / 2), kWrap);
}

}  // namespace
}  // namespace vis::media::congestion
