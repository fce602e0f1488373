#include "media/congestion/loss_based_control.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace vis::media::congestion {
namespace {

constexpr double kBytesPerUnit = 1000;  ///< About a packet: what the likelihoods count.
constexpr double kAging = 0.9;          ///< Weight of an observation against the one after it.

constexpr std::array kFactors{1.02, 1.0, 0.95};

/// The loss that the path itself may be held responsible for. The faster, the less: fast paths
/// that lose every tenth packet for nothing are rare, full queues are not.
constexpr double kMinInherentLoss = 0.001;
constexpr double kMaxInherentLoss = 0.05;
constexpr double kInherentLossKbps = 100;

/// Above this loss the rate is bounded whatever the model says.
constexpr double kToleratedLoss = 0.05;
constexpr double kBoundKbps = 75;

/// Of two rates that explain the losses alike the higher is preferred, until so much is lost.
constexpr double kPreferenceLoss = 0.15;
constexpr double kPreferenceSoftness = 0.002;
constexpr double kPreferencePerKbps = 0.0002;
constexpr double kPreferencePerLogKbps = 0.02;

/// Below this share of the highest rate of late, a path that was full is not full any more.
constexpr double kLowRate = 0.75;
/// Per observation: the highest rate is forgotten by half within ten seconds.
constexpr double kReferenceAging = 0.983;
/// With fewer bytes sent at a low rate, what is lost of them is chance.
constexpr double kFloorBytes = 40'000;
constexpr Duration kShortQueue = 30ms;
constexpr double kCloseTo = 0.15;
/// A loss this far above the path's own is more than chance.
constexpr double kFloorNoise = 1.15;

constexpr int kNewtonSteps = 2;
constexpr double kNewtonStepSize = 0.75;

constexpr Duration kStepTime = 300ms;
constexpr double kStepFactor = 1.3;
constexpr double kHeadroom = 1.5;

/// What of a flow sent at `sent_kbps` gets through a bottleneck of `rate_kbps`.
double passing_share(double rate_kbps, double sent_kbps) {
  return sent_kbps > rate_kbps ? rate_kbps / sent_kbps : 1.0;
}

}  // namespace

void LossBasedControl::on_received(TimePoint sent, std::size_t bytes) { add(sent, bytes, 0); }

void LossBasedControl::on_lost(TimePoint sent, std::size_t bytes) {
  add(sent, bytes, static_cast<double>(bytes));
}

void LossBasedControl::on_recovered(std::size_t bytes) {
  // Of the observation at hand, where it most likely was counted.
  gathering_.lost = std::max(0.0, gathering_.lost - static_cast<double>(bytes));
}

void LossBasedControl::add(TimePoint sent, std::size_t bytes, double lost) {
  gathering_.bytes += static_cast<double>(bytes);
  gathering_.lost += lost;
  if (!first_sent_) first_sent_ = last_sent_ = sent;
  last_sent_ = std::max(last_sent_, sent);
}

bool LossBasedControl::complete_observation() {
  if (!first_sent_ || last_sent_ - *first_sent_ < kObservation) return false;
  const double bits = gathering_.bytes * 8;
  gathering_.rate_kbps = std::max(1.0, bits / to_ms(last_sent_ - *first_sent_));
  observations_[count_++ % kWindow] = gathering_;
  gathering_ = {};
  first_sent_.reset();
  return true;
}

double LossBasedControl::max_inherent_loss(double rate_kbps) const {
  const double usual = kMaxInherentLoss + kInherentLossKbps / rate_kbps;
  return std::min(1.0 - kMinInherentLoss, std::max(usual, floor_ * kFloorNoise));
}

void LossBasedControl::Sum::add(const Observation& seen) {
  bytes = bytes * kAging + seen.bytes;
  lost = lost * kAging + seen.lost;
  rate_bytes = rate_bytes * kAging + seen.rate_kbps * seen.bytes;
}

/// A full path lets through so much and no more: of half the rate it loses far less than half. Only
/// where the loss at the low rate is close to that at the high one, and far from what a full path
/// would make of it, is it the path's own.
bool LossBasedControl::is_loss_independent_of_rate() const {
  const double passes_at_high = 1 - high_.loss();
  const double if_full = std::max(0.0, 1 - passes_at_high * high_.rate_kbps() / low_.rate_kbps());
  return std::abs(low_.loss() - high_.loss()) < kCloseTo * (high_.loss() - if_full);
}

void LossBasedControl::learn_floor(const Observation& seen, Duration queue_delay) {
  reference_kbps_ = std::max(reference_kbps_ * kReferenceAging, seen.rate_kbps);
  // While a queue stands, what is lost is of what was sent before.
  if (queue_delay < kShortQueue) {
    (seen.rate_kbps < kLowRate * reference_kbps_ ? low_ : high_).add(seen);
  }
  if (low_.bytes >= kFloorBytes && high_.bytes >= kFloorBytes) {
    if (low_.loss() < floor_ || is_loss_independent_of_rate()) floor_ = low_.loss();
  }
  // Less is lost than that: the path has become better.
  floor_ = std::min(floor_, loss_);
}

