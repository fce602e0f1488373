#include "core/rooms/connection_score.hpp"

#include <gtest/gtest.h>

namespace vis::core::rooms {
namespace {

using Sample = ConnectionScore::Sample;

struct RateCase {
  const char* what;
  Sample sample;
  ConnectionQuality steady;  ///< When every sample is the same.
};

class ConnectionRate : public testing::TestWithParam<RateCase> {};

TEST_P(ConnectionRate, is_graded) {
  ConnectionScore score;
  for (int i = 0; i < 30; ++i) score.add(GetParam().sample);
  EXPECT_EQ(score.quality(), GetParam().steady) << score.score();
}

INSTANTIATE_TEST_SUITE_P(
    , ConnectionRate,
    testing::Values(
        RateCase{"perfect", {.round_trip_ms = 20}, ConnectionQuality::Excellent},
        RateCase{"one_per_cent_lost", {.loss = 0.01}, ConnectionQuality::Excellent},
        RateCase{"three_per_cent_lost", {.loss = 0.03}, ConnectionQuality::Good},
        RateCase{"ten_per_cent_lost", {.loss = 0.1}, ConnectionQuality::Good},
        RateCase{"twenty_per_cent_lost", {.loss = 0.2}, ConnectionQuality::Poor},
        RateCase{"across_the_ocean", {.round_trip_ms = 250}, ConnectionQuality::Excellent},
        RateCase{"by_satellite", {.round_trip_ms = 700}, ConnectionQuality::Good},
        RateCase{"by_two_satellites", {.round_trip_ms = 1400}, ConnectionQuality::Poor},
        RateCase{"much_jitter", {.round_trip_ms = 100, .jitter_ms = 150}, ConnectionQuality::Good},
        RateCase{
            "a_tenth_of_the_bandwidth_missing", {.shortage = 0.1}, ConnectionQuality::Excellent},
        RateCase{"half_of_the_bandwidth_missing", {.shortage = 0.5}, ConnectionQuality::Good},
        RateCase{"nearly_no_bandwidth", {.shortage = 0.97}, ConnectionQuality::Poor},
        RateCase{"all_lost_but_connected", {.loss = 1}, ConnectionQuality::Poor},
        RateCase{"down", {.connected = false}, ConnectionQuality::Lost},
        RateCase{"down_but_packets_arrive",
                 {.connected = false, .receiving = true, .loss = 1},
                 ConnectionQuality::Poor}),
    [](const auto& info) { return info.param.what; });

TEST(ConnectionScore, falls_fast_and_recovers_slowly) {
  ConnectionScore score;
  score.add({.loss = 0.2});
  EXPECT_NE(score.quality(), ConnectionQuality::Excellent);
  int recovering = 0;
  while (score.quality() != ConnectionQuality::Excellent) {
    score.add({});
    ++recovering;
  }
  EXPECT_GE(recovering, 3);
  EXPECT_LE(recovering, 10);
}

TEST(ConnectionScore, leaves_lost_with_the_first_sample_of_a_connection) {
  ConnectionScore score;
  score.add({.connected = false});
  ASSERT_EQ(score.quality(), ConnectionQuality::Lost);
  score.add({});
  EXPECT_EQ(score.quality(), ConnectionQuality::Poor);
}

TEST(ConnectionScore, stays_within_its_scale_for_absurd_samples) {
  EXPECT_EQ(rate({.loss = 7, .round_trip_ms = 4'000'000'000, .jitter_ms = 4'000'000'000}), 0.0F);
  EXPECT_EQ(rate({.loss = -1}), 100.0F);
}

}  // namespace
}  // namespace vis::core::rooms
