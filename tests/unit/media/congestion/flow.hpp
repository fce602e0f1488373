#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/congestion/controller.hpp"
#include "media/rtp/transport_feedback_recorder.hpp"
#include "support/network.hpp"

namespace vis::media::congestion {

/// One sender with a congestion controller, its path, and the receiver, which reports arrivals by
/// real transport feedback messages. Driven in steps of simulated time.
class Flow final {
 public:
  struct Options {
    CongestionController::Config config{};
    /// What the source can use at the most; it follows the target below that, as an encoder does.
    BitRate source_max = BitRate::kbps(50'000);
    Duration feedback_delay = 20ms;
    double feedback_loss = 0;
    bool feedback = true;
    std::uint64_t seed = 1;
  };
  static constexpr Duration kStep = 1ms;

  Flow(test::Network& network, const Options& options);

  /// All that happens at this moment. Moments are `kStep` apart.
  void step(TimePoint now);

  CongestionController& controller() { return controller_; }
  void set_source_max(BitRate rate) { options_.source_max = rate; }

  // ---- what the receiver saw ----

  struct Seen {
    TimePoint sent;
    TimePoint arrival;
    std::size_t media_bytes = 0;  ///< 0 of padding.
  };
  const std::vector<Seen>& seen() const { return seen_; }
  /// Of media.
  BitRate rate_between(TimePoint from, TimePoint to) const;
  std::size_t padding_bytes() const { return padding_bytes_; }

 private:
  struct InFlight {
    std::uint16_t sequence = 0;
    Seen seen;
  };

  void make_media(TimePoint now);
  void send_due(TimePoint now);
  void send_probe(TimePoint now);
  void send_packet(TimePoint now, std::size_t bytes, bool padding, ProbeClusterId probe);
  void receive(TimePoint now);
  void report(TimePoint now);

  test::Network& network_;
  Options options_;
  CongestionController controller_;
  SeededRandom random_;
  std::uint16_t next_sequence_ = 65'000;  ///< Soon to wrap.

  std::optional<TimePoint> next_frame_;
  std::deque<std::size_t> queue_;
  double budget_bytes_ = 0;
  struct ActiveProbe {
    ProbeCluster cluster;
    TimePoint begun;
    std::size_t sent_bytes = 0;
    std::size_t sent_packets = 0;
  };
  std::optional<ActiveProbe> probe_;
  std::size_t padding_bytes_ = 0;

  std::multimap<TimePoint, InFlight> in_flight_;
  std::multimap<TimePoint, ByteVector> feedback_in_flight_;
  rtp::TransportFeedbackRecorder recorder_;
  std::vector<Seen> seen_;
};

/// What a stretch of a flow was like.
struct FlowReport {
  BitRate rate;
  double utilisation = 0;  ///< Of the capacity given.
  double queue_mean_ms = 0;
  double queue_p95_ms = 0;
  double queue_max_ms = 0;
};
/// On a path of NetworkConditions' usual delay.
FlowReport report_on(const Flow& flow, TimePoint from, TimePoint to, BitRate capacity);

}  // namespace vis::media::congestion
