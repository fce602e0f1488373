#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/limits/media_rtp.hpp"
#include "base/time.hpp"

namespace vis::media::rtp {

struct NackOptions {
  /// How long a packet may be late before it counts as lost.
  Duration reordering_delay = 5ms;
  /// The least time between two requests for one packet; the round trip, where that is longer.
  Duration retry_interval_min = 20ms;
  int max_requests = 10;
};

/// Finds out which packets of one received stream are missing, and when to ask for them (RFC 4585
/// section 6.2.1). Owned by the received stream. Allocates at construction only. When more than
/// limits::kNackedPackets are missing, or one does not come though asked for often enough, it gives
/// up and wants a key frame.
class NackGenerator final {
 public:
  /// What to send now. `lost` is in ascending order and lies in the generator: use it before the
  /// next call.
  struct Request {
    std::span<const std::uint16_t> lost;
    bool key_frame = false;
  };

  explicit NackGenerator(const NackOptions& options = {});

  /// A packet arrived, be it by itself or as a retransmission. `sequence` is unwrapped;
  /// `starts_key_frame` means that nothing before it is needed any more.
  void on_packet(TimePoint now, std::int64_t sequence, bool starts_key_frame);
  void on_round_trip(Duration round_trip) { round_trip_ = round_trip; }

  std::optional<TimePoint> next_deadline() const { return deadline_; }
  Request on_deadline(TimePoint now);

  std::size_t missing() const { return missing_.size(); }

 private:
  struct Missing {
    std::int64_t sequence = 0;
    TimePoint due{};
    int requests = 0;
  };

  void add_gap(TimePoint now, std::int64_t first, std::int64_t end);
  void remove(std::int64_t sequence);
  void remove_before(std::int64_t sequence);
  void give_up(TimePoint now);

  NackOptions options_;
  Duration round_trip_ = 100ms;
  std::optional<std::int64_t> highest_;
  std::vector<Missing> missing_;  ///< By sequence; its capacity is the limit.
  bool wants_key_frame_ = false;
  std::optional<TimePoint> deadline_;  ///< Never later than the first that is due.
  std::array<std::uint16_t, limits::kNackedPackets> request_;
};

}  // namespace vis::media::rtp
