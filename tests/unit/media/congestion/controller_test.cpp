#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "media/congestion/controller.hpp"
#include "media/congestion/sent_packets.hpp"
#include "media/rtcp/compound.hpp"

namespace vis::media::congestion {
namespace {

constexpr TimePoint kStart{1000s};

// ---- SentPackets ----

TEST(SentPackets, remembers_as_many_as_its_limit) {
  SentPackets sent;
  for (std::size_t i = 0; i < limits::kSentPacketHistory; ++i) {
    sent.add(static_cast<std::uint16_t>(i), 100, kStart, 0);
  }
  EXPECT_NE(sent.find(0), nullptr);
  EXPECT_EQ(sent.forgotten(), 0U);
  sent.add(static_cast<std::uint16_t>(limits::kSentPacketHistory), 100, kStart, 0);
  EXPECT_EQ(sent.find(0), nullptr);
  EXPECT_NE(sent.find(1), nullptr);
  EXPECT_EQ(sent.forgotten(), 1U);
  EXPECT_EQ(sent.bytes_in_flight(), 100 * limits::kSentPacketHistory);
}

TEST(SentPackets, has_room_for_what_is_under_way_and_no_more) {
  SentPackets sent;
  const std::size_t small = sent.capacity();
  const auto add = [&](std::size_t i, TimePoint at) {
    sent.add(static_cast<std::uint16_t>(i), 100, at, 0);
  };
  // A camera, reported 100 ms later.
  constexpr std::size_t kLater = 20;
  for (std::size_t i = 0; i < 1000; ++i) {
    add(i, kStart + i * 5ms);
    if (i < kLater) continue;
    const auto* const reported = sent.find(static_cast<std::uint16_t>(i - kLater));
    ASSERT_NE(reported, nullptr);
    sent.settle(*reported, SentPackets::Fate::Received);
  }
  EXPECT_EQ(sent.capacity(), small);
  EXPECT_EQ(sent.forgotten(), 0U);
  // Then the reports stop.
  for (std::size_t i = 1000; i < 1000 + 2 * small; ++i) add(i, kStart + i * 5ms);
  EXPECT_EQ(sent.forgotten(), 0U);
  EXPECT_EQ(sent.bytes_in_flight(), 100 * (2 * small + kLater));
  for (std::size_t i = 1000; i < 1000 + 2 * small; ++i) {
    ASSERT_NE(sent.find(static_cast<std::uint16_t>(i)), nullptr) << i;
  }
}

TEST(SentPackets, remembers_for_a_while_what_was_reported) {
  SentPackets sent;
  const std::size_t small = sent.capacity();
  for (std::size_t i = 0; i < 2 * small; ++i) {
    sent.add(static_cast<std::uint16_t>(i), 100, kStart, 0);
    sent.settle(*sent.find(static_cast<std::uint16_t>(i)), SentPackets::Fate::Lost);
  }
  ASSERT_NE(sent.find(0), nullptr);
  EXPECT_EQ(sent.settle(*sent.find(0), SentPackets::Fate::Received),
            SentPackets::Change::Recovered);
}

TEST(SentPackets, goes_on_when_numbers_wrap) {
  SentPackets sent;
  sent.add(65'535, 1, kStart, 0);
  sent.add(0, 2, kStart, 0);
  ASSERT_NE(sent.find(65'535), nullptr);
  EXPECT_EQ(sent.find(65'535)->bytes, 1U);
  EXPECT_EQ(sent.find(0)->bytes, 2U);
}

TEST(SentPackets, knows_nothing_of_the_future_or_of_gaps) {
  SentPackets sent;
  sent.add(10, 1, kStart, 0);
  sent.add(20, 1, kStart, 0);
  EXPECT_EQ(sent.find(21), nullptr);
  EXPECT_EQ(sent.find(15), nullptr);
  EXPECT_EQ(sent.find(9), nullptr);
}

TEST(SentPackets, settles_each_packet_once) {
  using enum SentPackets::Change;
  SentPackets sent;
  sent.add(1, 100, kStart, 0);
  const SentPackets::Sent& packet = *sent.find(1);
  EXPECT_EQ(sent.settle(packet, SentPackets::Fate::Lost), BecameLost);
  EXPECT_EQ(sent.bytes_in_flight(), 0U);
  EXPECT_EQ(sent.settle(packet, SentPackets::Fate::Lost), None);
  EXPECT_EQ(sent.settle(packet, SentPackets::Fate::Received), Recovered);
  EXPECT_EQ(sent.settle(packet, SentPackets::Fate::Received), None);
  EXPECT_EQ(sent.settle(packet, SentPackets::Fate::Lost), None);
}

// ---- CongestionController: what receivers may say ----

struct World {
  CongestionController controller{CongestionController::Config{}};
  TimePoint now = kStart;
  std::uint16_t next_sequence = 0;

  void send(int packets) {
    for (int i = 0; i < packets; ++i) {
      controller.on_packet_sent(now, {.sequence = next_sequence++, .bytes = 1250});
      now += 10ms;
    }
  }
  /// Each packet, from `first`, arrived when `arrival` says; those without are lost.
  using Arrival = std::function<std::optional<Duration>(int)>;
  void report(std::uint16_t first, int packets, const Arrival& arrival) {
    std::optional<rtcp::TransportFeedbackBuilder> builder;
    for (int i = 0; i < packets; ++i) {
      const auto at = arrival(i);
      if (!at) continue;
      if (!builder) builder.emplace(first, *at);
      ASSERT_TRUE(builder->add(static_cast<std::uint16_t>(first + i), *at));
    }
    std::array<std::uint8_t, rtcp::TransportFeedbackBuilder::kMaxBytes> buffer{};
    ByteWriter writer{buffer};
    ASSERT_TRUE(builder->write(writer, {.sender = 1, .media = 2}, 0));
    const auto compound = rtcp::Compound::parse(writer.written());
    controller.on_feedback(now, std::get<rtcp::TransportFeedback>(*compound->begin()));
  }
  /// All is well, on a clock that is not ours.
  void report_all(std::uint16_t first, int packets) {
    report(first, packets, [&](int i) {
      return std::optional<Duration>{77s + (now - kStart) + i * 10ms - packets * 10ms};
    });
  }
};

TEST(CongestionController, counts_what_arrives_and_what_does_not) {
  World world;
  world.send(10);
  EXPECT_EQ(world.controller.bytes_in_flight(), 12'500U);
  world.report(
      0, 10, [](int i) { return i == 3 ? std::nullopt : std::optional<Duration>{77s + i * 10ms}; });
  EXPECT_EQ(world.controller.counters().received, 9U);
  EXPECT_EQ(world.controller.counters().lost, 1U);
  EXPECT_EQ(world.controller.bytes_in_flight(), 0U);
}

TEST(CongestionController, measures_the_round_trip) {
  World world;
  world.send(10);
  world.now += 30ms;
  world.report_all(0, 10);
  EXPECT_EQ(world.controller.round_trip(), Duration{40ms});
}

TEST(CongestionController, does_not_believe_in_packets_never_sent) {
  World world;
  world.send(10);
  world.report_all(5000, 100);
  EXPECT_EQ(world.controller.counters().unknown, 100U);
  EXPECT_EQ(world.controller.counters().received, 0U);
  EXPECT_EQ(world.controller.target_bitrate(), CongestionController::Config{}.start);
}

TEST(CongestionController, counts_a_packet_once_however_often_it_is_reported) {
  World world;
  world.send(10);
  for (int i = 0; i < 5; ++i) world.report_all(0, 10);
  EXPECT_EQ(world.controller.counters().received, 10U);
  EXPECT_EQ(world.controller.counters().repeated, 40U);
}

TEST(CongestionController, reads_only_so_many_messages_a_second) {
  World world;
  world.send(10);
  for (std::size_t i = 0; i < limits::kTransportFeedbacksPerSecond; ++i) world.report_all(0, 10);
  EXPECT_EQ(world.controller.counters().flooded, 0U);
  world.report_all(0, 10);
  EXPECT_EQ(world.controller.counters().flooded, 1U);
  world.now += 1s;
  world.report_all(0, 10);
  EXPECT_EQ(world.controller.counters().flooded, 1U);
}

TEST(CongestionController, takes_a_leap_of_the_receivers_clock_for_a_new_clock) {
  World world;
  for (int round = 0; round < 20; ++round) {
    world.send(10);
    const Duration leap = round < 10 ? 0s : 3600s;
    const Duration base = 77s + leap + (world.now - kStart);
    world.report(static_cast<std::uint16_t>(round * 10), 10,
                 [&](int i) { return std::optional<Duration>{base + i * 10ms}; });
  }
  EXPECT_EQ(world.controller.counters().clock_jumps, 1U);
  EXPECT_EQ(world.controller.counters().lost, 0U);
  EXPECT_EQ(world.controller.usage(), BandwidthUsage::Normal);
}

TEST(CongestionController, gains_nothing_from_arrivals_that_are_all_at_once) {
  World world;
  for (int round = 0; round < 300; ++round) {
    world.send(10);
    world.report(static_cast<std::uint16_t>(round * 10), 10,
                 [&](int) { return std::optional<Duration>{77s + (world.now - kStart)}; });
  }
  EXPECT_LE(world.controller.target_bitrate(), CongestionController::Config{}.max);
  EXPECT_LE(world.controller.acknowledged_bitrate()->kbps(), 1100);
}

TEST(CongestionController, waits_for_feedback_only_when_it_has_sent) {
  World world;
  EXPECT_FALSE(world.controller.next_deadline());
  world.send(1);
  while (world.controller.take_probe(world.now)) {
  }
  ASSERT_TRUE(world.controller.next_deadline());
  world.now = kStart + 1s;
  world.controller.on_deadline(world.now);
  EXPECT_EQ(world.controller.counters().silent_periods, 1U);
  EXPECT_EQ(world.controller.target_bitrate(), BitRate::kbps(800));
  world.report_all(0, 1);
  world.now += 10s;
  world.controller.on_deadline(world.now);
  EXPECT_EQ(world.controller.counters().silent_periods, 1U);
}

}  // namespace
}  // namespace vis::media::congestion
