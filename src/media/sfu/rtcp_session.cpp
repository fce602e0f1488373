#include "media/sfu/rtcp_session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "media/rtcp/nack.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "media/rtcp/sender_report.hpp"
#include "media/rtcp/source_description.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {
namespace {

/// Our compounds leave room for SRTCP's trailer in any path's MTU.
using CompoundBuffer = std::array<std::uint8_t, 1200>;
constexpr double kFractionUnit = 256;
/// An SR and the SDES chunk that follows it, at the most.
constexpr std::size_t kSenderReportRoom = 28 + 8 + 2 + rtcp::SourceDescription::kMaxCname + 4;

/// Within what the estimators reckon with, whatever the client says.
congestion::BitRate rate_of(const rtcp::Remb& remb) {
  using congestion::BitRate;
  const auto most = static_cast<std::uint64_t>(BitRate::unlimited().bps());
  return BitRate::bps(static_cast<std::int64_t>(std::min(remb.bitrate_bps, most)));
}

}  // namespace

bool RtcpSession::on_compound(TimePoint now, Bytes datagram, std::span<Receiver* const> published) {
  const auto compound = rtcp::Compound::parse(datagram);
  if (!compound) return false;
  for (const rtcp::Message& message : *compound) take(now, message, published);
  return true;
}

void RtcpSession::take(TimePoint now, const rtcp::Message& message,
                       std::span<Receiver* const> published) {
  if (const auto* report = std::get_if<rtcp::SenderReport>(&message)) {
    for (Receiver* const receiver : published) {
      receiver->for_each_layer([&](Layer& layer) {
        if (layer.ssrc() != report->info.ssrc) return;
        layer.on_sender_report(now, report->info.ntp, report->info.rtp_timestamp);
      });
    }
    take_report_blocks(now, report->reports);
  } else if (const auto* reports = std::get_if<rtcp::ReceiverReport>(&message)) {
    take_report_blocks(now, reports->reports);
  } else if (const auto* nack = std::get_if<rtcp::Nack>(&message)) {
    Sender* const sender = outbound_.by_ssrc(nack->ssrcs.media);
    if (sender == nullptr) return;
    nack->for_each_lost([&](std::uint16_t sequence) { sender->on_nack(now, sequence); });
  } else if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&message)) {
    if (Sender* const sender = outbound_.by_ssrc(pli->ssrcs.media)) {
      sender->on_key_frame_request(now);
    }
  } else if (const auto* fir = std::get_if<rtcp::FullIntraRequest>(&message)) {
    for (const rtcp::FirEntry entry : fir->entries) {
      if (Sender* const sender = outbound_.by_ssrc(entry.ssrc)) sender->on_key_frame_request(now);
    }
  } else if (const auto* feedback = std::get_if<rtcp::TransportFeedback>(&message)) {
    outbound_.on_feedback(now, *feedback);
  } else if (const auto* remb = std::get_if<rtcp::Remb>(&message)) {
    outbound_.on_receiver_estimate(now, rate_of(*remb));
  } else if (const auto* goodbye = std::get_if<rtcp::Goodbye>(&message)) {
    take_goodbye(now, *goodbye, published);
  }
}

/// A publisher that switches a layer off says so: subscribers need not wait for its silence.
void RtcpSession::take_goodbye(TimePoint now, const rtcp::Goodbye& goodbye,
                               std::span<Receiver* const> published) {
  for (const rtcp::SsrcItem source : goodbye.sources) {
    for (Receiver* const receiver : published) {
      receiver->for_each_layer([&](Layer& layer) {
        if (layer.ssrc() == source.ssrc) layer.on_goodbye();
      });
      receiver->review_layers(now);
    }
  }
}

void RtcpSession::take_report_blocks(TimePoint now,
                                     const rtcp::WireList<rtcp::ReportBlock>& blocks) {
  for (const rtcp::ReportBlock block : blocks) {
    Sender* const sender = outbound_.by_ssrc(block.ssrc);
    if (sender != nullptr && sender->ssrc() == block.ssrc) sender->on_report_block(now, block);
  }
}

