#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/random.hpp"
#include "core/rooms/departures.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/outbox.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/roster.hpp"
#include "core/rooms/series.hpp"

namespace vis::core::rooms {

/// What all rooms of a server share. Control thread; owned by the RoomService, outlives the rooms.
struct RoomsShared {
  RoomDefaults defaults;
  RandomSource& random;
  Outbox outbox;
  SeriesBudget series{};
  std::uint64_t last_transport = 0;
  std::unordered_map<ParticipantSid, Room*> room_of;  ///< Of everybody who is in a room.

  TransportId next_transport() { return TransportId{++last_transport}; }
};

/// What the parts of one room share: its facts and its people. Owned by the Room.
struct RoomState {
  RoomsShared& shared;
  RoomSid sid;
  ProjectId project;
  std::string name;
  WallTime created_at{};
  RoomOptions options;
  Roster roster;
  Departures departures;
  bool closing = false;  ///< Media ends all at once; single commands would be wasted.

  RoomInfo info() const;
  /// Everybody but agents and recorders: those that count for the limit and keep the room open.
  std::uint32_t independents() const;

  Outbox& outbox() { return shared.outbox; }
  void command(MediaCommand command) {
    if (!closing) shared.outbox.command(sid, std::move(command));
  }
};

}  // namespace vis::core::rooms
