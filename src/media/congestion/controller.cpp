#include "media/congestion/controller.hpp"

#include <algorithm>
#include <limits>

#include "base/limits/media_congestion.hpp"

namespace vis::media::congestion {
namespace {

/// A packet's delay that differs by more from that of the packet before is no delay: the receiver
/// counts its time from elsewhere.
constexpr Duration kClockJump = 3s;
/// What one message costs of the time that fills the admission credit.
constexpr Duration kAdmissionPrice =
    Duration{1s} / static_cast<std::int64_t>(limits::kTransportFeedbacksPerSecond);
constexpr Duration kAdmissionDepth = 1s;
/// Weight of a new round trip time.
constexpr int kRoundTripSmoothing = 8;
/// So long after little was sent, what is acknowledged has not caught up with what is sent.
constexpr Duration kLately = 500ms;

}  // namespace

CongestionController::CongestionController(const Config& config)
    : config_(config),
      target_(config.start),
      rate_(config.start, config.min, config.max),
      loss_(config.min, config.max),
      probes_(config.max) {
  application_.set_target(target_);
}

void CongestionController::on_packet_sent(TimePoint now, const PacketSent& packet) {
  if (sent_.empty()) probes_.start(now, target_);
  const std::size_t bytes =
      std::min<std::size_t>(packet.bytes, std::numeric_limits<std::uint16_t>::max());
  sent_.add(packet.sequence, static_cast<std::uint16_t>(bytes), now, packet.probe);
  if (!unanswered_since_) unanswered_since_ = now;
  const bool was_limited = application_.limited();
  application_.on_packet_sent(now, bytes);
  if (was_limited && !application_.limited()) acknowledged_.expect_change();
  if (application_.limited()) limited_at_ = now;
}

bool CongestionController::admit(TimePoint now) {
  admission_credit_ = admitted_at_ ? admission_credit_ + (now - *admitted_at_) : kAdmissionDepth;
  admission_credit_ = std::min(admission_credit_, kAdmissionDepth);
  admitted_at_ = now;
  if (admission_credit_ < kAdmissionPrice) return false;
  admission_credit_ -= kAdmissionPrice;
  return true;
}

void CongestionController::on_feedback(TimePoint now, const rtcp::TransportFeedback& feedback) {
  ++counters_.feedbacks;
  if (!admit(now)) {
    ++counters_.flooded;
    return;
  }
  const Duration offset = clock_.offset(feedback.reference_time);
  News news;
  feedback.for_each([&](std::uint16_t sequence, std::optional<Duration> arrival) {
    if (arrival) *arrival += offset;
    take_report(now, sequence, arrival, news);
  });
  if (news.settled == 0) return;
  unanswered_since_.reset();
  if (news.newest_sent) {
    const Duration measured = now - *news.newest_sent;
    round_trip_ = round_trip_ == Duration::zero()
                      ? measured
                      : round_trip_ + (measured - round_trip_) / kRoundTripSmoothing;
  }
  update_rates(now, news);
}

void CongestionController::take_report(TimePoint now, std::uint16_t sequence,
                                       std::optional<Duration> arrival, News& news) {
  const SentPackets::Sent* const packet = sent_.find(sequence);
  if (packet == nullptr) {
    ++counters_.unknown;
    return;
  }
  const auto fate = arrival ? SentPackets::Fate::Received : SentPackets::Fate::Lost;
  switch (sent_.settle(*packet, fate)) {
    case SentPackets::Change::None:
      if (arrival) ++counters_.repeated;
      return;
    case SentPackets::Change::BecameLost:
      ++counters_.lost;
      loss_.on_lost(packet->at, packet->bytes);
      break;
    case SentPackets::Change::Recovered:
      loss_.on_recovered(packet->bytes);
      take_arrival(now, *packet, *arrival, news);
      break;
    case SentPackets::Change::BecameReceived:
      loss_.on_received(packet->at, packet->bytes);
      take_arrival(now, *packet, *arrival, news);
      break;
  }
  ++news.settled;
}

void CongestionController::take_arrival(TimePoint now, const SentPackets::Sent& packet,
                                        Duration arrival, News& news) {
  ++counters_.received;
  check_clock(packet, arrival);
  news.newest_sent = std::max(news.newest_sent.value_or(packet.at), packet.at);
  queue_.on_packet(now, arrival - packet.at.time_since_epoch());
  if (packet.probe == 0) {
    delay_.on_packet(now, packet.at, arrival);
  } else {
    delay_.on_probe_packet();
  }
  acknowledged_.on_packet(arrival, packet.bytes, application_.limited());
  const auto probed = probe_results_.on_packet(
      {.probe = packet.probe, .sent = packet.at, .arrival = arrival, .bytes = packet.bytes});
  if (probed) news.probed = probed;
}

void CongestionController::check_clock(const SentPackets::Sent& packet, Duration arrival) {
  const Duration transit = arrival - packet.at.time_since_epoch();
  if (transit_ && std::chrono::abs(transit - *transit_) > kClockJump) {
    ++counters_.clock_jumps;
    delay_.reset();
    queue_ = {};
    acknowledged_.reset();
  }
  transit_ = transit;
}

void CongestionController::update_rates(TimePoint now, const News& news) {
  const auto acknowledged = acknowledged_.bitrate();
  const bool limited = application_.limited();
  if (news.probed && delay_.usage() != BandwidthUsage::Overuse) {
    // A probe that was slower than what flows beside it has met a moment's cross traffic.
    const BitRate flows = std::min(target_, acknowledged.value_or(BitRate{}));
    const BitRate probed = std::max(*news.probed, flows);
    rate_.set_target(now, probed);
    acknowledged_.expect_change();
    loss_.on_probe(probed);
    probes_.on_result(now, probed);
  } else {
    rate_.update(now, {.usage = delay_.usage(),
                       .acknowledged = acknowledged,
                       .application_limited = limited,
                       .lately_limited = limited_at_ && now - *limited_at_ < kLately + round_trip_,
                       .standing_queue = queue_.wants_drain(now),
                       .queue_delay = queue_.delay(),
                       .round_trip = round_trip_});
  }
  loss_.update(now, {.delay_based = rate_.target(),
                     .acknowledged = acknowledged,
                     .application_limited = limited,
                     .queue_delay = queue_.delay()});
  update_target(now);
}

void CongestionController::update_target(TimePoint now) {
  target_ = std::clamp(std::min(rate_.target(), loss_.limit().value_or(config_.max)), config_.min,
                       config_.max);
  application_.set_target(target_);
  probes_.on_estimate(now, target_);
}

void CongestionController::on_deadline(TimePoint now) {
  if (!unanswered_since_ || now - *unanswered_since_ < kSilence) return;
  // Nothing comes through, or nothing comes back: either way nothing is known any more.
  unanswered_since_ = now;
  ++counters_.silent_periods;
  rate_.set_target(now, target_ * kSilenceBackoff);
  update_target(now);
}

std::optional<TimePoint> CongestionController::next_deadline() const {
  std::optional<TimePoint> next = probes_.next_deadline();
  if (unanswered_since_ && (!next || *unanswered_since_ + kSilence < *next)) {
    next = *unanswered_since_ + kSilence;
  }
  return next;
}

std::optional<ProbeCluster> CongestionController::take_probe(TimePoint now) {
  const auto cluster = probes_.take_due(now);
  if (cluster) probe_results_.expect(*cluster);
  return cluster;
}

}  // namespace vis::media::congestion
