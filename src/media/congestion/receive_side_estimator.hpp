#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/acknowledged_bitrate.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/delay_monitor.hpp"
#include "media/congestion/rate_control.hpp"

namespace vis::media::congestion {

/// How much a sender may send to us, for senders that do not ask when their packets arrived but
/// take our word for it (REMB): the delay half of Google congestion control on the receiving side
/// (draft-alvestrand-rmcat-remb-03), by the departure times that packets bear. What is lost the
/// sender hears from receiver reports.
///
/// A pure engine, owned by the transport that receives. Allocates nothing. A sender that lies about
/// its departure times is told a wrong rate, between `kMin` and `kMax`.
class ReceiveSideEstimator final {
 public:
  static constexpr BitRate kStart = BitRate::kbps(1000);
  static constexpr BitRate kMin = BitRate::kbps(30);
  static constexpr BitRate kMax = BitRate::kbps(50'000);
  static constexpr Duration kUpdate = 100ms;
  /// After such a silence nothing is known any more.
  static constexpr Duration kSilence = 2s;

  /// `sent` is the abs-send-time extension's value: seconds in 6.18 fixed point, which wrap.
  void on_packet(TimePoint now, std::uint32_t sent, std::size_t bytes);
  /// Nothing while no such packets come.
  std::optional<BitRate> estimate(TimePoint now) const;

 private:
  TimePoint departure(std::uint32_t sent);

  DelayMonitor delay_;
  AcknowledgedBitrate received_;
  RateControl rate_{kStart, kMin, kMax};
  std::optional<std::uint32_t> last_sent_;
  Duration sent_{};  ///< Unwrapped.
  std::optional<TimePoint> last_packet_;
  TimePoint updated_at_{};
};

}  // namespace vis::media::congestion
