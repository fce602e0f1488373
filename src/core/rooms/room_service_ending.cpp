// How the rooms of a server end when it stops: no new ones, then one after the other to whoever
// goes on with them.
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/room_service_state.hpp"

namespace vis::core::rooms {

void RoomService::drain() {
  owner_.check();
  state_->draining = true;
}

std::optional<RoomSeed> RoomService::next_to_move() const {
  owner_.check();
  std::optional<RoomSeed> seed;
  state_->rooms.for_each([&](const Room& room) {
    if (!seed) seed = room.seed();
  });
  return seed;
}

void RoomService::move_away(Now now, const RoomSid& room) {
  owner_.check();
  const Turn turn(state_->shared);
  Room* const leaving = state_->rooms.find(room);
  if (leaving == nullptr) return;
  log::info("room.moved", {{"room", room}});
  state_->close(now, *leaving,
                {.reason = LeaveReason::Migration, .action = LeaveAction::Reconnect});
}

void RoomService::shut_down(Now now) {
  owner_.check();
  const Turn turn(state_->shared);
  state_->stopping = true;
  std::vector<Room*> all;
  state_->rooms.for_each([&](Room& room) { all.push_back(&room); });
  for (Room* room : all) {
    state_->close(now, *room,
                  {.reason = LeaveReason::ServerShutdown, .action = LeaveAction::Reconnect});
  }
}

}  // namespace vis::core::rooms
