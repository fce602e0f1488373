#pragma once

#include <vector>

#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// How well everybody is connected. Told when a grade changes: to the participant itself and to
/// those who receive from it. Control thread; owned by the Room.
class QualityReporting final {
 public:
  explicit QualityReporting(RoomState& room) : room_(room) {}

  void on_report(const QualityReport& report);
  /// All that is known, for one that may have missed it.
  void retell(const Participant& listener);

 private:
  void tell(const std::vector<const Participant*>& changed);

  RoomState& room_;
};

}  // namespace vis::core::rooms
