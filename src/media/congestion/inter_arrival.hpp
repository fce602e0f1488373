#pragma once

#include <optional>

#include "base/time.hpp"

namespace vis::media::congestion {

/// How much later (or earlier) a group of packets left and arrived than the group before it.
struct GroupDelta {
  Duration send{};
  Duration arrival{};
};

/// Groups packets that were sent within 5 ms, or that arrived in one burst, and compares each group
/// with the one before (draft-ietf-rmcat-gcc-02 sections 5.2 and 5.3): a group is the smallest unit
/// whose delay means something, as a sender hands out packets in bursts.
class InterArrival final {
 public:
  static constexpr Duration kGroupLength = 5ms;
  static constexpr Duration kMaxBurst = 100ms;
  /// Groups that arrive before their forerunner, one after another, until all is begun afresh.
  static constexpr int kMaxReordered = 3;

  /// `arrival` is on the receiver's clock. A delta whenever a packet begins a new group; packets
  /// older than the group that is being gathered are left out.
  std::optional<GroupDelta> on_packet(TimePoint sent, Duration arrival);
  void reset() { *this = {}; }

 private:
  struct Group {
    TimePoint first_sent{};
    TimePoint last_sent{};
    Duration first_arrival{};
    Duration last_arrival{};
  };
  bool continues_group(TimePoint sent, Duration arrival) const;
  std::optional<GroupDelta> compare_groups();

  std::optional<Group> current_;
  std::optional<Group> previous_;
  int reordered_ = 0;
};

}  // namespace vis::media::congestion
