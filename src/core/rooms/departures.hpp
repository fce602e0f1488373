#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/limits/core_rooms.hpp"
#include "base/time.hpp"
#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// Who left a room lately, for those who resume: what was sent over a dying socket may never have
/// arrived, and a client keeps everybody whose departure it was not told of. Remembers
/// limits::kDeparturesRemembered of them. Pure; owned by the room.
class Departures final {
 public:
  void add(TimePoint now, const ParticipantInfo& departed);
  /// Those who left at `from` or later, in order; nothing when some of them have been forgotten.
  std::optional<std::vector<ParticipantInfo>> since(TimePoint from) const;

 private:
  struct Departure {
    TimePoint at;
    ParticipantInfo participant;
  };
  std::deque<Departure> departures_;
  std::optional<TimePoint> forgotten_until_;
};

}  // namespace vis::core::rooms
