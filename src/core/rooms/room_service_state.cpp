#include "core/rooms/room_service_state.hpp"

#include <memory>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "core/rooms/text_rules.hpp"

namespace vis::core::rooms {

RoomService::State::State(const RoomDefaults& defaults, Ports ports)
    : media(ports.media),
      shared{.defaults = defaults,
             .random = ports.random,
             .outbox = Outbox(ports.media, ports.journal)} {}

Result<Room*> RoomService::State::find_or_create(Now now, const ProjectId& project,
                                                 std::string_view name,
                                                 const RoomOptions& options) {
  if (stopping) return fail(Errc::Unavailable, "the server is stopping");
  if (Room* room = rooms.find(project, name)) return room;
  if (draining) return fail(Errc::Unavailable, "the server is stopping");
  RoomSid sid(random_id(shared.random, "RM_"));
  if (auto opened = media.open_room(sid); !opened) return std::unexpected(opened.error());
  return &rooms.add(std::make_unique<Room>(
      now, shared,
      Room::Identity{.sid = std::move(sid), .project = project, .name = std::string(name)},
      options));
}

std::optional<Seat> RoomService::State::find_seat(const ParticipantSid& participant) const {
  const auto at = shared.room_of.find(participant);
  if (at == shared.room_of.end()) return std::nullopt;
  return Seat{.room = *at->second, .participant = *at->second->roster().find(participant)};
}

Result<Seat> RoomService::State::find_seat(const ParticipantRef& ref) const {
  Room* room = rooms.find(ref.project, ref.room_name);
  Participant* participant = room != nullptr ? room->roster().find_identity(ref.identity) : nullptr;
  if (participant == nullptr) return fail(Errc::NotFound, "participant does not exist");
  return Seat{.room = *room, .participant = *participant};
}

Result<Room*> RoomService::State::find_room(const ProjectId& project, std::string_view name) const {
  Room* room = rooms.find(project, name);
  if (room == nullptr) return fail(Errc::NotFound, "requested room does not exist");
  return room;
}

Result<void> check_update(const Participant& participant, const ParticipantUpdate& update,
                          Errc too_long) {
  const Attributes attributes = merge(participant.profile.info().attributes, update.attributes);
  return check_description(
      {.name = update.name, .metadata = update.metadata, .attributes = attributes}, too_long);
}

void RoomService::State::close(Now now, Room& room, Room::Leaving leaving) {
  room.close(now, leaving);
  rooms.erase(room);
}

}  // namespace vis::core::rooms