std::optional<TimePoint> RtcpSession::next_deadline(std::span<Receiver* const> published) const {
  if (!report_at_) return std::nullopt;
  std::optional<TimePoint> next = report_at_;
  const auto consider = [&](std::optional<TimePoint> deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  consider(inbound_.feedback().next_deadline());
  consider(estimate_at_);
  for (Receiver* const receiver : published) {
    receiver->for_each_layer([&](const Layer& layer) { consider(layer.next_deadline()); });
  }
  return next;
}

void RtcpSession::on_deadline(TimePoint now, std::span<Receiver* const> published) {
  if (!report_at_) return;
  if (const auto due = inbound_.feedback().next_deadline(); due && *due <= now) {
    send_transport_feedback();
  }
  if (estimate_at_ && *estimate_at_ <= now) send_receiver_estimate(now, published);
  for (Receiver* const receiver : published) {
    send_nacks(now, *receiver);
    send_key_frame_requests(now, *receiver);
  }
  if (*report_at_ > now) return;
  report_at_ = now + kReportInterval;
  if (!estimate_at_) send_receiver_estimate(now, published);
  send_receiver_reports(now, published);
  send_sender_reports(now);
}

void RtcpSession::send_nacks(TimePoint now, Receiver& receiver) {
  receiver.for_each_layer([&](Layer& layer) {
    const auto due = layer.nacks().next_deadline();
    if (!due || *due > now) return;
    const auto request = layer.nacks().on_deadline(now);
    if (request.key_frame) receiver.request_key_frame(now, layer.index());
    if (request.lost.empty()) return;
    layer.on_nacked(request.lost.size());
    CompoundBuffer buffer;
    ByteWriter writer{buffer};
    rtcp::Nack::write(writer, {.sender = own_ssrc_, .media = layer.ssrc()}, request.lost);
    outbound_.send_rtcp(writer.written());
  });
}

void RtcpSession::send_key_frame_requests(TimePoint now, Receiver& receiver) {
  receiver.for_each_layer([&](Layer& layer) {
    if (!layer.key_frames().take_due(now)) return;
    layer.on_key_frame_requested();
    CompoundBuffer buffer;
    ByteWriter writer{buffer};
    rtcp::PictureLossIndication::write(writer, {.sender = own_ssrc_, .media = layer.ssrc()});
    outbound_.send_rtcp(writer.written());
  });
}

void RtcpSession::send_transport_feedback() {
  const rtcp::FeedbackSsrcs ssrcs{.sender = own_ssrc_, .media = inbound_.any_source()};
  for (;;) {
    CompoundBuffer buffer;
    ByteWriter writer{buffer};
    if (!inbound_.feedback().write_report(writer, ssrcs)) return;
    outbound_.send_rtcp(writer.written());
  }
}

void RtcpSession::send_receiver_estimate(TimePoint now, std::span<Receiver* const> published) {
  estimate_at_.reset();
  const auto estimate = inbound_.receive_estimate(now);
  const bool understood = std::ranges::any_of(published, [](const Receiver* receiver) {
    return receiver->bound() && std::ranges::any_of(receiver->codec().codec.feedback,
                                                    [](const sdp::RtcpFeedback& feedback) {
                                                      return feedback.type == "goog-remb";
                                                    });
  });
  if (!estimate || !understood) return;
  estimate_at_ = now + kEstimateInterval;
  CompoundBuffer buffer;
  ByteWriter writer{buffer};
  const std::array sources{inbound_.any_source()};
  const bool written =
      rtcp::Remb::write(writer, own_ssrc_, static_cast<std::uint64_t>(estimate->bps()), sources);
  VIS_ASSERT(written);
  outbound_.send_rtcp(writer.written());
}

void RtcpSession::send_receiver_reports(TimePoint now, std::span<Receiver* const> published) {
  std::array<rtcp::ReportBlock, rtcp::kMaxCount> blocks;
  std::size_t count = 0;
  jitter_ = Duration::zero();
  for (Receiver* const receiver : published) {
    receiver->for_each_layer([&](Layer& layer) {
      if (count == blocks.size()) return;
      jitter_ = std::max(jitter_, layer.statistics().jitter());
      const auto block = layer.statistics().report(now, layer.ssrc());
      if (!block) return;
      blocks[count++] = *block;
      ++reported_;
      lost_ += block->fraction_lost / kFractionUnit;
    });
  }
  if (count == 0) return;
  CompoundBuffer buffer;
  ByteWriter writer{buffer};
  rtcp::ReceiverReport::write(writer, own_ssrc_, std::span{blocks}.first(count));
  outbound_.send_rtcp(writer.written());
}

void RtcpSession::send_sender_reports(TimePoint now) {
  CompoundBuffer buffer;
  ByteWriter writer{buffer};
  outbound_.for_each_sender([&](const SubscribeConfig& config, Sender& sender) {
    const auto report = sender.make_report(now);
    if (!report) return;
    if (writer.remaining() < kSenderReportRoom) {
      outbound_.send_rtcp(writer.written());
      writer = ByteWriter{buffer};
    }
    rtcp::SenderReport::write(writer, *report, {});
    rtcp::SourceDescription::write(writer, sender.ssrc(), config.stream_id);
  });
  if (writer.size() != 0) outbound_.send_rtcp(writer.written());
}

RtcpSession::Uplink RtcpSession::take_uplink() {
  const Uplink uplink{.loss = reported_ == 0 ? 0 : lost_ / reported_, .jitter = jitter_};
  lost_ = 0;
  reported_ = 0;
  return uplink;
}

Sender::Quality RtcpSession::downlink() const {
  Sender::Quality worst;
  outbound_.for_each_sender([&](const SubscribeConfig&, const Sender& sender) {
    if (!sender.quality()) return;
    worst.loss = std::max(worst.loss, sender.quality()->loss);
    worst.round_trip = std::max(worst.round_trip, sender.quality()->round_trip);
  });
  return worst;
}

}  // namespace vis::media::sfu
