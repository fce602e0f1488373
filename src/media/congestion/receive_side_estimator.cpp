#include "media/congestion/receive_side_estimator.hpp"

#include <algorithm>

namespace vis::media::congestion {
namespace {

constexpr std::uint32_t kWrap = 1U << 24;
constexpr std::uint32_t kUnitsPerSecond = 1U << 18;

}  // namespace

TimePoint ReceiveSideEstimator::departure(std::uint32_t sent) {
  const std::uint32_t ahead = (sent - last_sent_.value_or(sent)) % kWrap;
  // The half of the circle behind is the past: packets overtake each other.
  const auto step = ahead < kWrap / 2 ? std::int64_t{ahead} : std::int64_t{ahead} - kWrap;
  sent_ += Duration{1s} * step / kUnitsPerSecond;
  last_sent_ = sent;
  return TimePoint{sent_};
}

void ReceiveSideEstimator::on_packet(TimePoint now, std::uint32_t sent, std::size_t bytes) {
  if (!last_packet_ || now - *last_packet_ > kSilence) *this = {};
  last_packet_ = now;
  const Duration arrival = now.time_since_epoch();
  delay_.on_packet(now, departure(sent), arrival);
  const bool first = !received_.bitrate();
  received_.on_packet(arrival, bytes, false);
  // What arrives is carried: nobody is asked to send less than that to begin with.
  if (first && received_.bitrate()) rate_.set_target(now, std::max(kStart, *received_.bitrate()));
  if (now - updated_at_ < kUpdate && delay_.usage() != BandwidthUsage::Overuse) return;
  updated_at_ = now;
  rate_.update(
      now,
      {.usage = delay_.usage(), .acknowledged = received_.bitrate(), .round_trip = 2 * kUpdate});
}

std::optional<BitRate> ReceiveSideEstimator::estimate(TimePoint now) const {
  if (!received_.bitrate() || !last_packet_ || now - *last_packet_ > kSilence) return std::nullopt;
  return rate_.target();
}

}  // namespace vis::media::congestion
