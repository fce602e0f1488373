#include <gtest/gtest.h>

#include "base/limits/media_rtp.hpp"
#include "media/rtp/opus.hpp"
#include "media/rtp/red.hpp"
#include "media/rtp/rtx.hpp"

namespace vis::media::rtp {
namespace {

TEST(Opus, one_or_two_bytes_are_silence) {
  EXPECT_TRUE(OpusPayload::is_dtx(ByteVector{0x78}));
  EXPECT_TRUE(OpusPayload::is_dtx(ByteVector{0x78, 0x00}));
  EXPECT_FALSE(OpusPayload::is_dtx(ByteVector{0x78, 0x00, 0x01}));
}

TEST(Opus, knows_how_long_a_packet_sounds) {
  EXPECT_EQ(OpusPayload::duration(ByteVector{0x78}), 20ms) << "hybrid, one frame of 20 ms";
  EXPECT_EQ(OpusPayload::duration(ByteVector{0x79}), 40ms) << "two of them";
  EXPECT_EQ(OpusPayload::duration(ByteVector{0x80}), 2500us) << "the shortest";
  EXPECT_EQ(OpusPayload::duration(ByteVector{0x1B, 0x02}), 120ms) << "SILK, two of 60 ms";
  EXPECT_FALSE(OpusPayload::duration(ByteVector{0x1B, 0x03})) << "180 ms is too long";
  EXPECT_FALSE(OpusPayload::duration(ByteVector{0x1B, 0x00}));
  EXPECT_FALSE(OpusPayload::duration(ByteVector{0x1B}));
  EXPECT_FALSE(OpusPayload::duration({}));
}

TEST(Red, gives_the_blocks_in_order) {
  // Offset 960 and two bytes, then the primary.
  const ByteVector payload{0xEF, 0x0F, 0x00, 0x02, 0x6F, 1, 2, 3, 4, 5};
  const auto red = RedPayload::parse(payload);
  ASSERT_TRUE(red);
  ASSERT_EQ(red->blocks().size(), 2U);
  EXPECT_EQ(red->blocks()[0].payload_type, 111);
  EXPECT_EQ(red->blocks()[0].timestamp_offset, 960);
  EXPECT_EQ(red->blocks()[0].data.size(), 2U);
  EXPECT_EQ(red->primary().payload_type, 111);
  EXPECT_EQ(red->primary().data.size(), 3U);
  EXPECT_EQ(red->primary().data[0], 3);
}

TEST(Red, refuses_blocks_that_overrun_and_a_missing_primary) {
  EXPECT_FALSE(RedPayload::parse({}));
  EXPECT_FALSE(RedPayload::parse(ByteVector{0x6F})) << "an empty primary";
  EXPECT_FALSE(RedPayload::parse(ByteVector{0xEF, 0x0F, 0x00, 0x02, 0x6F, 1, 2}));
  EXPECT_FALSE(RedPayload::parse(ByteVector{0xEF, 0x0F, 0x00, 0x03, 0x6F, 1, 2}));
  EXPECT_FALSE(RedPayload::parse(ByteVector{0xEF, 0x0F, 0x00}));
}

TEST(Red, takes_its_limit_of_blocks_and_refuses_one_more) {
  ByteVector payload;
  for (std::size_t i = 1; i < limits::kRedBlocks; ++i) {
    payload.insert(payload.end(), {0xEF, 0x00, 0x00, 0x00});
  }
  payload.insert(payload.end(), {0x6F, 0x01});
  EXPECT_EQ(RedPayload::parse(payload)->blocks().size(), limits::kRedBlocks);
  payload.insert(payload.begin(), {0xEF, 0x00, 0x00, 0x00});
  EXPECT_FALSE(RedPayload::parse(payload));
}

TEST(Rtx, carries_the_original_sequence_number_in_front) {
  const auto prefix = RtxPayload::prefix(0xABCD);
  const ByteVector payload{prefix[0], prefix[1], 7};
  const auto rtx = RtxPayload::parse(payload);
  ASSERT_TRUE(rtx);
  EXPECT_EQ(rtx->original_sequence, 0xABCD);
  EXPECT_EQ(rtx->payload.size(), 1U);
}

TEST(Rtx, refuses_what_holds_no_payload) {
  EXPECT_FALSE(RtxPayload::parse({}));
  EXPECT_FALSE(RtxPayload::parse(ByteVector{1, 2}));
}

}  // namespace
}  // namespace vis::media::rtp
