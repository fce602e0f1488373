#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/limits/media_rtp.hpp"
#include "base/time.hpp"

namespace vis::media::sfu {

/// Frames per second of each temporal layer of a stream.
class FrameMeter final {
 public:
  static constexpr Duration kWindow = 2s;

  void add(std::uint8_t temporal) { ++counted_[temporal]; }
  /// To be called now and then; closes the window when it is over.
  void sample(TimePoint now) {
    if (since_ && now - *since_ < kWindow) return;
    if (since_) {
      known_ = true;
      const double seconds = std::chrono::duration<double>(now - *since_).count();
      for (std::size_t i = 0; i < counted_.size(); ++i) rates_[i] = counted_[i] / seconds;
    }
    counted_ = {};
    since_ = now;
  }

  /// The lowest temporal layer with which there are so many frames per second; the highest one when
  /// there are not, or that is not known yet.
  std::uint8_t layer_for(std::uint32_t frames_per_second) const {
    constexpr std::uint8_t kHighest = limits::kTemporalLayers - 1;
    if (frames_per_second == 0 || !known_) return kHighest;
    double frames = 0;
    for (std::uint8_t temporal = 0; temporal < kHighest; ++temporal) {
      frames += rates_[temporal];
      if (frames >= kEnough * frames_per_second) return temporal;
    }
    return kHighest;
  }

 private:
  /// A camera in the dark has somewhat fewer frames than it promises.
  static constexpr double kEnough = 0.85;

  std::array<std::uint32_t, limits::kTemporalLayers> counted_{};
  std::array<double, limits::kTemporalLayers> rates_{};
  std::optional<TimePoint> since_;
  bool known_ = false;
};

}  // namespace vis::media::sfu
