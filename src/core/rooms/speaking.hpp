#pragma once

#include <vector>

#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// Who speaks. Everybody is told of itself and of those it receives, and only of what has changed.
/// Control thread; owned by the Room.
class Speaking final {
 public:
  explicit Speaking(RoomState& room) : room_(room) {}

  void on_levels(Now now, const AudioLevels& levels);
  void on_tick(Now now);
  /// All who speak now, for one that may have missed it.
  void retell(const Participant& listener);

 private:
  void tell_changes();

  RoomState& room_;
};

}  // namespace vis::core::rooms
