#pragma once

#include <chrono>

#include "base/time.hpp"

namespace vis {

/// The real clocks. For shells and `app` only; engines and core take time as an argument.
inline TimePoint monotonic_now() {
  return TimePoint{std::chrono::steady_clock::now().time_since_epoch()};
}
inline WallTime wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace vis
