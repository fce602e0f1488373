#include "media/rtp/vp9.hpp"

#include <gtest/gtest.h>

namespace vis::media::rtp {
namespace {

TEST(Vp9, reads_a_key_frame_with_its_scalability_structure) {
  // I L B V; picture id 0x1234; TID 0 U 0 SID 0 D 0; TL0PICIDX; two layers with sizes and a
  // picture group of two, the second with one reference.
  const ByteVector payload{0xAA, 0x92, 0x34, 0x00, 0x07, 0x38, 0x01, 0x40, 0x00, 0xB4,
                           0x02, 0x80, 0x01, 0x68, 0x02, 0x00, 0x24, 0x01, 0x99};
  const auto vp9 = Vp9Descriptor::parse(payload);
  ASSERT_TRUE(vp9);
  EXPECT_EQ(vp9->numbers.picture_id, 0x1234);
  EXPECT_TRUE(vp9->numbers.wide_picture_id);
  EXPECT_EQ(vp9->numbers.tl0_picture_index, 7);
  EXPECT_EQ(vp9->spatial_layers, 2);
  ASSERT_TRUE(vp9->has_resolutions);
  EXPECT_EQ(vp9->resolutions[0], (Vp9Resolution{.width = 320, .height = 180}));
  EXPECT_EQ(vp9->resolutions[1], (Vp9Resolution{.width = 640, .height = 360}));
  EXPECT_EQ(vp9->size, payload.size() - 1);
  EXPECT_TRUE(vp9->starts_key_frame());
}

TEST(Vp9, reads_the_layer_indices) {
  // I P L; 7-bit picture id; TID 2 U 1 SID 1 D 1; TL0PICIDX.
  const auto vp9 = Vp9Descriptor::parse(ByteVector{0xE4, 0x11, 0x53, 0x09, 0x99});
  ASSERT_TRUE(vp9);
  EXPECT_EQ(vp9->numbers.picture_id, 0x11);
  EXPECT_EQ(vp9->temporal_id, 2);
  EXPECT_TRUE(vp9->switching_up);
  EXPECT_EQ(vp9->spatial_id, 1);
  EXPECT_TRUE(vp9->inter_layer);
  EXPECT_TRUE(vp9->inter_picture);
  EXPECT_TRUE(vp9->end_of_frame);
  EXPECT_FALSE(vp9->start_of_frame);
  EXPECT_FALSE(vp9->starts_key_frame());
}

TEST(Vp9, in_flexible_mode_skips_up_to_three_references) {
  // P F B; P_DIFF 1 N, 2 N, 3.
  const auto three = Vp9Descriptor::parse(ByteVector{0x58, 0x03, 0x05, 0x06, 0x99});
  ASSERT_TRUE(three);
  EXPECT_EQ(three->size, 4U);
  EXPECT_FALSE(Vp9Descriptor::parse(ByteVector{0x58, 0x03, 0x05, 0x07, 0x08, 0x99}));
}

TEST(Vp9, an_upper_spatial_layer_does_not_start_a_key_frame) {
  EXPECT_FALSE(Vp9Descriptor::parse(ByteVector{0x28, 0x03, 0x00, 0x99})->starts_key_frame());
  EXPECT_TRUE(Vp9Descriptor::parse(ByteVector{0x28, 0x00, 0x00, 0x99})->starts_key_frame());
}

TEST(Vp9, refuses_every_truncation) {
  const ByteVector payload{0xFA, 0x92, 0x34, 0x02, 0x03, 0x04, 0x38, 0x01, 0x40, 0x00,
                           0xB4, 0x02, 0x80, 0x01, 0x68, 0x02, 0x00, 0x24, 0x01, 0x99};
  ASSERT_TRUE(Vp9Descriptor::parse(payload));
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(Vp9Descriptor::parse(Bytes{payload}.first(size))) << size;
  }
}

TEST(Vp9, rewrites_the_counters_and_nothing_else) {
  // I P L; 15-bit picture id; TID 2 U 1 SID 1 D 1; TL0PICIDX.
  ByteVector bytes{0xE4, 0x81, 0x11, 0x53, 0x09, 0x99};
  const PictureNumbers numbers = Vp9Descriptor::parse(bytes)->numbers;
  EXPECT_EQ(numbers.head_size(), 5U);
  numbers.rewrite(MutableBytes{bytes}.first(5), 0x1234, 0x77);
  EXPECT_EQ(bytes, (ByteVector{0xE4, 0x92, 0x34, 0x53, 0x77, 0x99}));
}

TEST(Vp9, a_flexible_descriptor_has_a_picture_id_alone) {
  ByteVector bytes{0xB4, 0x11, 0x53, 0x99};
  const PictureNumbers numbers = Vp9Descriptor::parse(bytes)->numbers;
  EXPECT_EQ(numbers.head_size(), 2U);
  numbers.rewrite(MutableBytes{bytes}.first(2), 0x1285, 0x77);
  EXPECT_EQ(bytes, (ByteVector{0xB4, 0x05, 0x53, 0x99}));
}

}  // namespace
}  // namespace vis::media::rtp
