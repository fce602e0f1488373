#include "media/sfu/renumbering.hpp"

#include <algorithm>

namespace vis::media::sfu {

void Renumbering::forget(std::int64_t up_to) {
  if (up_to - highest_in_ >= kSpan) {
    left_out_ = {};
    return;
  }
  for (std::int64_t in = highest_in_ + 1; in <= up_to; ++in) left_out_[word(in)] &= ~bit(in);
}

std::optional<std::int64_t> Renumbering::leave_out(std::int64_t in) {
  if (in <= highest_in_) return number_of(in);
  advance(in);
  left_out_[word(in)] |= bit(in);
  newest_left_out_ = in;
  return std::nullopt;
}

std::optional<std::int64_t> Renumbering::number_of(std::int64_t in) const {
  if (in < first_in_ || highest_in_ - in >= kSpan || is_left_out(in)) return std::nullopt;
  std::int64_t number = next_out_ - 1 - (highest_in_ - in);
  for (std::int64_t after = in + 1; after <= newest_left_out_; ++after) {
    if (is_left_out(after)) ++number;
  }
  return number;
}

std::optional<std::int64_t> Renumbering::origin(std::int64_t out) const {
  if (out >= next_out_) return std::nullopt;
  const std::int64_t oldest = std::max(first_in_, highest_in_ - kSpan + 1);
  std::int64_t in = highest_in_ - (next_out_ - 1 - out);
  // Each one left out between it and the highest puts it one further back.
  for (std::int64_t left_out = newest_left_out_; left_out >= std::max(in, oldest); --left_out) {
    if (is_left_out(left_out)) --in;
  }
  if (in < oldest) return std::nullopt;
  return in;
}

}  // namespace vis::media::sfu
