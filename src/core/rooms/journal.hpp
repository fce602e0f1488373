#pragma once

#include <string>

#include "base/time.hpp"
#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// Where rooms write what happened: each call is one commit of the changed rows together with the
/// event that tells of them, applied in the order of the calls. Calls return at once.
class RoomJournal {
 public:
  virtual ~RoomJournal() = default;

  virtual void room_started(WallTime at, const RoomInfo& room) = 0;
  virtual void room_updated(WallTime at, const RoomInfo& room) = 0;
  virtual void room_finished(WallTime at, const RoomInfo& room, LeaveReason reason) = 0;

  virtual void participant_joined(WallTime at, const RoomInfo& room,
                                  const ParticipantInfo& participant) = 0;
  /// Media is up; only from here on the participant counts as having been in the room.
  virtual void participant_active(WallTime at, const RoomInfo& room,
                                  const ParticipantInfo& participant) = 0;
  virtual void participant_updated(WallTime at, const RoomInfo& room,
                                   const ParticipantInfo& participant) = 0;
  /// `was_active` tells a participant that left from one whose media never came up.
  virtual void participant_left(WallTime at, const RoomInfo& room,
                                const ParticipantInfo& participant, bool was_active) = 0;

  virtual void track_published(WallTime at, const RoomInfo& room,
                               const ParticipantInfo& participant, const TrackInfo& track) = 0;
  virtual void track_unpublished(WallTime at, const RoomInfo& room,
                                 const ParticipantInfo& participant, const TrackInfo& track) = 0;
};

}  // namespace vis::core::rooms
