#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "core/ids.hpp"

/// The ordered event log: what everybody who wants to know of a change reads, each at their own
/// pace. An event is written in the transaction of the change it tells of (core/store.hpp), so
/// there is never one without the other.
namespace vis::core::events {

/// Where an event stands in the log: 1 for the first, rising without gaps in the order of the
/// commits. A value-initialised EventId stands before the first event.
enum class EventId : std::int64_t {};

/// What a change says of itself. The log adds the rest when the change is committed.
struct NewEvent {
  ProjectId project;
  std::string type;      ///< Dotted, one of `types` below.
  std::string resource;  ///< Id of the thing that changed, such as a room's sid.
  WallTime at{};
  std::string data;  ///< A JSON object.

  friend bool operator==(const NewEvent&, const NewEvent&) = default;
};

struct Event {
  EventId id{};
  std::string public_id;  ///< `EV_…`; what readers outside recognise a repeated delivery by.
  ProjectId project;
  std::string type;
  std::string resource;
  std::int64_t sequence = 0;  ///< 1, 2, … among the events of `resource`.
  WallTime at{};
  std::string data;

  friend bool operator==(const Event&, const Event&) = default;
};

namespace types {

inline constexpr std::string_view kProjectCreated = "project.created";
inline constexpr std::string_view kApiKeyCreated = "api_key.created";
inline constexpr std::string_view kApiKeyRevoked = "api_key.revoked";

inline constexpr std::string_view kRoomStarted = "room.started";
inline constexpr std::string_view kRoomUpdated = "room.updated";
inline constexpr std::string_view kRoomFinished = "room.finished";

inline constexpr std::string_view kParticipantJoined = "participant.joined";
inline constexpr std::string_view kParticipantActive = "participant.active";
inline constexpr std::string_view kParticipantUpdated = "participant.updated";
inline constexpr std::string_view kParticipantLeft = "participant.left";
/// Left before media came up.
inline constexpr std::string_view kParticipantConnectionAborted = "participant.connection_aborted";

inline constexpr std::string_view kTrackPublished = "track.published";
inline constexpr std::string_view kTrackUnpublished = "track.unpublished";

/// A webhook was given up after its last attempt.
inline constexpr std::string_view kWebhookFailed = "webhook.failed";

}  // namespace types
}  // namespace vis::core::events
