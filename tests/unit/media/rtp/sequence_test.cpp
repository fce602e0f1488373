#include "media/rtp/sequence.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vis::media::rtp {
namespace {

TEST(Sequence, is_newer_across_the_wrap) {
  EXPECT_TRUE(sequence_newer(0, 65535));
  EXPECT_FALSE(sequence_newer(65535, 0));
  EXPECT_TRUE(sequence_newer(32767, 0));
  EXPECT_FALSE(sequence_newer(7, 7));
  EXPECT_TRUE(timestamp_newer(3, 0xFFFFFFF0U));
}

TEST(Sequence, distance_has_a_sign) {
  EXPECT_EQ(sequence_distance(2, 65534), 4);
  EXPECT_EQ(sequence_distance(65534, 2), -4);
}

RC_GTEST_PROP(Sequence, of_two_different_values_exactly_one_is_newer,
              (std::uint16_t a, std::uint16_t b)) {
  RC_ASSERT((a != b) == (sequence_newer(a, b) != sequence_newer(b, a)));
}

RC_GTEST_PROP(Unwrapper, follows_any_walk_of_small_steps,
              (std::uint16_t start, std::vector<std::int16_t> steps)) {
  SequenceUnwrapper unwrapper;
  std::int64_t expected = start;
  RC_ASSERT(unwrapper.unwrap(start) == expected);
  for (const std::int16_t step : steps) {
    if (step == std::numeric_limits<std::int16_t>::min()) continue;
    expected += step;
    RC_ASSERT(unwrapper.unwrap(static_cast<std::uint16_t>(expected)) == expected);
  }
}

TEST(Unwrapper, peeking_changes_nothing) {
  SequenceUnwrapper unwrapper;
  unwrapper.unwrap(65535);
  EXPECT_EQ(unwrapper.peek(30000), 65536 + 30000);
  EXPECT_EQ(unwrapper.unwrap(65534), 65534);
}

TEST(Unwrapper, counts_timestamps_beyond_32_bits) {
  TimestampUnwrapper unwrapper;
  unwrapper.unwrap(0xFFFFFF00U);
  EXPECT_EQ(unwrapper.unwrap(0x00000100U), 0x1'0000'0100);
}

}  // namespace
}  // namespace vis::media::rtp
