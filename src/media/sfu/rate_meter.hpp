#pragma once

#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"

namespace vis::media::sfu {

/// What arrives per second: whole windows, so that key frames and pauses between frames even out.
class RateMeter final {
 public:
  static constexpr Duration kWindow = 1s;

  void add(std::size_t bytes) { bytes_ += bytes; }
  /// To be called now and then; closes the window when it is over.
  void sample(TimePoint now) {
    if (!since_) {
      since_ = now;
      bytes_ = 0;
    } else if (now - *since_ >= kWindow) {
      rate_ = congestion::BitRate::of(bytes_, now - *since_);
      since_ = now;
      bytes_ = 0;
    }
  }
  /// Nothing until a window is over.
  const std::optional<congestion::BitRate>& rate() const { return rate_; }

 private:
  std::optional<TimePoint> since_;
  std::size_t bytes_ = 0;
  std::optional<congestion::BitRate> rate_;
};

}  // namespace vis::media::sfu
