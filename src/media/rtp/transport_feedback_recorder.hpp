#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits/media_rtp.hpp"
#include "base/time.hpp"
#include "media/rtcp/feedback.hpp"
#include "media/rtp/sequence.hpp"

namespace vis::media::rtp {

/// Remembers when the packets of one transport arrived, by their transport-wide sequence numbers,
/// and writes the feedback that the sender's bandwidth estimation lives on
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01). Owned by the transport. Allocates with
/// its first packet only, for most transports of a large room receive none; holds
/// limits::kTransportFeedbackWindow sequence numbers, and what falls behind them is never reported.
class TransportFeedbackRecorder final {
 public:
  static constexpr Duration kInterval = 100ms;
  /// As many packets waiting send a report before the interval is over.
  static constexpr std::size_t kEarlyReport = 100;

  void on_packet(TimePoint now, std::uint16_t sequence);

  std::optional<TimePoint> next_deadline() const { return deadline_; }
  /// Writes one feedback message on what arrived since the last one. False when there is nothing
  /// to report; call it again until then. `writer` must have room for
  /// rtcp::TransportFeedbackBuilder::kMaxBytes.
  bool write_report(ByteWriter& writer, const rtcp::FeedbackSsrcs& ssrcs);

 private:
  struct Arrival {
    std::int64_t sequence = std::numeric_limits<std::int64_t>::min();
    TimePoint time{};
  };

  std::size_t index(std::int64_t sequence) const {
    return static_cast<std::uint64_t>(sequence) % arrivals_.size();
  }
  bool arrived(std::int64_t sequence) const {
    return arrivals_[index(sequence)].sequence == sequence;
  }

  SequenceUnwrapper unwrapper_;
  std::vector<Arrival> arrivals_;  ///< A ring, by the low bits of the sequence number.
  std::optional<std::int64_t> highest_;
  std::int64_t next_ = 0;    ///< The first that the next report is about.
  std::size_t waiting_ = 0;  ///< Arrivals since the last report.
  std::uint8_t feedback_count_ = 0;
  std::optional<TimePoint> deadline_;  ///< Set while arrivals wait.
};

}  // namespace vis::media::rtp
