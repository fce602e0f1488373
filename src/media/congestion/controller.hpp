#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/limits/media_congestion.hpp"
#include "base/time.hpp"
#include "media/congestion/acknowledged_bitrate.hpp"
#include "media/congestion/application_limited.hpp"
#include "media/congestion/bit_rate.hpp"
#include "media/congestion/delay_monitor.hpp"
#include "media/congestion/feedback_clock.hpp"
#include "media/congestion/loss_based_control.hpp"
#include "media/congestion/probe_controller.hpp"
#include "media/congestion/probe_estimator.hpp"
#include "media/congestion/rate_control.hpp"
#include "media/congestion/sent_packets.hpp"
#include "media/congestion/standing_queue.hpp"
#include "media/rtcp/transport_feedback.hpp"

namespace vis::media::congestion {

/// What became of the packets and messages that the controller was told of.
struct CongestionCounters {
  std::uint64_t feedbacks = 0;
  std::uint64_t received = 0;        ///< Packets, each once.
  std::uint64_t lost = 0;            ///< Of those, some may have been received in the end.
  std::uint64_t repeated = 0;        ///< Reports on packets that were reported received before.
  std::uint64_t unknown = 0;         ///< Reports on packets never sent, or forgotten.
  std::uint64_t clock_jumps = 0;     ///< Arrival times that no network explains.
  std::uint64_t flooded = 0;         ///< Messages beyond limits::kTransportFeedbacksPerSecond.
  std::uint64_t silent_periods = 0;  ///< Seconds in which packets left and no feedback came.
};

/// How much may be sent to one receiver: Google congestion control on transport-wide feedback
/// (draft-ietf-rmcat-gcc-02, with the trend line, the loss model and the probes of today's
/// senders). The delay says when the bottleneck's queue grows, the loss when it overflows, probes
/// how much more there is.
///
/// A pure engine, owned by the transport whose packets it counts. Allocates at construction, and a
/// few times more as its rate grows.
/// What a receiver says is checked against what was sent; one that lies gets at most
/// `Config::max`, or less than it could have.
class CongestionController final {
 public:
  struct Config {
    BitRate start = BitRate::kbps(1000);
    BitRate min = BitRate::kbps(30);
    BitRate max = BitRate::kbps(50'000);
  };
  explicit CongestionController(const Config& config);

  // ---- what was sent ----

  struct PacketSent {
    std::uint16_t sequence = 0;  ///< Transport-wide, each one ahead of the one before.
    std::size_t bytes = 0;       ///< Of the datagram.
    ProbeClusterId probe = 0;
  };
  void on_packet_sent(TimePoint now, const PacketSent& packet);
  /// All that there is to send at present would take this rate. Probes do not go far beyond it.
  void set_wanted(TimePoint now, BitRate rate) { probes_.set_wanted(now, rate); }

  // ---- what the receiver said ----

  void on_feedback(TimePoint now, const rtcp::TransportFeedback& feedback);

  // ---- time ----

  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  /// A probe to be sent from now on, at its rate, with padding where there is too little media.
  /// Until it is complete, all that leaves is part of it.
  std::optional<ProbeCluster> take_probe(TimePoint now);

  // ---- what it comes to ----

  BitRate target_bitrate() const { return target_; }
  /// At which queued packets may leave: above the target, so that a queue drains.
  BitRate pacing_rate() const { return target_ * kPacingFactor; }
  std::optional<BitRate> acknowledged_bitrate() const { return acknowledged_.bitrate(); }
  /// Zero until feedback has come. Includes the time that the receiver took to answer.
  Duration round_trip() const { return round_trip_; }
  double loss() const { return loss_.loss(); }
  BandwidthUsage usage() const { return delay_.usage(); }
  /// That our packets cannot avoid at present.
  Duration queue_delay() const { return queue_.delay(); }
  bool application_limited() const { return application_.limited(); }
  std::size_t bytes_in_flight() const { return sent_.bytes_in_flight(); }
  const CongestionCounters& counters() const { return counters_; }

 private:
  static constexpr double kPacingFactor = 2.5;
  static constexpr Duration kSilence = 1s;
  static constexpr double kSilenceBackoff = 0.8;

  /// What one feedback message has told that is new.
  struct News {
    std::size_t settled = 0;
    std::optional<TimePoint> newest_sent{};
    std::optional<BitRate> probed{};
  };
  bool admit(TimePoint now);
  void take_report(TimePoint now, std::uint16_t sequence, std::optional<Duration> arrival,
                   News& news);
  void take_arrival(TimePoint now, const SentPackets::Sent& packet, Duration arrival, News& news);
  void check_clock(const SentPackets::Sent& packet, Duration arrival);
  void update_rates(TimePoint now, const News& news);
  void update_target(TimePoint now);

  Config config_;
  BitRate target_;
  SentPackets sent_;
  FeedbackClock clock_;
  DelayMonitor delay_;
  StandingQueue queue_;
  AcknowledgedBitrate acknowledged_;
  ApplicationLimited application_;
  std::optional<TimePoint> limited_at_;
  RateControl rate_;
  LossBasedControl loss_;
  ProbeController probes_;
  ProbeEstimator probe_results_;
  /// Between our clock and the receiver's, as of the packet reported last.
  std::optional<Duration> transit_;
  Duration round_trip_{};
  /// The first packet since feedback came last.
  std::optional<TimePoint> unanswered_since_;
  std::optional<TimePoint> admitted_at_;
  Duration admission_credit_{};
  CongestionCounters counters_;
};

}  // namespace vis::media::congestion
