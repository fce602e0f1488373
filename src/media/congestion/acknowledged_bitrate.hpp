#pragma once

#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {

/// The rate at which the receiver gets our packets (R_hat of draft-ietf-rmcat-gcc-02 section 5.6):
/// samples over short windows of the receiver's clock, merged by how much each can be trusted.
class AcknowledgedBitrate final {
 public:
  static constexpr Duration kFirstWindow = 500ms;
  static constexpr Duration kWindow = 150ms;

  void on_packet(Duration arrival, std::size_t bytes, bool application_limited);
  /// Nothing until the first window is full.
  std::optional<BitRate> bitrate() const;
  /// The sender has more to send now than before: what was measured is worth less.
  void expect_change();
  void reset() { *this = {}; }

 private:
  std::optional<double> sample(Duration arrival, std::size_t bytes);

  std::optional<Duration> newest_arrival_;
  Duration window_time_{};
  std::size_t window_bytes_ = 0;
  std::optional<double> estimate_kbps_;
  double variance_ = 50;
};

}  // namespace vis::media::congestion
