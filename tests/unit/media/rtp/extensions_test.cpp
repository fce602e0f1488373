#include "media/rtp/extensions.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vis::media::rtp {
namespace {

template <typename Value>
ByteVector written(const Value& value) {
  std::array<std::uint8_t, 32> buffer{};
  ByteWriter writer{buffer};
  value.write(writer);
  return {writer.written().begin(), writer.written().end()};
}

TEST(HeaderExtension, every_kind_is_found_by_its_uri) {
  for (const HeaderExtension kind : kHeaderExtensions) {
    EXPECT_EQ(header_extension_from_uri(uri(kind)), kind);
  }
  EXPECT_FALSE(header_extension_from_uri("urn:ietf:params:rtp-hdrext:toffset"));
}

TEST(ExtensionMap, finds_ids_and_kinds) {
  ExtensionMap map;
  EXPECT_TRUE(map.add(HeaderExtension::Mid, 4));
  EXPECT_TRUE(map.add(HeaderExtension::AudioLevel, 255));
  EXPECT_EQ(map.id(HeaderExtension::Mid), 4);
  EXPECT_EQ(map.kind(255), HeaderExtension::AudioLevel);
  EXPECT_EQ(map.id(HeaderExtension::Rid), 0);
  EXPECT_FALSE(map.kind(0));
  EXPECT_FALSE(map.kind(5));
}

TEST(ExtensionMap, refuses_id_0_and_whatever_is_taken) {
  ExtensionMap map;
  EXPECT_FALSE(map.add(HeaderExtension::Mid, 0));
  EXPECT_TRUE(map.add(HeaderExtension::Mid, 4));
  EXPECT_FALSE(map.add(HeaderExtension::Mid, 5));
  EXPECT_FALSE(map.add(HeaderExtension::Rid, 4));
}

TEST(AudioLevel, has_a_voice_bit_and_seven_bits_of_level) {
  const AudioLevel level{.voice = true, .level = 30};
  EXPECT_EQ(written(level), (ByteVector{0x9E}));
  EXPECT_EQ(AudioLevel::parse(written(level)), level);
  EXPECT_FALSE(AudioLevel::parse(ByteVector{1, 2}));
}

TEST(VideoOrientation, round_trips) {
  const VideoOrientation turned{.back_camera = true, .flipped = false, .quarter_turns = 3};
  EXPECT_EQ(written(turned), (ByteVector{0x0B}));
  EXPECT_EQ(VideoOrientation::parse(written(turned)), turned);
  EXPECT_FALSE(VideoOrientation::parse({}));
}

TEST(PlayoutDelay, round_trips_to_its_largest_value) {
  const PlayoutDelay delay{.min = 100ms, .max = PlayoutDelay::kMax};
  EXPECT_EQ(written(delay), (ByteVector{0x00, 0xAF, 0xFF}));
  EXPECT_EQ(PlayoutDelay::parse(written(delay)), delay);
}

TEST(PlayoutDelay, refuses_a_minimum_above_the_maximum) {
  EXPECT_FALSE(PlayoutDelay::parse(ByteVector{0x00, 0x20, 0x01}));
}

TEST(AbsCaptureTime, comes_with_or_without_the_clock_offset) {
  const AbsCaptureTime plain{.ntp = 0x0102030405060708U};
  const AbsCaptureTime offset{.ntp = 1, .clock_offset = -2};
  EXPECT_EQ(written(plain).size(), 8U);
  EXPECT_EQ(AbsCaptureTime::parse(written(plain)), plain);
  EXPECT_EQ(AbsCaptureTime::parse(written(offset)), offset);
  EXPECT_FALSE(AbsCaptureTime::parse(ByteVector(12)));
}

TEST(AbsSendTime, is_6_18_fixed_point_and_wraps_after_64_seconds) {
  EXPECT_EQ(abs_send_time(TimePoint{1s}), 1U << 18);
  EXPECT_EQ(abs_send_time(TimePoint{500ms}), 1U << 17);
  EXPECT_EQ(abs_send_time(TimePoint{64s + 1s}), 1U << 18);
  EXPECT_EQ(abs_send_time(TimePoint{64s - 1ns}), 0xFFFFFFU);
  EXPECT_EQ(parse_abs_send_time(ByteVector{0x12, 0x34, 0x56}), 0x123456U);
  EXPECT_FALSE(parse_abs_send_time(ByteVector{0x12, 0x34}));
}

TEST(StreamId, is_visible_ascii) {
  EXPECT_EQ(parse_stream_id(as_bytes("hi-0_A")), "hi-0_A");
  EXPECT_FALSE(parse_stream_id({}));
  EXPECT_FALSE(parse_stream_id(as_bytes("a b")));
  EXPECT_FALSE(parse_stream_id(ByteVector{'a', 0}));
}

TEST(ExtensionValues, reads_all_that_is_mapped_and_skips_the_rest) {
  ExtensionMap map;
  map.add(HeaderExtension::Mid, 1);
  map.add(HeaderExtension::TransportWideCc, 2);
  map.add(HeaderExtension::AudioLevel, 3);
  const ByteVector block{0x11, 'm', '7', 0x21, 0xAB, 0xCD, 0x90, 0x00, 0x31, 0xFF, 0xFF, 0x00};
  const auto values = ExtensionValues::read(ExtensionElements{kOneByteProfile, block}, map);
  EXPECT_EQ(values.mid, "m7");
  EXPECT_EQ(values.transport_sequence, 0xABCD);
  EXPECT_FALSE(values.audio_level) << "two bytes are one too many";
  EXPECT_FALSE(values.rid);
}

TEST(ExtensionValues, of_an_extension_that_comes_twice_the_first_counts) {
  ExtensionMap map;
  map.add(HeaderExtension::AudioLevel, 4);
  const ByteVector block{0x40, 0x10, 0x40, 0x9E};
  const auto values = ExtensionValues::read(ExtensionElements{kOneByteProfile, block}, map);
  EXPECT_EQ(values.audio_level, (AudioLevel{.voice = false, .level = 16}));
}

}  // namespace
}  // namespace vis::media::rtp
