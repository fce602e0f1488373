#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.hpp"
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
  void close_room(const RoomSid& room) override {
    std::erase(open_rooms, room);
    std::erase_if(subscriptions, [&](const auto& each) { return room_of_[each.first] == room; });
  }
  void execute(const RoomSid& room, MediaCommand command) override {
    // Commands to a room that is not open would be lost.
    VIS_ASSERT(std::ranges::find(open_rooms, room) != open_rooms.end());
    if (const auto* open = std::get_if<OpenTransport>(&command)) {
      transports.push_back(open->spec);
      room_of_[open->spec.id] = room;
    }
    if (const auto* begin = std::get_if<Subscribe>(&command)) {
      subscriptions.emplace(begin->transport, begin->spec.track);
    }
    if (const auto* end = std::get_if<Unsubscribe>(&command)) {
      subscriptions.erase({end->transport, end->track});
    }
    if (const auto* close = std::get_if<CloseTransport>(&command)) {
      std::erase_if(subscriptions,
                    [&](const auto& each) { return each.first == close->transport; });
    }
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
  /// Forgets the commands, not what they have brought about.
  void clear() { commands.clear(); }

  bool full = false;
  std::vector<RoomSid> open_rooms;
  std::vector<MediaCommand> commands;
  std::vector<TransportSpec> transports;  ///< Ever opened.
  std::set<std::pair<TransportId, TrackSid>> subscriptions;

 private:
  std::map<TransportId, RoomSid> room_of_;
};

}  // namespace vis::core::rooms
