#pragma once

#include <algorithm>
#include <cstddef>

namespace vis::media::sfu {

/// How much a subscriber may have sent again: a share of what it is sent anyway, saved up to a
/// burst. Without it, NACKs of a broken or hostile client would multiply our traffic.
class RetransmissionBudget final {
 public:
  static constexpr std::size_t kBurstBytes = 100'000;
  static constexpr std::size_t kShareDivisor = 2;  ///< Half of the forwarded bytes.

  void on_forwarded(std::size_t bytes) {
    available_ = std::min(kBurstBytes, available_ + bytes / kShareDivisor);
  }
  bool take(std::size_t bytes) {
    if (bytes > available_) return false;
    available_ -= bytes;
    return true;
  }

 private:
  std::size_t available_ = kBurstBytes / 4;
};

}  // namespace vis::media::sfu
