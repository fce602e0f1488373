#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace vis::test {

/// What a link does to packets, from some moment on.
struct NetworkConditions {
  std::int64_t rate_bps = 0;  ///< 0: as fast as can be.
  Duration delay = 20ms;      ///< Of the way itself, one direction.
  Duration jitter{};          ///< Up to so much more, at random: packets overtake each other.
  Duration queue = 300ms;     ///< So much waits at the most; what comes on top is dropped.
  double loss = 0;            ///< 0..1, at random.
  double reorder = 0;         ///< 0..1, of the packets that `reorder_delay` holds up.
  Duration reorder_delay = 15ms;
  std::int64_t cross_traffic_bps = 0;  ///< Of others, through the same queue.
};

/// One direction of a network path: a first-in first-out queue before a link of limited rate, with
/// conditions that change over time. Any number of flows may share it. Simulated time; everything
/// follows from the seed.
class Network final {
 public:
  Network(std::uint64_t seed, const NetworkConditions& conditions)
      : random_(seed), current_(conditions) {}

  /// In order of time, before anything is sent later than that.
  void change_at(TimePoint at, const NetworkConditions& conditions) {
    changes_.push_back({.at = at, .conditions = conditions});
  }

  /// When a packet that enters now comes out; nothing when it is lost. `now` never goes back.
  std::optional<TimePoint> send(TimePoint now, std::size_t bytes);
  /// How long a packet that enters now will wait.
  Duration queue_delay(TimePoint now);

  std::uint64_t dropped() const { return dropped_; }  ///< As the queue was full.
  std::uint64_t lost() const { return lost_; }        ///< At random.

 private:
  struct Change {
    TimePoint at;
    NetworkConditions conditions;
  };

  void advance(TimePoint now);
  void drain_until(TimePoint now);
  bool enqueue(double bits);
  TimePoint drained_at() const;
  bool happens(double probability);

  SeededRandom random_;
  NetworkConditions current_;
  std::vector<Change> changes_;
  std::size_t next_change_ = 0;
  TimePoint now_{};
  double backlog_bits_ = 0;
  std::optional<TimePoint> next_cross_packet_;
  std::uint64_t dropped_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace vis::test
