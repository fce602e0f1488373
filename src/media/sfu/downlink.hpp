#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/controller.hpp"
#include "media/rtcp/transport_feedback.hpp"
#include "media/sfu/deadline_table.hpp"

namespace vis::media::sfu {

/// What all packets of one transport share on their way to its client: their transport-wide
/// numbers, the congestion controller that learns from the feedback on them, and the probe that is
/// being sent. Owned by the transport's Outbound, from when its client has agreed to the numbers.
class Downlink final {
 public:
  Downlink() : controller_(congestion::CongestionController::Config{}) {}

  // ---- packet path ----

  /// That of the next packet, until `on_packet_sent`.
  std::uint16_t next_sequence() const { return next_sequence_; }
  void on_packet_sent(TimePoint now, std::size_t bytes) {
    controller_.on_packet_sent(now, {.sequence = next_sequence_++,
                                     .bytes = bytes,
                                     .probe = probe_ ? probe_->cluster.id : std::uint8_t{0}});
    if (probe_) count_probe(bytes);
    if (!first_sent_at_) first_sent_at_ = now;
  }

  /// The packets take another path from now on. Their numbers go on.
  void restart();

  // ---- feedback and time ----

  void on_feedback(TimePoint now, const rtcp::TransportFeedback& feedback) {
    controller_.on_feedback(now, feedback);
  }
  /// Begins a probe if one is due; `can_pad` says whether there is a stream to put padding on.
  void on_deadline(TimePoint now, bool can_pad);
  std::optional<TimePoint> next_deadline() const;
  /// Whether the probe under way is behind its rate for want of media.
  bool wants_padding(TimePoint now) const;
  /// Zero while there is no probe under way.
  congestion::BitRate probe_rate() const {
    return probe_ ? probe_->cluster.rate : congestion::BitRate{};
  }

  /// The estimate, once there is feedback for it to rest on and the first probes have been
  /// answered. A client that has agreed to the numbers and never speaks of them is sent what it
  /// asks for, as one that knows no numbers.
  std::optional<congestion::BitRate> estimate(TimePoint now) const {
    if (controller_.counters().received == 0 || now - *first_sent_at_ < kSettling) {
      return std::nullopt;
    }
    return controller_.target_bitrate();
  }
  congestion::CongestionController& controller() { return controller_; }

 private:
  static constexpr Duration kSettling = 1s;

  struct Probe {
    congestion::ProbeCluster cluster;
    TimePoint begun_at{};
    std::size_t bytes = 0;
    std::size_t packets = 0;
    TimePoint next_step{};
  };
  void count_probe(std::size_t bytes);

  congestion::CongestionController controller_;
  std::uint16_t next_sequence_ = 1;
  std::optional<TimePoint> first_sent_at_;
  std::optional<Probe> probe_;
};

}  // namespace vis::media::sfu
