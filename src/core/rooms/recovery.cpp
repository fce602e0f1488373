#include "core/rooms/recovery.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/rooms/snapshot.hpp"

namespace vis::core::rooms {
namespace {

namespace types = events::types;

constexpr std::string_view kReason = "server_restart";

/// Writes the ends of one room's records.
class Closer final {
 public:
  Closer(const OpenRecords& open, WallTime now) : now_(now) {
    for (const RoomRecord& room : open.rooms) rooms_.emplace(room.sid, &room);
    for (const ParticipantRecord& each : open.participants) people_.emplace(each.sid, &each);
  }

  void close(const TrackRecord& track) {
    const auto person = people_.find(track.participant);
    std::string participant = person == people_.end() ? "" : person->second->snapshot;
    add(EndTrack{track.sid, now_}, types::kTrackUnpublished, track.room,
        {.room = {}, .participant = std::move(participant), .track = track.snapshot});
  }
  void close(const ParticipantRecord& participant) {
    add(EndParticipant{participant.sid, now_, std::string(kReason)},
        participant.active_at ? types::kParticipantLeft : types::kParticipantConnectionAborted,
        participant.room, {.room = {}, .participant = participant.snapshot, .reason = kReason});
  }
  void close(const RoomRecord& room) {
    add(FinishRoom{room.sid, now_, std::string(kReason)}, types::kRoomFinished, room.sid,
        {.room = {}, .reason = kReason});
  }
  Commit take() { return std::move(commit_); }

 private:
  void add(Write write, std::string_view type, const RoomSid& sid, EventParts parts) {
    const RoomRecord& room = *rooms_.at(sid);
    parts.room = room.snapshot;
    commit_.writes.push_back(std::move(write));
    commit_.events.push_back({.project = room.project,
                              .type = std::string(type),
                              .resource = sid.str(),
                              .at = now_,
                              .data = event_data(parts)});
  }

  WallTime now_;
  std::unordered_map<RoomSid, const RoomRecord*> rooms_;
  std::unordered_map<ParticipantSid, const ParticipantRecord*> people_;
  Commit commit_;
};

}  // namespace

Commit closing_commit(const OpenRecords& open, WallTime now) {
  Closer closer(open, now);
  for (const TrackRecord& track : open.tracks) closer.close(track);
  for (const ParticipantRecord& participant : open.participants) closer.close(participant);
  for (const RoomRecord& room : open.rooms) closer.close(room);
  return closer.take();
}

Task<Result<std::size_t>> Recovery::close_left_open(WallTime now) {
  const auto open = co_await history_.open_records(node_);
  if (!open) co_return std::unexpected(open.error());
  if (open->rooms.empty()) co_return std::size_t{0};
  Commit change = closing_commit(*open, now);
  const auto receipt = co_await store_.commit(std::move(change));
  if (!receipt) co_return std::unexpected(receipt.error());
  co_return open->rooms.size();
}

}  // namespace vis::core::rooms
