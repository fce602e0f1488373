#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"

namespace vis::media::srtp {

/// Remembers which of the latest `kBits` packet indices were used (RFC 3711 section 3.3.2): bit
/// `index % kBits` stands for `index`, for the indices up to the highest one.
template <std::size_t kBits>
class IndexWindow final {
 public:
  static_assert(kBits % 64 == 0);
  enum class Status : std::uint8_t { Fresh, Used, TooOld };

  bool empty() const { return empty_; }
  std::uint64_t highest() const { return highest_; }

  Status status(std::uint64_t index) const {
    if (empty_ || index > highest_) return Status::Fresh;
    if (highest_ - index >= kBits) return Status::TooOld;
    return (word(index) & bit(index)) != 0 ? Status::Used : Status::Fresh;
  }

  void mark(std::uint64_t index) {
    VIS_ASSERT(status(index) == Status::Fresh);
    if (empty_ || index > highest_) advance(index);
    word(index) |= bit(index);
  }

 private:
  static constexpr std::size_t kWords = kBits / 64;

  std::uint64_t& word(std::uint64_t index) { return words_[(index / 64) % kWords]; }
  std::uint64_t word(std::uint64_t index) const { return words_[(index / 64) % kWords]; }
  static std::uint64_t bit(std::uint64_t index) { return std::uint64_t{1} << (index % 64); }

  /// Forgets the indices that leave the window as `index` becomes its highest.
  void advance(std::uint64_t index) {
    if (empty_ || index - highest_ >= kBits) {
      words_.fill(0);
    } else {
      for (std::uint64_t next = highest_ + 1; next <= index; ++next) word(next) &= ~bit(next);
    }
    highest_ = index;
    empty_ = false;
  }

  std::uint64_t highest_ = 0;
  std::array<std::uint64_t, kWords> words_{};
  bool empty_ = true;
};

}  // namespace vis::media::srtp
