#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "load/sfu.hpp"

namespace vis::bench {

inline constexpr std::size_t kMeetingSize = 10;
inline constexpr double kMostLoss = 0.001;

/// What is made more and more of.
enum class Shape : std::uint8_t {
  Audience,  ///< One publisher, and so many who watch.
  Meetings,  ///< So many rooms of ten who all publish and all watch the others.
};

/// A few seconds of a load.
struct Sample {
  std::size_t count = 0;  ///< Listeners or meetings.
  std::uint64_t expected = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped_by_us = 0;  ///< Arrived, but the generator was too slow to read them.
  double seconds = 0;
  double server_cpu_seconds = 0;
  double own_cpu_seconds = 0;
  std::uint64_t server_bytes = 0;
  std::size_t sessions = 0;  ///< Participants, of whom each has one or two connections.
  Duration median_delay{};   ///< From the publisher's send call to the subscriber's kernel.
  Duration p99_delay{};

  double loss() const {
    const auto missing = static_cast<double>(expected) - static_cast<double>(received);
    return expected == 0 ? 1 : missing / static_cast<double>(expected);
  }
  bool good() const { return loss() <= kMostLoss; }
  double server_core() const { return server_cpu_seconds / seconds; }
  double own_core() const { return own_cpu_seconds / seconds; }
  /// How many a full core would carry; 0 when it is not known what the server uses.
  double full_core() const {
    return server_cpu_seconds == 0 ? 0 : static_cast<double>(count) / server_core();
  }
  /// Of the server, for each packet that reached a client.
  double cpu_us_per_packet() const {
    return server_cpu_seconds * 1e6 / static_cast<double>(received);
  }
};

/// One server under one shape of load that grows until packets are lost.
class Trial final {
 public:
  Trial(Generator& generator, Sfu& sfu, Shape shape)
      : generator_(generator), sfu_(sfu), shape_(shape) {}

  struct Limits {
    std::size_t first = 1;
    std::size_t most = 1;
    Duration each{};  ///< How long a load is held.
  };
  /// The largest load that was good and the first beyond it that was not, if there was one. Prints
  /// a line for each load.
  struct Outcome {
    Sample first;
    Sample at_70;  ///< The one that came closest to 70 % of the server's core.
    Sample best;
    bool reached_limit = false;
    Sample beyond;
  };
  Outcome run(const Limits& limits);

  /// Datagrams that witnesses could not decrypt, and those that they could.
  std::uint64_t opened() const;
  std::uint64_t refused() const;

 private:
  void grow(std::size_t count);
  void add_listeners(std::size_t count);
  void add_meeting();
  Member& add_member(Room& room, bool publishes, bool watches);
  void await_media(const Room& room, std::size_t from);
  void settle();
  Sample measure(Duration length);
  void await_quiet();
  void count(Sample& sample);

  Generator& generator_;
  Sfu& sfu_;
  Shape shape_;
  std::vector<std::unique_ptr<Room>> rooms_;
  std::size_t count_ = 0;
};

}  // namespace vis::bench
