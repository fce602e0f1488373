#include "core/rooms/speech_detector.hpp"

#include <algorithm>
#include <cmath>

namespace vis::core::rooms {
namespace {

/// An exponential moving average over about four windows: 2 / (4 + 1).
constexpr float kSmoothing = 0.4F;

float amplitude_of(std::uint8_t dbov) { return std::pow(10.0F, -static_cast<float>(dbov) / 20.0F); }

}  // namespace

void SpeechDetector::on_window(TimePoint now, Window window) {
  const bool loud = window.dbov <= kLoudDbov && window.active_percent >= kLoudPercent;
  const float sample = loud ? amplitude_of(window.dbov) : 0.0F;
  if (loud && !active_) {
    active_ = true;
    amplitude_ = sample;
  } else {
    amplitude_ += (sample - amplitude_) * kSmoothing;
  }
  if (loud) last_loud_ = now;
  on_tick(now);
}

void SpeechDetector::on_tick(TimePoint now) {
  if (active_ && now - last_loud_ >= kHold) reset();
}

void SpeechDetector::reset() {
  active_ = false;
  amplitude_ = 0;
}

float SpeechDetector::level() const {
  if (!active_) return 0;
  constexpr auto kSteps = static_cast<float>(kLevelSteps);
  const float steps = std::ceil(amplitude_ * kSteps);
  return std::clamp(steps, 1.0F, kSteps) / kSteps;
}

}  // namespace vis::core::rooms
