#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/time.hpp"

namespace vis::media::congestion {

/// Bits per second.
class BitRate final {
 public:
  constexpr BitRate() = default;
  static constexpr BitRate bps(std::int64_t bits) { return BitRate{bits}; }
  static constexpr BitRate kbps(std::int64_t kilobits) { return BitRate{kilobits * 1000}; }
  /// What carries `bytes` in `time`; as good as unlimited for no time at all.
  static constexpr BitRate of(std::size_t bytes, Duration time) {
    if (time <= Duration::zero()) return unlimited();
    const double bits = static_cast<double>(bytes) * kBitsPerByte;
    const auto rate =
        BitRate{static_cast<std::int64_t>(bits * kPerSecond / static_cast<double>(time.count()))};
    return rate < unlimited() ? rate : unlimited();
  }
  /// A terabit per second, so that sums and products stay far from overflow.
  static constexpr BitRate unlimited() { return BitRate{1'000'000'000'000}; }

  constexpr std::int64_t bps() const { return bps_; }
  constexpr double kbps() const { return static_cast<double>(bps_) / 1000; }

  constexpr std::size_t bytes_in(Duration time) const {
    return static_cast<std::size_t>(static_cast<double>(bps_) * static_cast<double>(time.count()) /
                                    (kBitsPerByte * kPerSecond));
  }
  /// How long `bytes` take. The rate is not zero.
  constexpr Duration time_for(std::size_t bytes) const {
    return Duration{static_cast<std::int64_t>(static_cast<double>(bytes) * kBitsPerByte *
                                              kPerSecond / static_cast<double>(bps_))};
  }

  friend constexpr auto operator<=>(const BitRate&, const BitRate&) = default;
  friend constexpr BitRate operator+(BitRate a, BitRate b) { return BitRate{a.bps_ + b.bps_}; }
  friend constexpr BitRate operator-(BitRate a, BitRate b) { return BitRate{a.bps_ - b.bps_}; }
  friend constexpr BitRate operator*(BitRate rate, double factor) {
    return BitRate{static_cast<std::int64_t>(static_cast<double>(rate.bps_) * factor)};
  }
  friend constexpr double operator/(BitRate a, BitRate b) {
    return static_cast<double>(a.bps_) / static_cast<double>(b.bps_);
  }

 private:
  static constexpr double kBitsPerByte = 8;
  static constexpr double kPerSecond = 1e9;  ///< Of the unit of Duration.

  constexpr explicit BitRate(std::int64_t bits) : bps_(bits) {}

  std::int64_t bps_ = 0;
};

/// A duration as the numbers that the estimators reckon with.
constexpr double to_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}
constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace vis::media::congestion
