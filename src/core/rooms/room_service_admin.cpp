// The part of RoomService that server APIs call: rooms and people by their names.
#include <algorithm>
#include <utility>

#include "core/rooms/room_service.hpp"
#include "core/rooms/room_service_state.hpp"
#include "core/rooms/text_rules.hpp"

namespace vis::core::rooms {

Result<RoomInfo> RoomService::create_room(Now now, const ProjectId& project, std::string_view name,
                                          const RoomOptions& options) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto valid = check_room_name(name); !valid) return std::unexpected(valid.error());
  if (auto valid = check_room_options(options); !valid) return std::unexpected(valid.error());
  const auto room = state_->find_or_create(now, project, name, options);
  if (!room) return std::unexpected(room.error());
  (*room)->update_options(now, options);
  return (*room)->info();
}

std::vector<RoomInfo> RoomService::list_rooms(const ProjectId& project,
                                              std::span<const std::string> names) const {
  owner_.check();
  std::vector<RoomInfo> found;
  state_->rooms.for_each([&](const Room& room) {
    if (room.project() != project) return;
    if (!names.empty() && std::ranges::find(names, room.name()) == names.end()) return;
    found.push_back(room.info());
  });
  return found;
}

Result<RoomInfo> RoomService::find_room(const ProjectId& project, std::string_view name) const {
  owner_.check();
  const auto room = state_->find_room(project, name);
  if (!room) return std::unexpected(room.error());
  return (*room)->info();
}

Result<void> RoomService::delete_room(Now now, const ProjectId& project, std::string_view name) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto room = state_->find_room(project, name);
  if (!room) return std::unexpected(room.error());
  state_->close(now, **room, {.reason = LeaveReason::RoomDeleted});
  return {};
}

Result<RoomInfo> RoomService::update_room_metadata(Now now, const ProjectId& project,
                                                   std::string_view name, std::string metadata) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto valid = check_metadata(metadata, Errc::InvalidArgument); !valid) {
    return std::unexpected(valid.error());
  }
  const auto room = state_->find_room(project, name);
  if (!room) return std::unexpected(room.error());
  (*room)->set_metadata(now, std::move(metadata));
  return (*room)->info();
}

Result<std::vector<ParticipantInfo>> RoomService::list_participants(
    const ProjectId& project, std::string_view room_name) const {
  owner_.check();
  const auto room = state_->find_room(project, room_name);
  if (!room) return std::unexpected(room.error());
  std::vector<ParticipantInfo> all;
  for (const auto& participant : (*room)->roster().all()) all.push_back(participant->info());
  return all;
}

Result<ParticipantInfo> RoomService::find_participant(const ParticipantRef& ref) const {
  owner_.check();
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  return seat->participant.info();
}

Result<RoomReport> RoomService::room_report(const ProjectId& project, std::string_view name) const {
  owner_.check();
  const auto room = state_->find_room(project, name);
  if (!room) return std::unexpected(room.error());
  return (*room)->report();
}

Result<ParticipantReport> RoomService::participant_report(const ParticipantRef& ref) const {
  owner_.check();
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  return seat->room.report(seat->participant);
}

Result<void> RoomService::remove_participant(Now now, const ParticipantRef& ref) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  seat->room.remove(now, seat->participant, {.reason = LeaveReason::ParticipantRemoved});
  return {};
}

Result<ParticipantInfo> RoomService::update_participant(Now now, const ParticipantRef& ref,
                                                        ParticipantUpdate update,
                                                        std::optional<Permissions> permissions) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  if (auto valid = check_update(seat->participant, update, Errc::InvalidArgument); !valid) {
    return std::unexpected(valid.error());
  }
  seat->room.update_participant(now, seat->participant, update, permissions);
  return seat->participant.info();
}

Result<TrackInfo> RoomService::mute_track(Now now, const ParticipantRef& ref, const TrackSid& track,
                                          bool muted) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  return seat->room.publishing().mute(
      now, seat->participant, {.track = track, .muted = muted, .by = Publishing::MutedBy::Server});
}

Result<void> RoomService::update_subscriptions(Now now, const ParticipantRef& ref,
                                               std::span<const TrackSid> tracks, bool subscribed) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto seat = state_->find_seat(ref);
  if (!seat) return std::unexpected(seat.error());
  seat->room.subscribing().set_subscribed(now, seat->participant, tracks, subscribed);
  return {};
}

}  // namespace vis::core::rooms
