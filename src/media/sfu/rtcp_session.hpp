#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "media/rtcp/compound.hpp"
#include "media/sfu/inbound.hpp"
#include "media/sfu/outbound.hpp"

namespace vis::media::sfu {

class Receiver;

/// The control protocol of one transport, both ways: reports and feedback of the client go to the
/// layers and senders they are about; ours are made when they are due. Owned by its transport.
class RtcpSession final {
 public:
  /// `own_ssrc` is the source of our feedback; no stream has it.
  RtcpSession(std::uint32_t own_ssrc, Inbound& inbound, Outbound& outbound)
      : own_ssrc_(own_ssrc), inbound_(inbound), outbound_(outbound) {}

  /// A compound packet in the clear. False when it is malformed; nothing of it is then acted upon.
  bool on_compound(TimePoint now, Bytes datagram, std::span<Receiver* const> published);

  /// Media flows: reports and feedback begin. Again, while they flow, changes nothing.
  void start(TimePoint now) {
    if (!report_at_) report_at_ = now + kFirstReport;
  }
  void stop() {
    report_at_.reset();
    estimate_at_.reset();
  }
  void on_deadline(TimePoint now, std::span<Receiver* const> published);
  std::optional<TimePoint> next_deadline(std::span<Receiver* const> published) const;

  /// What the client's packets looked like since the last call.
  struct Uplink {
    double loss = 0;  ///< 0..1
    Duration jitter{};
  };
  Uplink take_uplink();
  /// The worst of what the client's reports say of our packets.
  Sender::Quality downlink() const;

 private:
  static constexpr Duration kFirstReport = 200ms;
  static constexpr Duration kReportInterval = 1s;
  static constexpr Duration kEstimateInterval = 250ms;

  void take(TimePoint now, const rtcp::Message& message, std::span<Receiver* const> published);
  void take_report_blocks(TimePoint now, const rtcp::WireList<rtcp::ReportBlock>& blocks);
  static void take_goodbye(TimePoint now, const rtcp::Goodbye& goodbye,
                           std::span<Receiver* const> published);
  void send_nacks(TimePoint now, Receiver& receiver);
  void send_key_frame_requests(TimePoint now, Receiver& receiver);
  void send_transport_feedback();
  /// REMB, to a client that goes by it.
  void send_receiver_estimate(TimePoint now, std::span<Receiver* const> published);
  void send_receiver_reports(TimePoint now, std::span<Receiver* const> published);
  void send_sender_reports(TimePoint now);

  std::uint32_t own_ssrc_;
  Inbound& inbound_;
  Outbound& outbound_;
  std::optional<TimePoint> report_at_;
  std::optional<TimePoint> estimate_at_;  ///< While there is an estimate to tell.
  double lost_ = 0;  ///< Sum of the fractions that we reported, and how many they are.
  int reported_ = 0;
  Duration jitter_{};
};

}  // namespace vis::media::sfu
