#pragma once

#include <chrono>
#include <cstdint>

namespace vis {

using namespace std::chrono_literals;

using Duration = std::chrono::nanoseconds;

/// The clock of engines: monotonic, and without a `now()`. Time always arrives as an argument, so
/// that a test can run ten seconds in a millisecond; only shells read the real clock (clock.hpp).
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using TimePoint = MonotonicClock::time_point;

/// Wall-clock time for labels, tokens and records; never for measuring.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

constexpr std::int64_t unix_ms(WallTime time) { return time.time_since_epoch().count(); }
constexpr std::int64_t unix_s(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
constexpr WallTime wall_from_unix_ms(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

}  // namespace vis
