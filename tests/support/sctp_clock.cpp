#include "support/sctp_clock.hpp"

#include <sys/time.h>

#include <chrono>

namespace vis::test {
namespace {

TimePoint sctp_now{};

}  // namespace

void set_sctp_clock(TimePoint now) { sctp_now = now; }

}  // namespace vis::test

/// Takes the place of the C library's for everything in this program.
extern "C" int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
  constexpr std::chrono::seconds kAnyDay{1'000'000'000};
  const auto time = kAnyDay + vis::test::sctp_now.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  now->tv_sec = seconds.count();
  now->tv_usec = std::chrono::floor<std::chrono::microseconds>(time - seconds).count();
  return 0;
}
