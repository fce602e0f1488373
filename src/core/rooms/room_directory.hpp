#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/rooms/room.hpp"

namespace vis::core::rooms {

/// The rooms of a server, by name within their project and by sid. Control thread; owned by the
/// RoomService.
class RoomDirectory final {
 public:
  Room* find(const ProjectId& project, std::string_view name) const;
  Room* find(const RoomSid& room) const;

  Room& add(std::unique_ptr<Room> room);
  void erase(const Room& room);

  /// In the order of their names, for one project after the other.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [key, room] : by_name_) visit(*room);
  }
  std::size_t size() const { return by_name_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  ///< Project and name.

  std::map<Key, std::unique_ptr<Room>> by_name_;
  std::unordered_map<RoomSid, Room*> by_sid_;
};

}  // namespace vis::core::rooms
