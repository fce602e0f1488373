#pragma once

#include "core/rooms/journal.hpp"
#include "core/rooms/records.hpp"
#include "core/store.hpp"

namespace vis::core::rooms {

/// Writes the rooms' journal to the store: each entry is one write-behind commit of a record and
/// its event. The resource of all events of a room is the room, so their order is kept per room.
///
/// Lives on the control thread beside RoomService. Nothing fails here: what the store cannot write
/// it logs and counts.
class StoreJournal final : public RoomJournal {
 public:
  StoreJournal(Store& store, NodeId node) : store_(store), node_(std::move(node)) {}

  void room_started(WallTime at, const RoomInfo& room) override;
  void room_updated(WallTime at, const RoomInfo& room) override;
  void room_finished(WallTime at, const RoomInfo& room, LeaveReason reason) override;
  void participant_joined(WallTime at, const RoomInfo& room,
                          const ParticipantInfo& participant) override;
  void participant_active(WallTime at, const RoomInfo& room,
                          const ParticipantInfo& participant) override;
  void participant_updated(WallTime at, const RoomInfo& room,
                           const ParticipantInfo& participant) override;
  void participant_left(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                        bool was_active) override;
  void track_published(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                       const TrackInfo& track) override;
  void track_unpublished(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                         const TrackInfo& track) override;

 private:
  void write(Write change, events::NewEvent event);

  Store& store_;
  NodeId node_;
};

}  // namespace vis::core::rooms
