#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/rooms/model.hpp"

/// Rooms, participants and tracks as JSON: what records keep and what events carry, so that it must
/// be readable for as long as the records are. Fields are only ever added; a reader takes the
/// default for one that is missing and passes over one that it does not know.
///
/// Times are `…_at_ms` (Unix), enumerators their name in snake_case.
namespace vis::core::rooms {

std::string to_json(const RoomInfo& room);
/// With the tracks.
std::string to_json(const ParticipantInfo& participant);
std::string to_json(const TrackInfo& track);

/// The name of a reason as records and events have it, such as `client_initiated`.
std::string_view name_of(LeaveReason reason);

/// What the data of a room's event holds, as JSON texts; empty = left out.
struct EventParts {
  std::string room;
  std::string participant;
  std::string track;
  std::string_view reason;
};
std::string event_data(const EventParts& parts);

/// The same, read. Events of tracks name room and participant by sid, name and identity alone.
struct EventContent {
  RoomInfo room;
  std::optional<ParticipantInfo> participant;
  std::optional<TrackInfo> track;
  std::string reason;
};
/// Internal for text that `event_data` cannot have made.
Result<EventContent> parse_event_data(std::string_view data);

/// The short forms for events of tracks.
std::string to_brief_json(const RoomInfo& room);
std::string to_brief_json(const ParticipantInfo& participant);

}  // namespace vis::core::rooms
