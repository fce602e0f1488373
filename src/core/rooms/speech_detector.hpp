#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace vis::core::rooms {

/// Decides from the loudness of one microphone whether somebody speaks. One loud window starts a
/// speaker; only a silence of `kHold` ends it, so that pauses between words do not flicker. Pure;
/// owned by the publication.
class SpeechDetector final {
 public:
  static constexpr std::uint8_t kLoudDbov = 35;  ///< RFC 6464: 0 is loudest, 127 silence.
  static constexpr std::uint8_t kLoudPercent = 40;
  static constexpr Duration kHold = 1200ms;
  static constexpr int kLevelSteps = 8;

  struct Window {
    std::uint8_t dbov = 127;
    std::uint8_t active_percent = 0;
  };
  /// One report of the media worker, which covers some hundred milliseconds.
  void on_window(TimePoint now, Window window);
  void on_tick(TimePoint now);
  /// The microphone was muted: nobody is waited for.
  void reset();

  bool active() const { return active_; }
  /// 0 while silent, else an eighth to one: the amplitude in eighths, rounded up.
  float level() const;

 private:
  bool active_ = false;
  TimePoint last_loud_{};
  float amplitude_ = 0;  ///< Smoothed; 1 is full scale.
};

}  // namespace vis::core::rooms
