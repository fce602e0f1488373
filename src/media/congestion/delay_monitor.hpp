#pragma once

#include "base/time.hpp"
#include "media/congestion/delay_trend.hpp"
#include "media/congestion/inter_arrival.hpp"
#include "media/congestion/overuse_detector.hpp"

namespace vis::media::congestion {

/// From the arrival times of packets to a verdict on the bottleneck's queue.
class DelayMonitor final {
 public:
  /// `arrival` is on the receiver's clock.
  void on_packet(TimePoint now, TimePoint sent, Duration arrival);
  /// A probe fills the queue on purpose: what it and its wake look like is not compared with the
  /// packets before.
  void on_probe_packet() { groups_.reset(); }
  BandwidthUsage usage() const { return detector_.usage(); }
  /// The receiver's clock is another one now.
  void reset() { *this = {}; }

 private:
  InterArrival groups_;
  DelayTrend trend_;
  OveruseDetector detector_;
};

inline void DelayMonitor::on_packet(TimePoint now, TimePoint sent, Duration arrival) {
  const auto delta = groups_.on_packet(sent, arrival);
  if (!delta) return;
  const auto slope = trend_.on_group(*delta, arrival);
  if (slope) detector_.on_trend(now, *slope, trend_.groups(), delta->send);
}

}  // namespace vis::media::congestion
