#include "media/rtp/h264.hpp"

#include <gtest/gtest.h>

namespace vis::media::rtp {
namespace {

bool starts_key_frame(const ByteVector& payload) {
  const auto h264 = H264Payload::parse(payload);
  EXPECT_TRUE(h264);
  return h264 && h264->starts_key_frame();
}

TEST(H264, a_single_idr_slice_or_parameter_set_starts_a_key_frame) {
  EXPECT_TRUE(starts_key_frame({0x65, 0x88}));
  EXPECT_TRUE(starts_key_frame({0x67, 0x42}));
  EXPECT_FALSE(starts_key_frame({0x61, 0x9A})) << "a slice of another picture";
  EXPECT_FALSE(starts_key_frame({0x68, 0xCE})) << "a picture parameter set alone";
  EXPECT_FALSE(starts_key_frame({0x06, 0x05})) << "supplemental information";
}

TEST(H264, looks_into_every_unit_of_an_aggregate) {
  EXPECT_TRUE(starts_key_frame({0x78, 0, 1, 0x68, 0, 2, 0x67, 0x42}));
  EXPECT_FALSE(starts_key_frame({0x78, 0, 1, 0x68, 0, 2, 0x61, 0x42}));
}

TEST(H264, refuses_an_aggregate_with_bad_sizes) {
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78}));
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78, 0})) << "half a size";
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78, 0, 0})) << "an empty unit";
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78, 0, 2, 0x67})) << "past the end";
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78, 0, 1, 0x67, 0xFF, 0xFF, 0x65}));
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x78, 0, 1, 0x67, 0x00}));
}

TEST(H264, only_the_first_fragment_starts_a_key_frame) {
  EXPECT_TRUE(starts_key_frame({0x7C, 0x85, 0x88}));
  EXPECT_FALSE(starts_key_frame({0x7C, 0x05, 0x88}));
  EXPECT_FALSE(starts_key_frame({0x7C, 0x45, 0x88}));
  EXPECT_FALSE(starts_key_frame({0x7C, 0x81, 0x88}));
}

TEST(H264, refuses_broken_fragments) {
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x7C}));
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x7C, 0x85})) << "nothing of the unit";
  EXPECT_FALSE(H264Payload::parse(ByteVector{0x7C, 0xC5, 0x88})) << "first and last at once";
}

TEST(H264, refuses_types_that_webrtc_does_not_use) {
  EXPECT_FALSE(H264Payload::parse({}));
  for (const std::uint8_t type : ByteVector{0, 25, 26, 27, 29, 30, 31}) {
    EXPECT_FALSE(H264Payload::parse(ByteVector{type, 0x80, 0x01, 0x02})) << int{type};
  }
}

}  // namespace
}  // namespace vis::media::rtp
