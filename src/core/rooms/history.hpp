#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/limits/core_rooms.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/rooms/records.hpp"

namespace vis::core::rooms {

/// Which rooms to list, newest first. To turn the page, `before` is the last room seen.
struct RoomQuery {
  struct Position {
    WallTime created_at{};
    RoomSid sid;
  };
  ProjectId project;
  std::optional<std::string> name;
  std::optional<Position> before;
  std::size_t limit = limits::kRoomsPerRead;  ///< At most limits::kRoomsPerRead.
};

/// The reading side of the rooms' records.
class RoomHistory {
 public:
  virtual ~RoomHistory() = default;

  virtual Task<Result<std::vector<RoomRecord>>> rooms(RoomQuery query) = 0;
  /// NotFound when there never was such a room.
  virtual Task<Result<RoomRecord>> room(RoomSid sid) = 0;
  /// In the order they joined.
  virtual Task<Result<std::vector<ParticipantRecord>>> participants(RoomSid room) = 0;
  /// In the order they were published.
  virtual Task<Result<std::vector<TrackRecord>>> tracks(RoomSid room) = 0;
  virtual Task<Result<OpenRecords>> open_records(NodeId node) = 0;
};

}  // namespace vis::core::rooms
