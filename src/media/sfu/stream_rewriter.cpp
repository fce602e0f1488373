#include "media/sfu/stream_rewriter.hpp"

#include <algorithm>

namespace vis::media::sfu {

void StreamRewriter::switch_to(Epoch epoch) {
  if (started()) epochs_[(epoch_count_ - 1) % kEpochs].whole = sequences_.is_whole();
  epoch.first_out = next_out();
  sequences_.start(epoch.first_in, epoch.first_out);
  epochs_[epoch_count_ % kEpochs] = epoch;
  ++epoch_count_;
}

void StreamRewriter::resume_at(std::int64_t sequence) {
  if (sequence <= sequences_.next_in()) return;
  Epoch next = current();
  next.first_in = sequence;
  switch_to(next);
}

std::optional<StreamRewriter::Origin> StreamRewriter::origin(std::uint16_t sequence) const {
  if (!started()) return std::nullopt;
  // The newest outgoing number with these low bits.
  const auto newest = static_cast<std::uint16_t>(next_out() - 1);
  const std::int64_t out = next_out() - 1 - static_cast<std::uint16_t>(newest - sequence);
  if (out >= current().first_out) {
    const auto in = sequences_.origin(out);
    if (!in) return std::nullopt;
    return Origin{.sequence = *in, .epoch = &current()};
  }
  const std::size_t kept = std::min(epoch_count_, kEpochs);
  for (std::size_t age = 1; age < kept; ++age) {
    const Epoch& epoch = epochs_[(epoch_count_ - 1 - age) % kEpochs];
    if (out < epoch.first_out) continue;
    if (!epoch.whole) return std::nullopt;
    return Origin{.sequence = epoch.first_in + (out - epoch.first_out), .epoch = &epoch};
  }
  return std::nullopt;
}

}  // namespace vis::media::sfu
