#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/rooms/media_port.hpp"

namespace vis::core::rooms {

/// Media that only writes down what it is asked for; tests answer with events themselves.
class RecordingMedia final : public MediaPort {
 public:
  Result<void> open_room(const RoomSid& room) override {
    if (full) return fail(Errc::LimitExceeded, "no worker has room");
    open_rooms.push_back(room);
    return {};
  }
  void close_room(const RoomSid& room) override { std::erase(open_rooms, room); }
  void execute(const RoomSid& room, MediaCommand command) override {
    // Commands to a room that is not open would be lost.
    VIS_ASSERT(std::ranges::find(open_rooms, room) != open_rooms.end());
    commands.push_back(std::move(command));
  }

  template <typename Command>
  std::vector<Command> all() const {
    std::vector<Command> found;
    for (const MediaCommand& command : commands) {
      if (const auto* match = std::get_if<Command>(&command)) found.push_back(*match);
    }
    return found;
  }
  template <typename Command>
  std::size_t count() const {
    return all<Command>().size();
  }
  template <typename Command>
  std::optional<Command> last() const {
    const auto found = all<Command>();
    return found.empty() ? std::nullopt : std::optional(found.back());
  }
  void clear() { commands.clear(); }

  bool full = false;
  std::vector<RoomSid> open_rooms;
  std::vector<MediaCommand> commands;
};

}  // namespace vis::core::rooms
