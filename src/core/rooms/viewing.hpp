#pragma once

#include <string_view>
#include <vector>

#include "core/rooms/room_state.hpp"
#include "core/rooms/speaker_choice.hpp"
#include "core/rooms/subscribing.hpp"

namespace vis::core::rooms {

/// What viewers are sent: people who cannot negotiate again, and so get one participant after
/// another in the sections that they offered once. Compared with the room on every tick. Control
/// thread; owned by the Room.
class Viewing final {
 public:
  Viewing(RoomState& room, Subscribing& subscribing) : room_(room), subscribing_(subscribing) {}

  /// Whether there is anything to show to such a viewer.
  bool has_something_for(const ViewerOptions& viewer) const;
  void update(Now now, Participant& viewer);
  void set_quality(Participant& viewer, VideoQuality quality);
  void on_tick(Now now);

 private:
  const Participant* shown_to(const ViewerOptions& viewer, const ParticipantSid& speaker) const;
  const ParticipantSid& speaker(Now now);
  void show(Now now, Participant& viewer, const Participant* shown);

  RoomState& room_;
  Subscribing& subscribing_;
  SpeakerChoice choice_;
};

}  // namespace vis::core::rooms
