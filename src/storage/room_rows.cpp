#include "storage/room_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "base/limits/core_rooms.hpp"
#include "storage/rows.hpp"

namespace vis::storage {
namespace {

using core::rooms::NodeId;
using core::rooms::OpenRecords;
using core::rooms::ParticipantRecord;
using core::rooms::ParticipantSid;
using core::rooms::RoomQuery;
using core::rooms::RoomRecord;
using core::rooms::RoomSid;
using core::rooms::TrackRecord;
using core::rooms::TrackSid;

struct RoomRow {
  std::string sid;
  std::string project;
  std::string node;
  std::string name;
  std::string snapshot;
  std::int64_t created_at_ms = 0;
  NullableTime finished_at;
  std::string finish_reason;

  auto columns() {
    return std::tie(sid, project, node, name, snapshot, created_at_ms, finished_at, finish_reason);
  }
  RoomRecord value() const {
    return {.sid = RoomSid(sid),
            .project = core::ProjectId(project),
            .node = NodeId(node),
            .name = name,
            .snapshot = snapshot,
            .created_at = wall_from_unix_ms(created_at_ms),
            .finished_at = finished_at.value(),
            .finish_reason = finish_reason};
  }
};

struct ParticipantRow {
  std::string sid;
  std::string room;
  std::string identity;
  std::string name;
  std::string snapshot;
  std::int64_t joined_at_ms = 0;
  NullableTime active_at;
  NullableTime left_at;
  std::string leave_reason;

  auto columns() {
    return std::tie(sid, room, identity, name, snapshot, joined_at_ms, active_at, left_at,
                    leave_reason);
  }
  ParticipantRecord value() const {
    return {.sid = ParticipantSid(sid),
            .room = RoomSid(room),
            .identity = identity,
            .name = name,
            .snapshot = snapshot,
            .joined_at = wall_from_unix_ms(joined_at_ms),
            .active_at = active_at.value(),
            .left_at = left_at.value(),
            .leave_reason = leave_reason};
  }
};

struct TrackRow {
  std::string sid;
  std::string room;
  std::string participant;
  std::string snapshot;
  std::int64_t published_at_ms = 0;
  NullableTime unpublished_at;

