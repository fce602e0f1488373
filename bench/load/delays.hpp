#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace vis::bench {

/// How long packets were under way, from the call that sent them to the kernel of whoever they
/// were for. Both ends are on this machine and read the same clock.
class Delays final {
 public:
  void add(Duration delay) { delays_.push_back(delay); }
  void clear() { delays_.clear(); }

  /// The delay that so many of all packets (0..1) do not exceed; zero without packets.
  Duration percentile(double share) {
    if (delays_.empty()) return {};
    const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(delays_.size() - 1));
    std::ranges::nth_element(delays_, delays_.begin() + index);
    return delays_[static_cast<std::size_t>(index)];
  }

 private:
  std::vector<Duration> delays_;
};

}  // namespace vis::bench
