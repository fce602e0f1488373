#include "core/rooms/quality_demand.hpp"

#include <gtest/gtest.h>

namespace vis::core::rooms {
namespace {

constexpr TimePoint kStart{100s};

TEST(QualityDemand, starts_as_everything_and_says_so_only_when_that_changes) {
  QualityDemand demand;
  EXPECT_EQ(demand.told(), VideoQuality::High);
  EXPECT_EQ(demand.want(VideoQuality::High), std::nullopt);
}

TEST(QualityDemand, falls_only_after_it_has_been_lower_for_five_seconds) {
  QualityDemand demand;
  EXPECT_EQ(demand.want(VideoQuality::Low), std::nullopt);
  EXPECT_EQ(demand.on_tick(kStart), std::nullopt);
  EXPECT_EQ(demand.on_tick(kStart + 4900ms), std::nullopt);
  EXPECT_EQ(demand.on_tick(kStart + 5s), VideoQuality::Low);
  EXPECT_EQ(demand.on_tick(kStart + 20s), std::nullopt);
}

TEST(QualityDemand, rises_at_once) {
  QualityDemand demand;
  demand.want(VideoQuality::Off);
  demand.on_tick(kStart);
  ASSERT_EQ(demand.on_tick(kStart + 5s), VideoQuality::Off);
  EXPECT_EQ(demand.want(VideoQuality::Low), VideoQuality::Low);
  EXPECT_EQ(demand.want(VideoQuality::High), VideoQuality::High);
}

TEST(QualityDemand, forgets_a_fall_that_was_taken_back) {
  QualityDemand demand;
  demand.want(VideoQuality::Low);
  demand.on_tick(kStart);
  EXPECT_EQ(demand.want(VideoQuality::High), std::nullopt);
  demand.want(VideoQuality::Low);
  EXPECT_EQ(demand.on_tick(kStart + 5s), std::nullopt);
  EXPECT_EQ(demand.on_tick(kStart + 10s), VideoQuality::Low);
}

TEST(QualityDemand, ranks_off_below_low) {
  EXPECT_TRUE(is_higher(VideoQuality::Low, VideoQuality::Off));
  EXPECT_TRUE(is_higher(VideoQuality::High, VideoQuality::Medium));
  EXPECT_FALSE(is_higher(VideoQuality::Off, VideoQuality::Low));
}

}  // namespace
}  // namespace vis::core::rooms
