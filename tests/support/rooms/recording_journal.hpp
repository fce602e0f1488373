#pragma once

#include <string>
#include <vector>

#include "core/rooms/journal.hpp"

namespace vis::core::rooms {

/// A journal that keeps its entries in memory.
class RecordingJournal final : public RoomJournal {
 public:
  struct Entry {
    std::string what;
    WallTime at{};
    RoomInfo room;
    ParticipantInfo participant;
    TrackInfo track;
    LeaveReason reason = LeaveReason::Unknown;
    bool was_active = false;
  };

  void room_started(WallTime at, const RoomInfo& room) override {
    entries.push_back({.what = "room_started", .at = at, .room = room});
  }
  void room_updated(WallTime at, const RoomInfo& room) override {
    entries.push_back({.what = "room_updated", .at = at, .room = room});
  }
  void room_finished(WallTime at, const RoomInfo& room, LeaveReason reason) override {
    entries.push_back({.what = "room_finished", .at = at, .room = room, .reason = reason});
  }
  void participant_joined(WallTime at, const RoomInfo& room,
                          const ParticipantInfo& participant) override {
    add("participant_joined", at, room, participant);
  }
  void participant_active(WallTime at, const RoomInfo& room,
                          const ParticipantInfo& participant) override {
    add("participant_active", at, room, participant);
  }
  void participant_updated(WallTime at, const RoomInfo& room,
                           const ParticipantInfo& participant) override {
    add("participant_updated", at, room, participant);
  }
  void participant_left(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                        bool was_active) override {
    add("participant_left", at, room, participant);
    entries.back().was_active = was_active;
  }
  void track_published(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                       const TrackInfo& track) override {
    add("track_published", at, room, participant);
    entries.back().track = track;
  }
  void track_unpublished(WallTime at, const RoomInfo& room, const ParticipantInfo& participant,
                         const TrackInfo& track) override {
    add("track_unpublished", at, room, participant);
    entries.back().track = track;
  }

  /// "room_started, participant_joined alice, …"
  std::vector<std::string> story() const {
    std::vector<std::string> lines;
    for (const Entry& entry : entries) {
      const std::string& who = entry.participant.identity;
      lines.push_back(who.empty() ? entry.what : entry.what + ' ' + who);
    }
    return lines;
  }
  void clear() { entries.clear(); }

  std::vector<Entry> entries;

 private:
  void add(std::string what, WallTime at, const RoomInfo& room,
           const ParticipantInfo& participant) {
    entries.push_back(
        {.what = std::move(what), .at = at, .room = room, .participant = participant});
  }
};

}  // namespace vis::core::rooms
