#include "media/rtcp/ntp_time.hpp"

#include <algorithm>
#include <limits>

namespace vis::media::rtcp {
namespace {

constexpr std::uint64_t kSecondsFrom1900To1970 = 2'208'988'800;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

NtpTime NtpTime::from(Duration since_1970) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
  const auto seconds = static_cast<std::uint64_t>(whole.count()) + kSecondsFrom1900To1970;
  const auto rest = static_cast<std::uint64_t>((since_1970 - whole).count());
  // Rounded up, so that turning it back loses no nanosecond.
  const std::uint64_t fraction = ((rest << 32) + kNanosecondsPerSecond - 1) / kNanosecondsPerSecond;
  return {.value = (seconds << 32) + fraction};
}

Duration NtpTime::since_1970() const {
  const std::uint64_t seconds = (value >> 32) - kSecondsFrom1900To1970;
  const std::uint64_t nanoseconds = ((value & 0xFFFF'FFFF) * kNanosecondsPerSecond) >> 32;
  return std::chrono::seconds{static_cast<std::int64_t>(seconds)} +
         std::chrono::nanoseconds{nanoseconds};
}

std::uint32_t to_compact_ntp(Duration duration) {
  constexpr Duration kLongest = std::chrono::seconds{0xFFFF};
  const auto clamped =
      static_cast<std::uint64_t>(std::clamp(duration, Duration{0}, kLongest).count());
  return static_cast<std::uint32_t>((clamped << 16) / kNanosecondsPerSecond);
}

Duration from_compact_ntp(std::uint32_t compact) {
  return Duration{(std::uint64_t{compact} * kNanosecondsPerSecond) >> 16};
}

}  // namespace vis::media::rtcp
