#include "media/rtp/vp8.hpp"

#include <gtest/gtest.h>

namespace vis::media::rtp {
namespace {

// Start of a frame; X; I L T K; 15-bit picture id 0x1234; TL0PICIDX 0x56; TID 2, Y, KEYIDX 3.
const ByteVector kFull{0x90, 0xF0, 0x92, 0x34, 0x56, 0xA3, 0x00, 0xFF};

TEST(Vp8, reads_every_field) {
  const auto vp8 = Vp8Descriptor::parse(kFull);
  ASSERT_TRUE(vp8);
  EXPECT_EQ(vp8->numbers.picture_id, 0x1234);
  EXPECT_TRUE(vp8->numbers.wide_picture_id);
  EXPECT_EQ(vp8->numbers.tl0_picture_index, 0x56);
  EXPECT_EQ(vp8->temporal_id, 2);
  EXPECT_TRUE(vp8->layer_sync);
  EXPECT_EQ(vp8->key_index, 3);
  EXPECT_EQ(vp8->size, 6U);
  EXPECT_TRUE(vp8->starts_frame());
  EXPECT_TRUE(vp8->key_frame);
}

TEST(Vp8, reads_the_one_byte_descriptor) {
  const auto vp8 = Vp8Descriptor::parse(ByteVector{0x31, 0x01});
  ASSERT_TRUE(vp8);
  EXPECT_TRUE(vp8->non_reference);
  EXPECT_EQ(vp8->partition, 1);
  EXPECT_FALSE(vp8->numbers.picture_id);
  EXPECT_EQ(vp8->size, 1U);
  EXPECT_FALSE(vp8->starts_frame());
}

TEST(Vp8, reads_a_seven_bit_picture_id) {
  const auto vp8 = Vp8Descriptor::parse(ByteVector{0x90, 0x80, 0x7F, 0x01});
  ASSERT_TRUE(vp8);
  EXPECT_EQ(vp8->numbers.picture_id, 0x7F);
  EXPECT_FALSE(vp8->numbers.wide_picture_id);
  EXPECT_EQ(vp8->size, 3U);
  EXPECT_FALSE(vp8->key_frame) << "the P bit is set";
}

TEST(Vp8, only_the_first_packet_of_a_frame_can_start_a_key_frame) {
  EXPECT_TRUE(Vp8Descriptor::parse(ByteVector{0x10, 0x00})->key_frame);
  EXPECT_FALSE(Vp8Descriptor::parse(ByteVector{0x00, 0x00})->key_frame);
  EXPECT_FALSE(Vp8Descriptor::parse(ByteVector{0x11, 0x00})->key_frame);
}

TEST(Vp8, refuses_every_truncation) {
  for (std::size_t size = 0; size < 7; ++size) {
    EXPECT_FALSE(Vp8Descriptor::parse(Bytes{kFull}.first(size))) << size;
  }
}

TEST(Vp8, rewrites_the_counters_and_nothing_else) {
  ByteVector bytes = kFull;
  const PictureNumbers numbers = Vp8Descriptor::parse(bytes)->numbers;
  EXPECT_EQ(numbers.head_size(), 5U);
  numbers.rewrite(MutableBytes{bytes}.first(numbers.head_size()), 0x7FFF, 0x11);
  EXPECT_EQ(bytes, (ByteVector{0x90, 0xF0, 0xFF, 0xFF, 0x11, 0xA3, 0x00, 0xFF}));
}

TEST(Vp8, rewriting_keeps_a_narrow_picture_id_narrow) {
  ByteVector bytes{0x90, 0xC0, 0x01, 0x02, 0x00};
  const PictureNumbers numbers = Vp8Descriptor::parse(bytes)->numbers;
  numbers.rewrite(MutableBytes{bytes}.first(numbers.head_size()), 0x1283, 9);
  EXPECT_EQ(bytes, (ByteVector{0x90, 0xC0, 0x03, 0x09, 0x00}));
}

TEST(Vp8, a_descriptor_without_counters_has_nothing_to_rewrite) {
  ByteVector bytes{0x10, 0x00};
  const PictureNumbers numbers = Vp8Descriptor::parse(bytes)->numbers;
  EXPECT_EQ(numbers.head_size(), 0U);
  numbers.rewrite({}, 5, 6);
}

}  // namespace
}  // namespace vis::media::rtp