/// Calls `visit(observation, weight)`.
template <typename Visit>
void LossBasedControl::for_each_observation(Visit visit) const {
  double weight = 1;
  for (std::size_t age = 0; age < std::min(count_, kWindow); ++age) {
    visit(observations_[(count_ - 1 - age) % kWindow], weight);
    weight *= kAging;
  }
}

double LossBasedControl::average_loss() const {
  double bytes = 0;
  double lost = 0;
  for_each_observation([&](const Observation& seen, double weight) {
    bytes += weight * seen.bytes;
    lost += weight * seen.lost;
  });
  return bytes > 0 ? lost / bytes : 0;
}

void LossBasedControl::update(TimePoint now, const Input& input) {
  if (limit_ && *limit_ >= input.delay_based) limit_.reset();
  if (!complete_observation()) return;
  loss_ = average_loss();
  learn_floor(observations_[(count_ - 1) % kWindow], input.queue_delay);
  if (count_ < kMinObservations) return;
  const Model best = best_model(input);
  inherent_loss_ = best.inherent_loss;
  const BitRate rate =
      bounded(now, BitRate::bps(static_cast<std::int64_t>(best.rate_kbps * 1000)), input);
  if (rate < input.delay_based) {
    limit_ = rate;
  } else {
    limit_.reset();
  }
}

void LossBasedControl::on_probe(BitRate rate) {
  if (limit_) limit_ = std::max(*limit_, rate);
}

LossBasedControl::Model LossBasedControl::best_model(const Input& input) const {
  const double base_kbps = limit_.value_or(input.delay_based).kbps();
  std::array<double, kFactors.size() + 2> rates{};
  std::size_t count = 0;
  for (const double factor : kFactors) rates[count++] = base_kbps * factor;
  if (input.acknowledged) rates[count++] = input.acknowledged->kbps();
  if (limit_) rates[count++] = input.delay_based.kbps();
  Model best;
  double best_likelihood = -std::numeric_limits<double>::infinity();
  for (const double kbps : std::span{rates}.first(count)) {
    const double rate_kbps = std::clamp(kbps, min_.kbps(), max_.kbps());
    const Model model{.rate_kbps = rate_kbps, .inherent_loss = fitted_loss(rate_kbps)};
    if (const double value = likelihood(model); value > best_likelihood) {
      best = model;
      best_likelihood = value;
    }
  }
  return best;
}

/// The inherent loss under which the observations are likeliest for a bottleneck of that rate, by
/// Newton's method from the value known.
double LossBasedControl::fitted_loss(double rate_kbps) const {
  double loss = inherent_loss_;
  for (int step = 0; step < kNewtonSteps; ++step) {
    loss = std::clamp(loss, kMinInherentLoss, max_inherent_loss(rate_kbps));
    double first = 0;
    double second = 0;
    for_each_observation([&](const Observation& seen, double weight) {
      const double share = passing_share(rate_kbps, seen.rate_kbps);
      const double passed = (1 - loss) * share;
      const double lost = 1 - passed;
      const double received = seen.bytes - seen.lost;
      first += weight * share * (seen.lost / lost - received / passed);
      second -= weight * share * share * (seen.lost / (lost * lost) + received / (passed * passed));
    });
    if (second == 0) break;
    loss -= kNewtonStepSize * first / second;
  }
  return std::clamp(loss, kMinInherentLoss, max_inherent_loss(rate_kbps));
}

double LossBasedControl::likelihood(const Model& model) const {
  const double spare = std::max(kPreferenceLoss, floor_ + kToleratedLoss) - loss_;
  const double preference = spare / (kPreferenceSoftness + std::abs(spare));
  const double bias = preference * (kPreferencePerKbps * model.rate_kbps +
                                    kPreferencePerLogKbps * std::log1p(model.rate_kbps));
  double sum = 0;
  for_each_observation([&](const Observation& seen, double weight) {
    const double passed =
        (1 - model.inherent_loss) * passing_share(model.rate_kbps, seen.rate_kbps);
    const double received = seen.bytes - seen.lost;
    const double value =
        seen.lost * std::log1p(-passed) + received * std::log(passed) + bias * seen.bytes;
    sum += weight * value / kBytesPerUnit;
  });
  return sum;
}

BitRate LossBasedControl::bounded(TimePoint now, BitRate rate, const Input& input) {
  const BitRate base = limit_.value_or(input.delay_based);
  // The model would have it that more is possible, and yet it cannot explain all that is lost.
  if (rate > base && loss_ > std::max(inherent_loss_, floor_ * kFloorNoise)) rate = base;
  if (limit_ && rate > base) {
    if (!step_ends_ || *step_ends_ <= now) {
      step_ends_ = now + kStepTime;
      step_limit_ = base * kStepFactor;
    }
    rate = std::min(rate, step_limit_);
    if (input.acknowledged) rate = std::min(rate, std::max(base, *input.acknowledged * kHeadroom));
  }
  if (const double excess = loss_ - floor_ - kToleratedLoss; excess > 0) {
    const double bound_kbps = kBoundKbps / excess;
    rate = std::min(rate, BitRate::bps(static_cast<std::int64_t>(bound_kbps * 1000)));
  }
  // Whatever is lost, this much arrives.
  if (input.acknowledged) rate = std::max(rate, std::min(base, *input.acknowledged));
  return std::clamp(rate, min_, max_);
}

}  // namespace vis::media::congestion
