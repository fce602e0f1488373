#include "core/rooms/room_state.hpp"

#include <algorithm>

namespace vis::core::rooms {
namespace {

std::uint32_t count(const Roster& roster, auto condition) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(roster.all(), [&](const auto& each) { return condition(*each); }));
}

}  // namespace

RoomInfo RoomState::info() const {
  const RoomDefaults& defaults = shared.defaults;
  const auto counts = [](const Participant& each) {
    return !each.permissions().hidden && !each.dependent();
  };
  const auto publishes = [](const Participant& each) {
    return !each.permissions().hidden && each.publications.any_bound();
  };
  const auto records = [](const Participant& each) {
    return each.active() && each.permissions().recorder;
  };
  return {
      .sid = sid,
      .project = project,
      .name = name,
      .metadata = options.metadata,
      .created_at = created_at,
      .empty_timeout = options.empty_timeout.value_or(defaults.empty_timeout),
      .departure_timeout = options.departure_timeout.value_or(defaults.departure_timeout),
      .max_participants =
          options.max_participants > 0 ? options.max_participants : defaults.max_participants,
      .participants = count(roster, counts),
      .publishers = count(roster, publishes),
      .active_recording = count(roster, records) > 0,
  };
}

std::uint32_t RoomState::independents() const {
  return count(roster, [](const Participant& each) { return !each.dependent(); });
}

}  // namespace vis::core::rooms
