#include "unit/media/congestion/flow.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "media/rtcp/compound.hpp"

namespace vis::media::congestion {
namespace {

constexpr std::size_t kPacketBytes = 1200;
constexpr std::size_t kPaddingBytes = 280;  ///< RTP padding has 255 bytes at the most.
/// The receiver counts its time from elsewhere.
constexpr Duration kReceiverClock = 12'345s;
constexpr Duration kFrameTime = 33ms;
/// Beyond it the source would rather drop frames than wait.
constexpr Duration kMaxQueueTime = 300ms;

}  // namespace

Flow::Flow(test::Network& network, const Options& options)
    : network_(network), options_(options), controller_(options.config), random_(options.seed) {}

void Flow::step(TimePoint now) {
  receive(now);
  if (const auto due = controller_.next_deadline(); due && *due <= now) {
    controller_.on_deadline(now);
    if (!probe_) {
      if (const auto cluster = controller_.take_probe(now)) {
        probe_ = {.cluster = *cluster, .begun = now};
      }
    }
  }
  make_media(now);
  send_probe(now);
  send_due(now);
}

void Flow::make_media(TimePoint now) {
  if (!next_frame_) next_frame_ = now;
  if (now < *next_frame_) return;
  *next_frame_ += kFrameTime;
  const BitRate rate = std::min(controller_.target_bitrate(), options_.source_max);
  std::size_t queued = 0;
  for (const std::size_t bytes : queue_) queued += bytes;
  if (queued > rate.bytes_in(kMaxQueueTime)) return;
  // Frames differ in size, by a quarter up and down.
  const double scale = 0.75 + static_cast<double>(random_.below(1001)) / 2000;
  std::size_t frame = (rate * scale).bytes_in(kFrameTime);
  const std::size_t packets = (frame + kPacketBytes - 1) / kPacketBytes;
  for (std::size_t left = packets; left > 0; --left) {
    const std::size_t bytes = frame / left;
    queue_.push_back(bytes);
    frame -= bytes;
  }
}

void Flow::send_probe(TimePoint now) {
  if (!probe_) return;
  const std::size_t due = probe_->cluster.rate.bytes_in(now - probe_->begun + kStep);
  while (probe_ && probe_->sent_bytes < due) {
    const bool padding = queue_.empty();
    const std::size_t bytes = padding ? kPaddingBytes : queue_.front();
    if (!padding) queue_.pop_front();
    send_packet(now, bytes, padding, probe_->cluster.id);
    probe_->sent_bytes += bytes;
    ++probe_->sent_packets;
    if (probe_->sent_bytes >= probe_->cluster.min_bytes &&
        probe_->sent_packets >= probe_->cluster.min_packets) {
      probe_.reset();
    }
  }
}

void Flow::send_due(TimePoint now) {
  const auto step_bytes = static_cast<double>(controller_.pacing_rate().bytes_in(kStep));
  budget_bytes_ = std::min(budget_bytes_ + step_bytes, step_bytes);
  // Whatever leaves during a probe is part of it, or it would be measured too low.
  if (probe_) return;
  while (!queue_.empty() && budget_bytes_ > 0) {
    budget_bytes_ -= static_cast<double>(queue_.front());
    send_packet(now, queue_.front(), false, 0);
    queue_.pop_front();
  }
}

void Flow::send_packet(TimePoint now, std::size_t bytes, bool padding, ProbeClusterId probe) {
  if (padding) padding_bytes_ += bytes;
  const std::uint16_t sequence = next_sequence_++;
  controller_.on_packet_sent(now, {.sequence = sequence, .bytes = bytes, .probe = probe});
  const auto arrival = network_.send(now, bytes);
  if (!arrival) return;
  in_flight_.emplace(
      *arrival,
      InFlight{.sequence = sequence,
               .seen = {.sent = now, .arrival = *arrival, .media_bytes = padding ? 0 : bytes}});
}

void Flow::receive(TimePoint now) {
  while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
    const InFlight& packet = in_flight_.begin()->second;
    recorder_.on_packet(packet.seen.arrival + kReceiverClock, packet.sequence);
    seen_.push_back(packet.seen);
    in_flight_.erase(in_flight_.begin());
  }
  report(now);
  while (!feedback_in_flight_.empty() && feedback_in_flight_.begin()->first <= now) {
    const ByteVector bytes = std::move(feedback_in_flight_.begin()->second);
    feedback_in_flight_.erase(feedback_in_flight_.begin());
    const auto compound = rtcp::Compound::parse(bytes);
    for (const rtcp::Message& message : *compound) {
      controller_.on_feedback(now, std::get<rtcp::TransportFeedback>(message));
    }
  }
}

void Flow::report(TimePoint now) {
  const auto due = recorder_.next_deadline();
  if (!options_.feedback || !due || *due > now + kReceiverClock) return;
  for (;;) {
    std::array<std::uint8_t, rtcp::TransportFeedbackBuilder::kMaxBytes> buffer{};
    ByteWriter writer{buffer};
    if (!recorder_.write_report(writer, {.sender = 1, .media = 2})) return;
    if (static_cast<double>(random_.below(1000)) < options_.feedback_loss * 1000) continue;
    const Bytes bytes = writer.written();
    feedback_in_flight_.emplace(now + options_.feedback_delay,
                                ByteVector{bytes.begin(), bytes.end()});
  }
}

BitRate Flow::rate_between(TimePoint from, TimePoint to) const {
  std::size_t bytes = 0;
  for (const Seen& packet : seen_) {
    if (packet.arrival >= from && packet.arrival < to) bytes += packet.media_bytes;
  }
  return BitRate::of(bytes, to - from);
}

FlowReport report_on(const Flow& flow, TimePoint from, TimePoint to, BitRate capacity) {
  constexpr Duration kDelay = test::NetworkConditions{}.delay;
  FlowReport report{.rate = flow.rate_between(from, to)};
  report.utilisation = report.rate / capacity;
  std::vector<double> waits;
  for (const Flow::Seen& packet : flow.seen()) {
    if (packet.arrival < from || packet.arrival >= to) continue;
    waits.push_back(to_ms(packet.arrival - packet.sent - kDelay));
    report.queue_mean_ms += waits.back();
  }
  if (waits.empty()) return report;
  std::ranges::sort(waits);
  report.queue_mean_ms /= static_cast<double>(waits.size());
  report.queue_p95_ms = waits[waits.size() * 95 / 100];
  report.queue_max_ms = waits.back();
  return report;
}

}  // namespace vis::media::congestion
