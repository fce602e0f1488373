#pragma once

#include <optional>

#include "core/rooms/room.hpp"
#include "core/rooms/room_directory.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// A participant and the room it is in.
struct Seat {
  Room& room;
  Participant& participant;
};

struct RoomService::State {
  State(const RoomDefaults& defaults, Ports ports);

  /// The room, or one made for it. Errors: Unavailable while stopping or, without the
  /// room, while draining; and those of MediaPort.
  Result<Room*> find_or_create(Now now, const ProjectId& project, std::string_view name,
                               const RoomOptions& options);
  std::optional<Seat> find_seat(const ParticipantSid& participant) const;
  Result<Seat> find_seat(const ParticipantRef& ref) const;
  Result<Room*> find_room(const ProjectId& project, std::string_view name) const;
  void close(Now now, Room& room, Room::Leaving leaving);

  MediaPort& media;
  RoomsShared shared;
  RoomDirectory rooms;
  bool draining = false;
  bool stopping = false;
};

/// Whether the texts would stay within their limits; `too_long` as for check_description.
Result<void> check_update(const Participant& participant, const ParticipantUpdate& update,
                          Errc too_long);

/// One call from outside: when it ends, what it caused is delivered.
class Turn final {
 public:
  explicit Turn(RoomsShared& shared) : outbox_(shared.outbox) {}
  ~Turn() { outbox_.deliver(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Outbox& outbox_;
};

}  // namespace vis::core::rooms
