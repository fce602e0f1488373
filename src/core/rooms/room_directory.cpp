#include "core/rooms/room_directory.hpp"

#include "base/assert.hpp"

namespace vis::core::rooms {

Room* RoomDirectory::find(const ProjectId& project, std::string_view name) const {
  const auto at = by_name_.find({project.str(), std::string(name)});
  return at == by_name_.end() ? nullptr : at->second.get();
}

Room* RoomDirectory::find(const RoomSid& room) const {
  const auto at = by_sid_.find(room);
  return at == by_sid_.end() ? nullptr : at->second;
}

Room& RoomDirectory::add(std::unique_ptr<Room> room) {
  Room& added = *room;
  by_sid_[added.sid()] = &added;
  const bool alone =
      by_name_.emplace(Key{added.project().str(), added.name()}, std::move(room)).second;
  VIS_ASSERT(alone);
  return added;
}

void RoomDirectory::erase(const Room& room) {
  by_sid_.erase(room.sid());
  by_name_.erase({room.project().str(), room.name()});
}

}  // namespace vis::core::rooms
