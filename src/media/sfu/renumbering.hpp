#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace vis::media::sfu {

/// Numbers without the holes of what is left out: things that come nearly in order are counted
/// through, those that are left out get no number, those that are late the number that was kept for
/// them. What lies more than `kWindow` numbers back is forgotten.
///
/// Constant memory; a few instructions for what comes in order.
class Renumbering final {
 public:
  static constexpr std::size_t kWindow = 1024;

  /// The first one in, and the number that it will have.
  void start(std::int64_t first_in, std::int64_t first_out) {
    first_in_ = first_in;
    highest_in_ = first_in - 1;
    next_out_ = first_out;
    newest_left_out_ = first_in - 1 - kSpan;
    left_out_ = {};
  }

  /// The number of one that goes out; nothing for one from before the start, long ago, or left out.
  std::optional<std::int64_t> map(std::int64_t in) {
    if (in > highest_in_) [[likely]] {
      advance(in);
      return next_out_++;
    }
    return number_of(in);
  }
  /// Leaves one out. When its number was kept because later ones came first, that number is given:
  /// something has to take its place.
  std::optional<std::int64_t> leave_out(std::int64_t in);

  /// Which one went out under this number, if that is not long ago.
  std::optional<std::int64_t> origin(std::int64_t out) const;

  std::int64_t next_out() const { return next_out_; }
  /// The one after the highest that has come.
  std::int64_t next_in() const { return highest_in_ + 1; }
  /// Whether all since the start went out, or may yet.
  bool is_whole() const { return newest_left_out_ < first_in_; }

 private:
  static constexpr auto kSpan = static_cast<std::int64_t>(kWindow);
  static constexpr std::size_t kWords = kWindow / 64;

  /// Moves up to `in` with its number next, and keeps numbers for those in between.
  void advance(std::int64_t in) {
    // The places of those that come may still be marked, a window ago.
    if (newest_left_out_ > highest_in_ - kSpan) forget(in);
    next_out_ += in - highest_in_ - 1;
    highest_in_ = in;
  }
  void forget(std::int64_t up_to);
  std::optional<std::int64_t> number_of(std::int64_t in) const;

  static std::size_t word(std::int64_t in) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(in) / 64 % kWords);
  }
  static std::uint64_t bit(std::int64_t in) {
    return std::uint64_t{1} << (static_cast<std::uint64_t>(in) % 64);
  }
  bool is_left_out(std::int64_t in) const { return (left_out_[word(in)] & bit(in)) != 0; }

  std::int64_t first_in_ = 0;
  std::int64_t highest_in_ = -1;
  std::int64_t next_out_ = 0;
  std::int64_t newest_left_out_ = -1 - kSpan;
  std::array<std::uint64_t, kWords> left_out_{};  ///< Of the window that ends with the highest.
};

}  // namespace vis::media::sfu
