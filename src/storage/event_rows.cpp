#include "storage/event_rows.hpp"

#include <algorithm>

#include "base/limits/core_events.hpp"
#include "storage/rows.hpp"

namespace vis::storage {
namespace {

using core::events::Event;
using core::events::EventId;

struct EventRow {
  std::int64_t position = 0;
  std::string public_id;
  std::string project;
  std::string type;
  std::string resource;
  std::int64_t sequence = 0;
  std::int64_t at_ms = 0;
  std::string data;

  auto columns() {
    return std::tie(position, public_id, project, type, resource, sequence, at_ms, data);
  }
  Event value() const {
    return {.id = EventId{position},
            .public_id = public_id,
            .project = core::ProjectId(project),
            .type = type,
            .resource = resource,
            .sequence = sequence,
            .at = wall_from_unix_ms(at_ms),
            .data = data};
  }
};

const std::string kSelectEvents =
    "select position, public_id, project, type, resource, sequence, at_ms, data from events "
    "where position > :after ";

}  // namespace

std::vector<Event> select_events(Session& session, EventId after, std::size_t limit,
                                 const std::optional<core::ProjectId>& project) {
  const auto rows = static_cast<std::int64_t>(std::min(limit, limits::kEventsPerRead));
  if (project) {
    return select<EventRow>(session,
                            kSelectEvents + "and project = :project order by position limit :rows",
                            after, *project, rows);
  }
  return select<EventRow>(session, kSelectEvents + "order by position limit :rows", after, rows);
}

EventId select_last_event(Session& session) {
  return EventId{select<NumberRow>(session, "select position from log_head").front()};
}

bool has_event(Session& session, const std::string& public_id) {
  return select<NumberRow>(session, "select count(*) from events where public_id = :id", public_id)
             .front() != 0;
}

std::optional<EventId> select_cursor(Session& session, const std::string& reader) {
  const auto found = select<NumberRow>(
      session, "select position from event_cursors where reader = :reader", reader);
  if (found.empty()) return std::nullopt;
  return EventId{found.front()};
}

std::int64_t lock_log(Session& session, std::size_t count) {
  return select<NumberRow>(session,
                           "update log_head set position = position + :count returning position",
                           static_cast<std::int64_t>(count))
      .front();
}

void insert_event(Session& session, EventId position, const std::string& public_id,
                  const core::events::NewEvent& event) {
  execute(session,
          "insert into events (position, public_id, project, type, resource, at_ms, data, sequence)"
          " values (:position, :id, :project, :type, :resource, :at, :data,"
          " (select coalesce(max(sequence), 0) + 1 from events"
          "  where project = :same_project and resource = :same_resource))",
          position, public_id, event.project, event.type, event.resource, event.at, event.data,
          event.project, event.resource);
}

Result<void> write(Session& session, const core::SetCursor& change) {
  if (change.reader.empty() || change.reader.size() > limits::kLogReaderBytes) {
    return fail(Errc::InvalidArgument, "the name of a log reader is empty or too long");
  }
  execute(session,
          "insert into event_cursors (reader, position) values (:reader, :position) "
          "on conflict (reader) do update set position = excluded.position",
          change.reader, change.position);
  return {};
}

}  // namespace vis::storage
