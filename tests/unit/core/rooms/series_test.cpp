#include "core/rooms/series.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;

TEST(Series, keeps_the_last_points_in_order) {
  SeriesBudget budget;
  Series<int> series;
  constexpr int kLimit = limits::kStatisticsPoints;
  for (int i = 0; i < kLimit; ++i) series.add(budget, i);
  std::vector<int> expected(kLimit);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(series.points(), expected);
  series.add(budget, kLimit);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(series.points(), expected);
}

TEST(Series, beyond_the_budget_keep_nothing_until_another_ends) {
  SeriesBudget budget(2);
  Series<int> late;
  {
    Series<int> first;
    Series<int> second;
    first.add(budget, 1);
    second.add(budget, 2);
    late.add(budget, 3);
    EXPECT_EQ(first.points(), std::vector{1});
    EXPECT_THAT(late.points(), IsEmpty());
    Series<int> moved = std::move(second);
    EXPECT_EQ(moved.points(), std::vector{2});
    EXPECT_EQ(budget.used(), 2U);
  }
  EXPECT_EQ(budget.used(), 0U);
  late.add(budget, 4);
  EXPECT_EQ(late.points(), std::vector{4});
}

TEST(Series, has_points_that_stop_at_the_largest_value) {
  EXPECT_EQ(saturated(std::uint64_t{65535}), 65535);
  EXPECT_EQ(saturated(std::uint64_t{65536}), 65535);
  EXPECT_EQ(saturated(-1.0), 0);
}

}  // namespace
}  // namespace vis::core::rooms
