#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

enum class Audience : std::uint8_t { Others, Everybody };

/// Tells the people of a room about each other and about the room.
///
/// Newcomers, publishers and departures are told at once. What else happens to those who only
/// watch is told at most once per kBatchInterval, all of them together, so that a thousand viewers
/// who come or wave do not cost a million messages. The same holds for the counts of the room.
/// Control thread; owned by the Room.
class Announcer final {
 public:
  static constexpr Duration kBatchInterval = 1s;
  static constexpr Duration kRoomInterval = 5s;

  explicit Announcer(RoomState& room) : room_(room) {}

  void tell_all(Outbox::Notice notice);

  /// The participant as it is now. One that the others may not know is told of only to itself.
  void announce(const Participant& participant, Audience audience);
  /// The same to the others only, at once for a publisher, else with the next batch.
  void announce_soon(Now now, const Participant& participant);
  /// To those who are still there.
  void announce_departure(const ParticipantInfo& departed);

  void room_changed();
  void counts_changed() { counts_changed_ = true; }

  void on_tick(Now now);

 private:
  std::vector<SessionObserver*> observers(const Participant* except = nullptr) const;
  void flush(Now now);

  RoomState& room_;
  std::vector<ParticipantSid> batch_;
  std::optional<TimePoint> flushed_at_;
  bool counts_changed_ = false;
  std::optional<TimePoint> counts_told_at_;
};

}  // namespace vis::core::rooms
