#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/sfu/sound_form.hpp"

namespace vis::media::sfu {

/// How many packets before it each packet of sound repeats on one path, by what the path loses and
/// what it carries. Where nothing is lost nothing is repeated: repetition doubles the rate of
/// sound, and every packet made anew costs a copy. More is repeated as soon as losses show, less
/// once they have been few for a while, so that a path that loses now and then keeps what it needs.
///
/// A pure rule, owned by the transport's Outbound.
class RedundancyControl final {
 public:
  /// Less is repeated only after so long.
  static constexpr Duration kLowerAfter = 10s;
  /// Of what a path carries, repetition takes no more than this: where losses come of too much
  /// being sent, it must not make them worse.
  static constexpr double kMaxShare = 0.25;
  /// But what a path carries is not known while sound alone is sent, least of all where much is
  /// lost: repetition may take so much in any case, unless a queue has shown lately that the path
  /// is full.
  static constexpr congestion::BitRate kUnlessFull = congestion::BitRate::kbps(120);
  static constexpr Duration kFullQueue = 100ms;
  static constexpr Duration kFullFor = 10s;

  struct Input {
    double loss = 0;            ///< Of the last seconds, 0..1.
    congestion::BitRate sound;  ///< All of it, once.
    congestion::BitRate path;   ///< What it carries, as far as is known.
    Duration queue{};           ///< How long packets wait on it.
  };
  std::size_t update(TimePoint now, const Input& input) {
    const std::size_t needed = needed_at(input.loss);
    if (needed > wanted_) wanted_ = needed;
    if (needed_at(input.loss * kHysteresis) >= wanted_) {
      lower_since_.reset();
    } else if (!lower_since_) {
      lower_since_ = now;
    } else if (now - *lower_since_ >= kLowerAfter) {
      --wanted_;
      lower_since_.reset();
    }
    if (input.queue > kFullQueue) full_at_ = now;
    const bool full = full_at_ && now - *full_at_ < kFullFor;
    const congestion::BitRate share = input.path * kMaxShare;
    return std::min(wanted_, affordable(input.sound, full ? share : std::max(share, kUnlessFull)));
  }

 private:
  /// What is repeated for one loss stays for one that is so much lower.
  static constexpr double kHysteresis = 1.5;

  /// So that at random loss less than one packet in a hundred is missing in the end.
  static std::size_t needed_at(double loss) {
    if (loss < 0.01) return 0;
    if (loss < 0.04) return 1;
    return loss < 0.22 ? 2 : 3;
  }
  static std::size_t affordable(congestion::BitRate sound, congestion::BitRate budget) {
    for (std::size_t repeats = kMaxRepeats; repeats > 0; --repeats) {
      if (sound * static_cast<double>(repeats) <= budget) return repeats;
    }
    return 0;
  }

  std::size_t wanted_ = 0;
  std::optional<TimePoint> lower_since_;
  std::optional<TimePoint> full_at_;
};

}  // namespace vis::media::sfu
