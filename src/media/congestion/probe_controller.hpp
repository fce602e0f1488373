#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/probe_estimator.hpp"

namespace vis::media::congestion {

/// Decides when to probe and at what rate: at the start, when more is wanted than the path is known
/// to carry (a sender that is limited by its application learns nothing by sending), and soon after
/// a drop, to find the way back. A probe that succeeds is followed by a higher one; one that fails
/// is tried again later and later. Nothing is probed that nobody wants.
class ProbeController final {
 public:
  /// A probe lasts so long and has so many packets, at the least.
  static constexpr Duration kDuration = 15ms;
  static constexpr std::uint16_t kMinPackets = 5;
  /// The first probes, in parts of the start rate.
  static constexpr std::array kFirstFactors{3.0, 6.0};
  static constexpr double kFactor = 2.0;
  /// A result of this share of the probe's rate is a success.
  static constexpr double kSuccess = 0.7;
  static constexpr Duration kResultTime = 1s;
  static constexpr Duration kInterval = 5s;
  /// After the estimate fell below this share of what it was.
  static constexpr double kDrop = 0.66;
  static constexpr Duration kRecoveryInterval = 1500ms;

  explicit ProbeController(BitRate max) : max_(max), wanted_(max) {}

  /// Media begins to flow.
  void start(TimePoint now, BitRate rate);
  /// All that there is to send at present would take this rate.
  void set_wanted(TimePoint now, BitRate rate);
  void on_estimate(TimePoint now, BitRate estimate);
  void on_result(TimePoint now, BitRate result);

  std::optional<TimePoint> next_deadline() const;
  /// The probe to begin now, if one is due. Call again until there is none.
  std::optional<ProbeCluster> take_due(TimePoint now);

 private:
  void plan(BitRate rate);
  void schedule(TimePoint now);
  /// No probe goes further beyond what is wanted than this.
  BitRate ceiling() const;
  bool wants_more() const;
  ProbeCluster begin(TimePoint now, BitRate rate);

  BitRate max_;
  BitRate wanted_;
  BitRate estimate_;
  bool started_ = false;
  ProbeClusterId last_id_ = 0;
  /// Due at once: two of them at the start, else one at the most.
  std::array<BitRate, kFirstFactors.size()> planned_{};
  std::size_t planned_count_ = 0;
  TimePoint planned_at_{};
  /// The next one on account of the interval alone.
  std::optional<TimePoint> scheduled_at_;
  Duration interval_ = kInterval;
  /// The rate of the last probe, while its result is awaited.
  std::optional<BitRate> awaited_;
  TimePoint await_until_{};
  BitRate before_drop_;  ///< The highest estimate since the last drop.
};

}  // namespace vis::media::congestion
