#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/rtcp/ntp_time.hpp"
#include "media/rtcp/report_block.hpp"

namespace vis::media::rtp {

/// Counts what arrives of one SSRC, for the report blocks of receiver reports (RFC 3550 appendix
/// A). Owned by the received stream. Feed it with authenticated packets only: it has no probation
/// period (A.1), which is there to tell sources from noise.
class ReceiveStatistics final {
 public:
  explicit ReceiveStatistics(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

  /// False when the sequence number is so far off that the packet is not counted; two in a row
  /// mean that the sender started anew, and so does the count.
  bool on_packet(TimePoint now, std::uint16_t sequence, std::uint32_t timestamp);
  void on_sender_report(TimePoint now, rtcp::NtpTime ntp);

  /// The block for the report that is sent now; the next one's fraction counts from here. Nothing
  /// before the first packet.
  std::optional<rtcp::ReportBlock> report(TimePoint now, std::uint32_t ssrc);

  std::uint32_t packets_received() const { return received_; }
  std::int64_t packets_lost() const { return static_cast<std::int64_t>(expected()) - received_; }
  Duration jitter() const;

 private:
  void restart(std::uint16_t sequence);
  void update_jitter(TimePoint now, std::uint32_t timestamp);
  std::uint32_t to_clock(TimePoint now) const;
  std::uint32_t expected() const { return started_ ? cycles_ + highest_ - first_sequence_ + 1 : 0; }

  std::uint32_t clock_rate_;
  bool started_ = false;
  std::uint16_t first_sequence_ = 0;
  std::uint16_t highest_ = 0;
  std::uint32_t cycles_ = 0;  ///< Wraps, in steps of 2^16.
  std::uint32_t received_ = 0;
  std::optional<std::uint16_t> restart_candidate_;
  std::uint32_t expected_before_ = 0;
  std::uint32_t received_before_ = 0;
  std::uint32_t jitter_x16_ = 0;
  std::uint32_t last_timestamp_ = 0;
  std::uint32_t last_transit_ = 0;
  bool has_transit_ = false;
  std::uint32_t last_sender_report_ = 0;
  TimePoint last_sender_report_at_{};
};

}  // namespace vis::media::rtp
