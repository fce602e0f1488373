#include "core/rooms/connection_score.hpp"

#include <algorithm>

namespace vis::core::rooms {
namespace {

constexpr float kExcellentFrom = 80;
constexpr float kGoodFrom = 40;
constexpr float kPoorFrom = 20;

/// Share of the way towards a sample that is taken at once.
constexpr float kFall = 0.8F;
constexpr float kRecovery = 0.3F;

/// The transmission rating of a perfect connection with default codecs (G.107).
constexpr double kBestRating = 93.2;
/// Loss, in per cent, at which half of the rating is gone; between audio with concealment and
/// video, which suffers sooner.
constexpr double kLossRobustness = 10;

double delay_impairment(double one_way_ms) {
  constexpr double kNoticeableMs = 177.3;
  return 0.024 * one_way_ms + 0.11 * std::max(0.0, one_way_ms - kNoticeableMs);
}

double loss_impairment(double loss) {
  const double percent = std::clamp(loss, 0.0, 1.0) * 100;
  return 95 * percent / (percent + kLossRobustness);
}

/// Pictures smaller than wanted: with a third of the bandwidth a connection is good, and poor with
/// next to none.
double shortage_impairment(double shortage) {
  constexpr double kOfNothing = 65;
  return kOfNothing * std::clamp(shortage, 0.0, 1.0);
}

}  // namespace

float rate(const ConnectionScore::Sample& sample) {
  // A jitter buffer adds about twice the jitter to the way of every packet.
  const double one_way_ms = sample.round_trip_ms / 2.0 + 2.0 * sample.jitter_ms;
  const double rating = kBestRating - delay_impairment(one_way_ms) - loss_impairment(sample.loss) -
                        shortage_impairment(sample.shortage);
  return static_cast<float>(std::clamp(rating / kBestRating * 100, 0.0, 100.0));
}

void ConnectionScore::add(const Sample& sample) {
  const bool alive = sample.connected || sample.receiving;
  if (!alive) {
    score_ = 0;
    return;
  }
  const float rated = rate(sample);
  score_ += (rated - score_) * (rated < score_ ? kFall : kRecovery);
  score_ = std::max(score_, kPoorFrom);
}

ConnectionQuality ConnectionScore::quality() const {
  if (score_ >= kExcellentFrom) return ConnectionQuality::Excellent;
  if (score_ >= kGoodFrom) return ConnectionQuality::Good;
  if (score_ >= kPoorFrom) return ConnectionQuality::Poor;
  return ConnectionQuality::Lost;
}

}  // namespace vis::core::rooms
