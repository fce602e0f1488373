#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/limits/core_events.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/events/event.hpp"

namespace vis::core::events {

/// The reading side of the event log. Whoever acts on events (webhooks, CDRs, audit) is a reader
/// with a name, reads from its cursor on, and moves the cursor with a `SetCursor` once it has
/// acted: an event may be seen twice after a crash, never not at all.
class EventLog {
 public:
  virtual ~EventLog() = default;

  /// The events beyond `position` in order, of one project if given; at most `limit` and at most
  /// limits::kEventsPerRead of them.
  virtual Task<Result<std::vector<Event>>> after(EventId position, std::size_t limit,
                                                 std::optional<ProjectId> project) = 0;

  /// The last position; value-initialised while the log is empty.
  virtual Task<Result<EventId>> last() = 0;

  /// Returns as soon as this process has committed an event beyond `position`, at once if it has
  /// already. What other processes commit is only seen by asking `last()` now and then.
  virtual Task<> wait_beyond(EventId position) = 0;

  /// Where `reader` stands; nothing for one that never set its cursor. (A cursor may well stand
  /// before the first event.)
  virtual Task<Result<std::optional<EventId>>> cursor(std::string reader) = 0;
};

}  // namespace vis::core::events
