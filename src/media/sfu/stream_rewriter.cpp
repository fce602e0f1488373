#include "media/sfu/stream_rewriter.hpp"

#include <algorithm>

namespace vis::media::sfu {

void StreamRewriter::switch_to(Epoch epoch) {
  epoch.first_out = next_out_;
  epochs_[epoch_count_ % kEpochs] = epoch;
  ++epoch_count_;
}

void StreamRewriter::skip(std::int64_t sequence) {
  Epoch& epoch = epochs_[(epoch_count_ - 1) % kEpochs];
  if (epoch.first_out + (sequence - epoch.first_in) != next_out_) return;
  if (epoch.first_out == next_out_) {
    epoch.first_in = sequence + 1;
    return;
  }
  Epoch next = epoch;
  next.first_in = sequence + 1;
  switch_to(next);
}

std::optional<StreamRewriter::Origin> StreamRewriter::origin(std::uint16_t sequence) const {
  // The newest outgoing number with these low bits.
  const auto newest = static_cast<std::uint16_t>(next_out_ - 1);
  const std::int64_t out = next_out_ - 1 - static_cast<std::uint16_t>(newest - sequence);
  const std::size_t kept = std::min(epoch_count_, kEpochs);
  for (std::size_t age = 0; age < kept; ++age) {
    const Epoch& epoch = epochs_[(epoch_count_ - 1 - age) % kEpochs];
    if (out >= epoch.first_out) {
      return Origin{.sequence = epoch.first_in + (out - epoch.first_out), .epoch = &epoch};
    }
  }
  return std::nullopt;
}

}  // namespace vis::media::sfu