  auto columns() {
    return std::tie(sid, room, participant, snapshot, published_at_ms, unpublished_at);
  }
  TrackRecord value() const {
    return {.sid = TrackSid(sid),
            .room = RoomSid(room),
            .participant = ParticipantSid(participant),
            .snapshot = snapshot,
            .published_at = wall_from_unix_ms(published_at_ms),
            .unpublished_at = unpublished_at.value()};
  }
};

const std::string kSelectRooms =
    "select sid, project, node, name, snapshot, created_at_ms, finished_at_ms, finish_reason "
    "from rooms ";
const std::string kSelectParticipants =
    "select sid, room, identity, name, snapshot, joined_at_ms, active_at_ms, left_at_ms, "
    "leave_reason from participants ";
const std::string kSelectTracks =
    "select sid, room, participant, snapshot, published_at_ms, unpublished_at_ms from tracks ";
const std::string kOpenRoomsOfNode =
    "(select sid from rooms where node = :node and finished_at_ms is null) ";

}  // namespace

std::vector<RoomRecord> select_rooms(Session& session, const RoomQuery& query) {
  const auto rows = static_cast<std::int64_t>(std::min(query.limit, limits::kRoomsPerRead));
  // Without a position the page starts behind every room there could be.
  const std::int64_t before_ms =
      query.before ? unix_ms(query.before->created_at) : std::numeric_limits<std::int64_t>::max();
  const RoomSid before_sid = query.before ? query.before->sid : RoomSid{};
  const std::string page =
      "and (created_at_ms, sid) < (:before, :before_sid) "
      "order by created_at_ms desc, sid desc limit :rows";
  if (query.name) {
    return select<RoomRow>(session,
                           kSelectRooms + "where project = :project and name = :name " + page,
                           query.project, *query.name, before_ms, before_sid, rows);
  }
  return select<RoomRow>(session, kSelectRooms + "where project = :project " + page, query.project,
                         before_ms, before_sid, rows);
}

Result<RoomRecord> select_room(Session& session, const RoomSid& sid) {
  auto found = select<RoomRow>(session, kSelectRooms + "where sid = :sid", sid);
  if (found.empty()) return fail(Errc::NotFound, "there is no room " + sid.str());
  return std::move(found.front());
}

std::vector<ParticipantRecord> select_participants(Session& session, const RoomSid& room) {
  return select<ParticipantRow>(
      session, kSelectParticipants + "where room = :room order by joined_at_ms, sid", room);
}

std::vector<TrackRecord> select_tracks(Session& session, const RoomSid& room) {
  return select<TrackRow>(session,
                          kSelectTracks + "where room = :room order by published_at_ms, sid", room);
}

OpenRecords select_open_records(Session& session, const NodeId& node) {
  OpenRecords open;
  open.rooms = select<RoomRow>(
      session,
      kSelectRooms + "where node = :node and finished_at_ms is null order by created_at_ms, sid",
      node);
  open.participants =
      select<ParticipantRow>(session,
                             kSelectParticipants + "where left_at_ms is null and room in " +
                                 kOpenRoomsOfNode + "order by joined_at_ms, sid",
                             node);
  open.tracks = select<TrackRow>(session,
                                 kSelectTracks + "where unpublished_at_ms is null and room in " +
                                     kOpenRoomsOfNode + "order by published_at_ms, sid",
                                 node);
  return open;
}

Result<void> write(Session& session, const core::InsertRoom& change) {
  const RoomRecord& room = change.room;
  execute(session,
          "insert into rooms (sid, project, node, name, snapshot, created_at_ms, finished_at_ms, "
          "finish_reason) values (:sid, :project, :node, :name, :snapshot, :created, :finished, "
          ":reason)",
          room.sid, room.project, room.node, room.name, room.snapshot, room.created_at,
          room.finished_at, room.finish_reason);
  return {};
}

Result<void> write(Session& session, const core::UpdateRoom& change) {
  const std::int64_t rows = execute(
      session, "update rooms set snapshot = :snapshot where sid = :sid and finished_at_ms is null",
      change.snapshot, change.room);
  return expect_changed(rows, "there is no open room " + change.room.str());
}

Result<void> write(Session& session, const core::FinishRoom& change) {
  const std::int64_t rows =
      execute(session,
              "update rooms set finished_at_ms = :at, finish_reason = :reason "
              "where sid = :sid and finished_at_ms is null",
              change.at, change.reason, change.room);
  return expect_changed(rows, "there is no open room " + change.room.str());
}

Result<void> write(Session& session, const core::InsertParticipant& change) {
  const ParticipantRecord& participant = change.participant;
  execute(session,
          "insert into participants (sid, room, identity, name, snapshot, joined_at_ms, "
          "active_at_ms, left_at_ms, leave_reason) values (:sid, :room, :identity, :name, "
          ":snapshot, :joined, :active, :left, :reason)",
          participant.sid, participant.room, participant.identity, participant.name,
          participant.snapshot, participant.joined_at, participant.active_at, participant.left_at,
          participant.leave_reason);
  return {};
}

Result<void> write(Session& session, const core::UpdateParticipant& change) {
  const std::int64_t rows =
      execute(session,
              "update participants set name = :name, snapshot = :snapshot, "
              "active_at_ms = coalesce(:active, active_at_ms) "
              "where sid = :sid and left_at_ms is null",
              change.name, change.snapshot, change.active_at, change.participant);
  return expect_changed(rows, "participant " + change.participant.str() + " is not in a room");
}

Result<void> write(Session& session, const core::EndParticipant& change) {
  const std::int64_t rows =
      execute(session,
              "update participants set left_at_ms = :at, leave_reason = :reason "
              "where sid = :sid and left_at_ms is null",
              change.at, change.reason, change.participant);
  return expect_changed(rows, "participant " + change.participant.str() + " is not in a room");
}

Result<void> write(Session& session, const core::InsertTrack& change) {
  const TrackRecord& track = change.track;
  execute(session,
          "insert into tracks (sid, room, participant, snapshot, published_at_ms, "
          "unpublished_at_ms) values (:sid, :room, :participant, :snapshot, :published, "
          ":unpublished)",
          track.sid, track.room, track.participant, track.snapshot, track.published_at,
          track.unpublished_at);
  return {};
}

Result<void> write(Session& session, const core::EndTrack& change) {
  const std::int64_t rows = execute(session,
                                    "update tracks set unpublished_at_ms = :at "
                                    "where sid = :sid and unpublished_at_ms is null",
                                    change.at, change.track);
  return expect_changed(rows, "track " + change.track.str() + " is not published");
}

}  // namespace vis::storage
