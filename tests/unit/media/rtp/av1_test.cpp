#include "media/rtp/av1.hpp"

#include <gtest/gtest.h>

namespace vis::media::rtp {
namespace {

TEST(Av1, reads_the_aggregation_header) {
  const auto first = Av1AggregationHeader::parse(ByteVector{0x68, 0x0A});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->starts_sequence);
  EXPECT_TRUE(first->obu_continues);
  EXPECT_FALSE(first->continues_obu);
  EXPECT_EQ(first->obu_count, 2);
  EXPECT_TRUE(Av1AggregationHeader::parse(ByteVector{0x90, 0x0A})->continues_obu);
}

TEST(Av1, refuses_an_empty_payload_and_a_continued_first_obu) {
  EXPECT_FALSE(Av1AggregationHeader::parse({}));
  EXPECT_FALSE(Av1AggregationHeader::parse(ByteVector{0x10}));
  EXPECT_FALSE(Av1AggregationHeader::parse(ByteVector{0x98, 0x0A}));
}

}  // namespace
}  // namespace vis::media::rtp
