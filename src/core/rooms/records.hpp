#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rooms/model.hpp"

/// What is kept of rooms on disk, for history and so that the next start can close what a crash
/// left open. Live rooms are in memory alone; nothing reads these rows to run a call.
namespace vis::core::rooms {

/// The server process that owns a room, from configuration. Each closes only what it left open.
using NodeId = Id<struct NodeTag>;

struct RoomRecord {
  RoomSid sid;
  ProjectId project;
  NodeId node;
  std::string name;
  std::string snapshot;  ///< The room as events show it: a JSON object (snapshot.hpp).
  WallTime created_at{};
  std::optional<WallTime> finished_at;
  std::string finish_reason;  ///< Empty while open.

  friend bool operator==(const RoomRecord&, const RoomRecord&) = default;
};

struct ParticipantRecord {
  ParticipantSid sid;
  RoomSid room;
  std::string identity;
  std::string name;
  std::string snapshot;  ///< The participant as events show it.
  WallTime joined_at{};
  std::optional<WallTime> active_at;  ///< When media came up.
  std::optional<WallTime> left_at;
  std::string leave_reason;  ///< Empty while present.

  friend bool operator==(const ParticipantRecord&, const ParticipantRecord&) = default;
};

struct TrackRecord {
  TrackSid sid;
  RoomSid room;
  ParticipantSid participant;
  std::string snapshot;  ///< The track as events show it.
  WallTime published_at{};
  std::optional<WallTime> unpublished_at;

  friend bool operator==(const TrackRecord&, const TrackRecord&) = default;
};

/// The rows of one node that say "still going on".
struct OpenRecords {
  std::vector<RoomRecord> rooms;
  std::vector<ParticipantRecord> participants;
  std::vector<TrackRecord> tracks;
};

}  // namespace vis::core::rooms
