#include "media/rtp/receive_statistics.hpp"

#include <algorithm>

namespace vis::media::rtp {
namespace {

// RFC 3550 appendix A.1.
constexpr std::uint16_t kMaxDropout = 3000;
constexpr std::uint16_t kMaxMisorder = 100;
constexpr std::uint32_t kSequenceCycle = 1U << 16;

}  // namespace

bool ReceiveStatistics::on_packet(TimePoint now, std::uint16_t sequence, std::uint32_t timestamp) {
  if (!started_) restart(sequence);
  const auto ahead = static_cast<std::uint16_t>(sequence - highest_);
  const auto behind = static_cast<std::uint16_t>(highest_ - sequence);
  if (ahead < kMaxDropout) {
    if (sequence < highest_) cycles_ += kSequenceCycle;
    highest_ = sequence;
    update_jitter(now, timestamp);
  } else if (behind >= kMaxMisorder) {
    if (restart_candidate_ != sequence) {
      restart_candidate_ = static_cast<std::uint16_t>(sequence + 1);
      return false;
    }
    restart(sequence);
    update_jitter(now, timestamp);
  }
  ++received_;
  return true;
}

void ReceiveStatistics::restart(std::uint16_t sequence) {
  started_ = true;
  first_sequence_ = sequence;
  highest_ = sequence;
  cycles_ = 0;
  received_ = 0;
  expected_before_ = 0;
  received_before_ = 0;
  restart_candidate_.reset();
  has_transit_ = false;
}

/// RFC 3550 appendix A.8, with one sample per timestamp: the packets of a video frame share their
/// sampling instant but not their sending time.
void ReceiveStatistics::update_jitter(TimePoint now, std::uint32_t timestamp) {
  if (has_transit_ && timestamp == last_timestamp_) return;
  const std::uint32_t transit = to_clock(now) - timestamp;
  if (has_transit_) {
    const auto change = static_cast<std::int32_t>(transit - last_transit_);
    // Five seconds are a sender's pause or a new clock, not jitter.
    const std::int64_t size = std::abs(std::int64_t{change});
    if (size < std::int64_t{5} * clock_rate_) {
      jitter_x16_ += static_cast<std::uint32_t>(size) - ((jitter_x16_ + 8) >> 4);
    }
  }
  last_transit_ = transit;
  last_timestamp_ = timestamp;
  has_transit_ = true;
}

std::uint32_t ReceiveStatistics::to_clock(TimePoint now) const {
  const auto since = now.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = static_cast<std::uint64_t>((since - seconds).count());
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(seconds.count()) * clock_rate_ +
                                    rest * clock_rate_ / 1'000'000'000);
}

void ReceiveStatistics::on_sender_report(TimePoint now, rtcp::NtpTime ntp) {
  last_sender_report_ = ntp.middle();
  last_sender_report_at_ = now;
}

/// RFC 3550 appendix A.3.
std::optional<rtcp::ReportBlock> ReceiveStatistics::report(TimePoint now, std::uint32_t ssrc) {
  if (!started_) return std::nullopt;
  const std::uint32_t expected_now = expected();
  const std::uint32_t expected_since = expected_now - expected_before_;
  const std::int64_t lost_since =
      std::int64_t{expected_since} - std::int64_t{received_ - received_before_};
  expected_before_ = expected_now;
  received_before_ = received_;

  rtcp::ReportBlock block{.ssrc = ssrc};
  if (lost_since > 0) {
    // All lost would be 256 of 256, one more than the field can say.
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_since * 256 / expected_since));
  }
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      packets_lost(), rtcp::ReportBlock::kMinLost, rtcp::ReportBlock::kMaxLost));
  block.extended_highest_sequence = cycles_ + highest_;
  block.jitter = jitter_x16_ >> 4;
  block.last_sender_report = last_sender_report_;
  if (last_sender_report_ != 0) {
    block.delay_since_last_sender_report = rtcp::to_compact_ntp(now - last_sender_report_at_);
  }
  return block;
}

Duration ReceiveStatistics::jitter() const {
  return Duration{std::int64_t{1'000'000'000} * (jitter_x16_ >> 4) / clock_rate_};
}

}  // namespace vis::media::rtp
