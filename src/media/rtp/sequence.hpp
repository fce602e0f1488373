#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

namespace vis::media::rtp {

/// Whether `a` comes after `b` on a counter that wraps (RFC 1982). Two values exactly half the
/// range apart are ordered by size, so that exactly one of them is the newer.
template <std::unsigned_integral T>
constexpr bool newer(T a, T b) {
  constexpr T kHalf = static_cast<T>(std::numeric_limits<T>::max() / 2 + 1);
  const T ahead = static_cast<T>(a - b);
  if (ahead == kHalf) return a > b;
  return ahead != 0 && ahead < kHalf;
}
constexpr bool sequence_newer(std::uint16_t a, std::uint16_t b) { return newer(a, b); }
constexpr bool timestamp_newer(std::uint32_t a, std::uint32_t b) { return newer(a, b); }

/// How far `a` is ahead of `b`; negative when it is behind.
constexpr std::int32_t sequence_distance(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

/// Follows a wrapping counter in 64 bits: each value is placed at the spot nearest to the one
/// before it. The first value stands for itself, so what came before it may be negative.
template <std::unsigned_integral T>
class Unwrapper final {
 public:
  std::int64_t unwrap(T value) {
    last_ = peek(value);
    return *last_;
  }
  /// What `unwrap` would return, without remembering it: for values not yet authenticated.
  std::int64_t peek(T value) const {
    if (!last_) return static_cast<std::int64_t>(value);
    const T last = static_cast<T>(*last_);
    const T ahead = static_cast<T>(value - last);
    return *last_ + static_cast<std::make_signed_t<T>>(ahead);
  }
  void reset() { last_.reset(); }

 private:
  std::optional<std::int64_t> last_;
};

using SequenceUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

}  // namespace vis::media::rtp
