#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {

/// A rate that explains the losses. Two causes are told apart: losses that the path has at any rate
/// (radio), and losses because more is sent than it carries. Of a few candidate rates the one is
/// chosen under which the losses seen lately are likeliest, so that random loss costs no rate and
/// a full queue does. Where less was sent and as much was lost, the loss has nothing to do with the
/// rate: that is remembered as the path's own. This takes the place of draft-ietf-rmcat-gcc-02
/// section 6, which lets go of a path with 10 % random loss.
class LossBasedControl final {
 public:
  /// What is sent meanwhile makes one observation.
  static constexpr Duration kObservation = 250ms;
  static constexpr std::size_t kWindow = 20;
  static constexpr std::size_t kMinObservations = 3;

  LossBasedControl(BitRate min, BitRate max) : min_(min), max_(max) {}

  void on_received(TimePoint sent, std::size_t bytes);
  void on_lost(TimePoint sent, std::size_t bytes);
  /// A packet that was reported lost came after all.
  void on_recovered(std::size_t bytes);

  struct Input {
    BitRate delay_based{};
    std::optional<BitRate> acknowledged{};
    bool application_limited = false;
    Duration queue_delay{};  ///< At the bottleneck, as far as is known.
  };
  /// To be called after each feedback message.
  void update(TimePoint now, const Input& input);
  /// A probe has measured this.
  void on_probe(BitRate rate);

  /// Nothing while losses do not limit the rate.
  std::optional<BitRate> limit() const { return limit_; }
  /// Of the last seconds, 0..1.
  double loss() const { return loss_; }
  /// What of it the path has at any rate.
  double inherent_loss() const { return inherent_loss_; }
  /// What is lost however little is sent.
  double floor() const { return floor_; }

 private:
  struct Observation {
    double bytes = 0;
    double lost = 0;
    double rate_kbps = 0;  ///< At which they were sent.
  };
  /// Of observations, the older the less.
  struct Sum {
    double bytes = 0;
    double lost = 0;
    double rate_bytes = 0;  ///< Rates, by their bytes.

    void add(const Observation& seen);
    double loss() const { return lost / bytes; }
    double rate_kbps() const { return rate_bytes / bytes; }
  };
  struct Model {
    double rate_kbps = 0;
    double inherent_loss = 0;
  };

  void add(TimePoint sent, std::size_t bytes, double lost);
  bool complete_observation();
  void learn_floor(const Observation& seen, Duration queue_delay);
  bool is_loss_independent_of_rate() const;
  double max_inherent_loss(double rate_kbps) const;
  double average_loss() const;
  Model best_model(const Input& input) const;
  double fitted_loss(double rate_kbps) const;
  double likelihood(const Model& model) const;
  template <typename Visit>
  void for_each_observation(Visit visit) const;
  BitRate bounded(TimePoint now, BitRate rate, const Input& input);

  BitRate min_;
  BitRate max_;
  std::array<Observation, kWindow> observations_{};
  std::size_t count_ = 0;
  Observation gathering_;
  std::optional<TimePoint> first_sent_;
  TimePoint last_sent_{};
  std::optional<BitRate> limit_;
  double loss_ = 0;
  double inherent_loss_ = 0.01;
  double reference_kbps_ = 0;  ///< The highest rate of late.
  Sum high_;                   ///< Of what was sent near that rate,
  Sum low_;                    ///< and of what was sent well below it.
  double floor_ = 0;
  /// Recovery goes in steps: for a while no further than this.
  std::optional<TimePoint> step_ends_;
  BitRate step_limit_;
};

}  // namespace vis::media::congestion
