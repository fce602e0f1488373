#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/limits/storage.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/events/event.hpp"
#include "core/projects/project.hpp"
#include "core/rooms/records.hpp"

/// How core writes: a change of state and the events that tell of it are one value, applied in one
/// transaction (docs/adr/0002).
namespace vis::core {

// ---- projects ----

struct InsertProject {
  projects::Project project;
};
struct InsertApiKey {
  projects::ApiKey key;
};
/// NotFound when the key does not exist or is revoked already.
struct RevokeApiKey {
  projects::ApiKeyId key;
  WallTime at{};
};
/// Records a use; an older time than the recorded one changes nothing.
struct TouchApiKey {
  projects::ApiKeyId key;
  WallTime at{};
};

// ---- rooms; an update or an end of what is not open is NotFound ----

struct InsertRoom {
  rooms::RoomRecord room;
};
struct UpdateRoom {
  rooms::RoomSid room;
  std::string snapshot;
};
struct FinishRoom {
  rooms::RoomSid room;
  WallTime at{};
  std::string reason;
};
struct InsertParticipant {
  rooms::ParticipantRecord participant;
};
struct UpdateParticipant {
  rooms::ParticipantSid participant;
  std::string name;
  std::string snapshot;
  std::optional<WallTime> active_at;  ///< Set once media is up; unset leaves it as it is.
};
struct EndParticipant {
  rooms::ParticipantSid participant;
  WallTime at{};
  std::string reason;
};
struct InsertTrack {
  rooms::TrackRecord track;
};
struct EndTrack {
  rooms::TrackSid track;
  WallTime at{};
};

// ---- readers of the event log ----

struct SetCursor {
  std::string reader;
  events::EventId position{};
};

using Write = std::variant<InsertProject, InsertApiKey, RevokeApiKey, TouchApiKey, InsertRoom,
                           UpdateRoom, FinishRoom, InsertParticipant, UpdateParticipant,
                           EndParticipant, InsertTrack, EndTrack, SetCursor>;

/// One change: either all of it is written or nothing is. An insert comes with an event that tells
/// of it, so that after a lost connection the log itself says whether the commit took place.
struct Commit {
  std::vector<Write> writes;
  std::vector<events::NewEvent> events;
};

struct CommitReceipt {
  events::EventId last_event{};  ///< Of this commit; value-initialised when it brought none.
};

/// The one door to everything that is kept. Commits take effect in the order of the calls, whatever
/// their kind. Safe from every thread.
///
/// A commit is refused as a whole: AlreadyExists for an id that is taken, NotFound for one that is
/// not there, FailedPrecondition for a reference into nothing, InvalidArgument for text that is
/// not UTF-8 or holds NUL; Unavailable when the database cannot be written now.
class Store {
 public:
  virtual ~Store() = default;

  /// Returns once the commit is durable. After Unavailable it may or may not have taken place.
  virtual Task<Result<CommitReceipt>> commit(Commit change) = 0;

  /// Queues a commit that nobody waits for. While the database is unavailable it is kept and tried
  /// again; what is refused, or comes while limits::kPendingCommits wait, is dropped, logged and
  /// counted.
  virtual void write_behind(Commit change) = 0;
};

}  // namespace vis::core
