#include "media/rtcp/transport_feedback.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "base/byte_order.hpp"
#include "media/rtcp/compound.hpp"

namespace vis::media::rtcp {
namespace {

struct Arrival {
  std::uint16_t sequence = 0;
  std::optional<Duration> at = std::nullopt;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

std::vector<Arrival> arrivals(const TransportFeedback& feedback) {
  std::vector<Arrival> all;
  feedback.for_each([&](std::uint16_t sequence, std::optional<Duration> at) {
    all.push_back({.sequence = sequence, .at = at});
  });
  return all;
}

/// A message with this much behind the fixed fields.
ByteVector message(std::uint16_t base, std::uint16_t count, ByteVector rest) {
  ByteVector bytes{0x8F, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 7};
  store_be(bytes.data() + 12, base);
  store_be(bytes.data() + 14, count);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
  store_be(bytes.data() + 2, static_cast<std::uint16_t>(bytes.size() / 4 - 1));
  return bytes;
}

std::optional<TransportFeedback> parsed(Bytes bytes) {
  const auto compound = Compound::parse(bytes);
  if (!compound) return std::nullopt;
  return std::get<TransportFeedback>(*compound->begin());
}

TEST(TransportFeedback, reads_a_run) {
  const ByteVector bytes = message(65'535, 3, {0x20, 0x03, 4, 0, 255});
  const auto feedback = parsed(bytes);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->feedback_count, 7);
  EXPECT_EQ(feedback->ssrcs, (FeedbackSsrcs{.sender = 1, .media = 2}));
  EXPECT_EQ(arrivals(*feedback), (std::vector<Arrival>{{.sequence = 65'535, .at = 65ms},
                                                       {.sequence = 0, .at = 65ms},
                                                       {.sequence = 1, .at = 65ms + 255 * 250us}}));
}

TEST(TransportFeedback, reads_one_bit_symbols) {
  // 1 0 1 and eleven zeros, of which none count.
  const ByteVector bytes = message(10, 3, {0xA8, 0x00, 4, 8});
  const auto feedback = parsed(bytes);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(arrivals(*feedback),
            (std::vector<Arrival>{
                {.sequence = 10, .at = 65ms}, {.sequence = 11}, {.sequence = 12, .at = 67ms}}));
}

TEST(TransportFeedback, reads_two_bit_symbols_and_negative_deltas) {
  // 01 10 00 and zeros.
  const ByteVector bytes = message(10, 3, {0xD8, 0x00, 4, 0xFF, 0xFC});
  const auto feedback = parsed(bytes);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(arrivals(*feedback),
            (std::vector<Arrival>{
                {.sequence = 10, .at = 65ms}, {.sequence = 11, .at = 64ms}, {.sequence = 12}}));
}

TEST(TransportFeedback, the_reference_time_has_a_sign) {
  ByteVector bytes = message(1, 1, {0x20, 0x01, 0});
  bytes[16] = bytes[17] = bytes[18] = 0xFF;
  EXPECT_EQ(parsed(bytes)->reference_time, -64ms);
}

TEST(TransportFeedback, refuses_what_does_not_cover_its_count) {
  EXPECT_FALSE(parsed(message(1, 1, {}))) << "no chunk";
  EXPECT_FALSE(parsed(message(1, 9, {0x20, 0x03, 1, 2}))) << "statuses for three of nine";
  EXPECT_FALSE(parsed(message(1, 3, {0x40, 0x03, 0, 1}))) << "deltas for one of three";
  EXPECT_FALSE(parsed(message(1, 0, {0x20, 0x03, 1, 2}))) << "about nothing";
  EXPECT_FALSE(parsed(message(1, 9, {0x00, 0x00, 0x00, 0x00}))) << "runs of nothing";
}

TEST(TransportFeedback, refuses_the_reserved_status) {
  EXPECT_FALSE(parsed(message(1, 1, {0x60, 0x01, 0, 0})));
  EXPECT_FALSE(parsed(message(1, 1, {0xF0, 0x00, 0, 0})));
  EXPECT_TRUE(parsed(message(1, 1, {0xD3, 0x00, 1, 0}))) << "reserved, but behind the last";
}

TEST(TransportFeedback, takes_its_limit_of_statuses_and_refuses_one_more) {
  constexpr auto kLimit = static_cast<std::uint16_t>(limits::kTransportFeedbackStatuses);
  static_assert(kLimit == 0x2000);
  EXPECT_TRUE(parsed(message(1, kLimit, {0x1F, 0xFF, 0x00, 0x02})));
  EXPECT_FALSE(parsed(message(1, kLimit + 1, {0x1F, 0xFF, 0x00, 0x02})));
}

/// Rounds down to the resolution of the message.
Duration in_ticks(Duration time) { return time - time % TransportFeedback::kDeltaUnit; }

RC_GTEST_PROP(TransportFeedbackBuilder, round_trips, ()) {
  const auto base = *rc::gen::arbitrary<std::uint16_t>();
  const auto gaps = *rc::gen::container<std::vector<std::uint16_t>>(
      rc::gen::weightedOneOf<std::uint16_t>({{8, rc::gen::just<std::uint16_t>(1)},
                                             {2, rc::gen::inRange<std::uint16_t>(1, 5)},
                                             {1, rc::gen::inRange<std::uint16_t>(1, 40)}}));
  Duration now = std::chrono::microseconds{*rc::gen::inRange(0, 1'000'000'000)};
  TransportFeedbackBuilder builder{base, now};
  std::map<std::uint16_t, Duration> added;
  std::uint16_t offset = 0;
  for (const std::uint16_t gap : gaps) {
    const auto sequence = static_cast<std::uint16_t>(base + offset);
    if (!builder.add(sequence, now)) break;
    added[offset] = in_ticks(now);
    offset = static_cast<std::uint16_t>(offset + gap);
    now += std::chrono::microseconds{*rc::gen::weightedOneOf<int>(
        {{8, rc::gen::inRange(0, 20'000)}, {1, rc::gen::inRange(-50'000, 2'000'000)}})};
    now = std::max(now, Duration{0});
  }
  RC_PRE(!added.empty());
  std::array<std::uint8_t, TransportFeedbackBuilder::kMaxBytes> buffer{};
  ByteWriter writer{buffer};
  RC_ASSERT(builder.write(writer, {.sender = 5, .media = 6}, 200));
  const auto feedback = parsed(writer.written());
  RC_ASSERT(feedback.has_value());
  RC_ASSERT(feedback->feedback_count == 200);
  const auto read = arrivals(*feedback);
  RC_ASSERT(read.size() == builder.status_count());
  for (std::size_t i = 0; i < read.size(); ++i) {
    const auto found = added.find(static_cast<std::uint16_t>(i));
    RC_ASSERT(read[i].sequence == static_cast<std::uint16_t>(base + i));
    RC_ASSERT(read[i].at.has_value() == (found != added.end()));
    if (read[i].at) RC_ASSERT(*read[i].at == found->second);
  }
}

TEST(TransportFeedbackBuilder, begins_with_packets_that_did_not_arrive) {
  TransportFeedbackBuilder builder{100, 1s};
  ASSERT_TRUE(builder.add(103, 1s));
  ByteVector buffer(64);
  ByteWriter writer{buffer};
  ASSERT_TRUE(builder.write(writer, {}, 0));
  const auto read = arrivals(*parsed(writer.written()));
  ASSERT_EQ(read.size(), 4U);
  EXPECT_FALSE(read[0].at);
  EXPECT_EQ(read[3].at, 1s);
}

TEST(TransportFeedbackBuilder, refuses_a_delta_out_of_range) {
  TransportFeedbackBuilder builder{1, 0s};
  EXPECT_TRUE(builder.add(1, 0s));
  EXPECT_FALSE(builder.add(2, 0x8000 * 250us));
  EXPECT_TRUE(builder.add(2, 0x7FFF * 250us));
  EXPECT_FALSE(builder.add(3, -2 * 250us));
  EXPECT_TRUE(builder.add(3, -1 * 250us));
}

TEST(TransportFeedbackBuilder, refuses_packets_out_of_order) {
  TransportFeedbackBuilder builder{1, 0s};
  EXPECT_TRUE(builder.add(5, 0s));
  EXPECT_FALSE(builder.add(5, 0s));
  EXPECT_FALSE(builder.add(4, 0s));
  EXPECT_FALSE(builder.add(0, 0s)) << "before the base";
}

TEST(TransportFeedbackBuilder, never_outgrows_a_datagram) {
  TransportFeedbackBuilder builder{1, 0s};
  Duration now{0};
  for (std::uint16_t sequence = 1; builder.add(sequence, now); ++sequence) {
    now += (sequence % 2 == 0) ? 100ms : -90ms;
  }
  EXPECT_GT(builder.status_count(), 400U);
  ByteVector buffer(TransportFeedbackBuilder::kMaxBytes);
  ByteWriter writer{buffer};
  EXPECT_TRUE(builder.write(writer, {}, 0));
  ByteVector tight(writer.size() - 1);
  ByteWriter tight_writer{tight};
  EXPECT_FALSE(builder.write(tight_writer, {}, 0));
  EXPECT_EQ(tight_writer.size(), 0U);
}

TEST(TransportFeedbackBuilder, a_steady_stream_takes_one_chunk) {
  TransportFeedbackBuilder builder{1, 0s};
  for (std::uint16_t sequence = 1; sequence <= 100; ++sequence) {
    ASSERT_TRUE(builder.add(sequence, sequence * 1ms));
  }
  ByteVector buffer(TransportFeedbackBuilder::kMaxBytes);
  ByteWriter writer{buffer};
  ASSERT_TRUE(builder.write(writer, {}, 0));
  EXPECT_EQ(writer.size(), 20U + 2 + 100 + 2);
}

}  // namespace
}  // namespace vis::media::rtcp
