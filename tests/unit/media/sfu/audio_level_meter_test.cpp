#include "media/sfu/audio_level_meter.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

TEST(AudioLevelMeter, reports_the_loudest_level_and_the_share_of_loud_packets) {
  AudioLevelMeter meter;
  for (int i = 0; i < 10; ++i) meter.on_level(20);
  for (int i = 0; i < 10; ++i) meter.on_level(90);
  const auto report = meter.take_report(20);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->dbov, 20);
  EXPECT_EQ(report->active_percent, 50);
}

TEST(AudioLevelMeter, silence_is_reported_once_and_then_no_more) {
  AudioLevelMeter meter;
  meter.on_level(10);
  EXPECT_TRUE(meter.take_report(20).has_value());
  meter.on_level(100);
  const auto fallen_silent = meter.take_report(20);
  ASSERT_TRUE(fallen_silent.has_value());
  EXPECT_EQ(fallen_silent->active_percent, 0);
  EXPECT_FALSE(meter.take_report(20).has_value());
}

TEST(AudioLevelMeter, suppressed_silence_lowers_the_share) {
  AudioLevelMeter meter;
  meter.on_level(5);
  EXPECT_EQ(meter.take_report(20)->active_percent, 5);
}

}  // namespace
}  // namespace vis::media::sfu
