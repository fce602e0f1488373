#include "core/rooms/speech_detector.hpp"

#include <gtest/gtest.h>

namespace vis::core::rooms {
namespace {

constexpr TimePoint kStart{100s};
constexpr Duration kWindow = 400ms;

struct WindowCase {
  const char* what;
  SpeechDetector::Window window;
  bool active;
};

class SpeechDetectorWindow : public testing::TestWithParam<WindowCase> {};

TEST_P(SpeechDetectorWindow, decides_by_loudness_and_share) {
  SpeechDetector detector;
  detector.on_window(kStart, GetParam().window);
  EXPECT_EQ(detector.active(), GetParam().active);
}

INSTANTIATE_TEST_SUITE_P(
    , SpeechDetectorWindow,
    testing::Values(WindowCase{"at_the_threshold", {.dbov = 35, .active_percent = 40}, true},
                    WindowCase{"too_quiet", {.dbov = 36, .active_percent = 100}, false},
                    WindowCase{"too_short", {.dbov = 5, .active_percent = 39}, false},
                    WindowCase{"loud", {.dbov = 10, .active_percent = 90}, true},
                    WindowCase{"silent", {.dbov = 127, .active_percent = 0}, false}),
    [](const auto& info) { return info.param.what; });

TEST(SpeechDetector, holds_a_speaker_through_a_pause_between_words) {
  SpeechDetector detector;
  detector.on_window(kStart, {.dbov = 20, .active_percent = 80});
  detector.on_window(kStart + kWindow, {.dbov = 127, .active_percent = 0});
  detector.on_window(kStart + 2 * kWindow, {.dbov = 127, .active_percent = 0});
  EXPECT_TRUE(detector.active());
  detector.on_window(kStart + 3 * kWindow, {.dbov = 127, .active_percent = 0});
  EXPECT_FALSE(detector.active());
  EXPECT_EQ(detector.level(), 0.0F);
}

TEST(SpeechDetector, ends_a_speaker_of_whom_no_more_reports_come) {
  SpeechDetector detector;
  detector.on_window(kStart, {.dbov = 20, .active_percent = 80});
  detector.on_tick(kStart + SpeechDetector::kHold - 1ms);
  EXPECT_TRUE(detector.active());
  detector.on_tick(kStart + SpeechDetector::kHold);
  EXPECT_FALSE(detector.active());
}

TEST(SpeechDetector, ends_at_once_when_muted) {
  SpeechDetector detector;
  detector.on_window(kStart, {.dbov = 20, .active_percent = 80});
  detector.reset();
  EXPECT_FALSE(detector.active());
}

struct LevelCase {
  std::uint8_t dbov;
  float level;
};

TEST(SpeechDetector, tells_the_amplitude_in_eighths_rounded_up) {
  for (const auto& [dbov, level] :
       {LevelCase{35, 0.125F}, LevelCase{20, 0.125F}, LevelCase{12, 0.375F}, LevelCase{6, 0.625F},
        LevelCase{0, 1.0F}}) {
    SpeechDetector detector;
    detector.on_window(kStart, {.dbov = dbov, .active_percent = 100});
    EXPECT_EQ(detector.level(), level) << int{dbov};
  }
}

TEST(SpeechDetector, smooths_the_level_over_windows) {
  SpeechDetector detector;
  detector.on_window(kStart, {.dbov = 30, .active_percent = 100});
  detector.on_window(kStart + kWindow, {.dbov = 0, .active_percent = 100});
  EXPECT_EQ(detector.level(), 0.5F);  // 0.4 of the way from 0.03 to 1, rounded up.
}

}  // namespace
}  // namespace vis::core::rooms
