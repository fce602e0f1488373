#include "core/rooms/store_journal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/rooms/snapshot.hpp"

namespace vis::core::rooms {
namespace {

namespace types = events::types;

events::NewEvent room_event(std::string_view type, WallTime at, const RoomInfo& room,
                            const EventParts& parts) {
  return {.project = room.project,
          .type = std::string(type),
          .resource = room.sid.str(),
          .at = at,
          .data = event_data(parts)};
}

EventParts of_participant(const RoomInfo& room, const ParticipantInfo& participant) {
  return {.room = to_json(room), .participant = to_json(participant)};
}

EventParts of_track(const RoomInfo& room, const ParticipantInfo& participant,
                    const TrackInfo& track) {
  return {.room = to_brief_json(room),
          .participant = to_brief_json(participant),
          .track = to_json(track)};
}

UpdateParticipant update_of(const ParticipantInfo& participant, std::optional<WallTime> active_at) {
  return {.participant = participant.sid,
          .name = participant.name,
          .snapshot = to_json(participant),
          .active_at = active_at};
}

}  // namespace

void StoreJournal::write(Write change, events::NewEvent event) {
  store_.write_behind({.writes = {std::move(change)}, .events = {std::move(event)}});
}

void StoreJournal::room_started(WallTime at, const RoomInfo& room) {
  RoomRecord record{.sid = room.sid,
                    .project = room.project,
                    .node = node_,
                    .name = room.name,
                    .snapshot = to_json(room),
                    .created_at = room.created_at};
  write(InsertRoom{std::move(record)},
        room_event(types::kRoomStarted, at, room, {.room = to_json(room)}));
}

void StoreJournal::room_updated(WallTime at, const RoomInfo& room) {
  write(UpdateRoom{room.sid, to_json(room)},
        room_event(types::kRoomUpdated, at, room, {.room = to_json(room)}));
}

void StoreJournal::room_finished(WallTime at, const RoomInfo& room, LeaveReason reason) {
  const std::string_view name = name_of(reason);
  write(FinishRoom{room.sid, at, std::string(name)},
        room_event(types::kRoomFinished, at, room, {.room = to_json(room), .reason = name}));
}

void StoreJournal::participant_joined(WallTime at, const RoomInfo& room,
                                      const ParticipantInfo& participant) {
  ParticipantRecord record{.sid = participant.sid,
                           .room = room.sid,
                           .identity = participant.identity,
                           .name = participant.name,
                           .snapshot = to_json(participant),
                           .joined_at = at};
  write(InsertParticipant{std::move(record)},
        room_event(types::kParticipantJoined, at, room, of_participant(room, participant)));
}

void StoreJournal::participant_active(WallTime at, const RoomInfo& room,
                                      const ParticipantInfo& participant) {
  write(update_of(participant, at),
        room_event(types::kParticipantActive, at, room, of_participant(room, participant)));
}

void StoreJournal::participant_updated(WallTime at, const RoomInfo& room,
                                       const ParticipantInfo& participant) {
  write(update_of(participant, std::nullopt),
        room_event(types::kParticipantUpdated, at, room, of_participant(room, participant)));
}

void StoreJournal::participant_left(WallTime at, const RoomInfo& room,
                                    const ParticipantInfo& participant, bool was_active) {
  EventParts parts = of_participant(room, participant);
  parts.reason = name_of(participant.disconnect_reason);
  write(EndParticipant{participant.sid, at, std::string(parts.reason)},
        room_event(was_active ? types::kParticipantLeft : types::kParticipantConnectionAborted, at,
                   room, parts));
}

void StoreJournal::track_published(WallTime at, const RoomInfo& room,
                                   const ParticipantInfo& participant, const TrackInfo& track) {
  TrackRecord record{.sid = track.sid,
                     .room = room.sid,
                     .participant = participant.sid,
                     .snapshot = to_json(track),
                     .published_at = at};
  write(InsertTrack{std::move(record)},
        room_event(types::kTrackPublished, at, room, of_track(room, participant, track)));
}

void StoreJournal::track_unpublished(WallTime at, const RoomInfo& room,
                                     const ParticipantInfo& participant, const TrackInfo& track) {
  write(EndTrack{track.sid, at},
        room_event(types::kTrackUnpublished, at, room, of_track(room, participant, track)));
}

}  // namespace vis::core::rooms
