#include "storage/ports.hpp"

#include <utility>

#include "base/completion.hpp"
#include "storage/event_rows.hpp"
#include "storage/project_rows.hpp"
#include "storage/room_rows.hpp"

namespace vis::storage {

using core::events::EventId;

Task<Result<core::CommitReceipt>> SqlStore::commit(core::Commit change) {
  auto start = [this, &change](Writer::Done done) {
    writer_.submit(std::move(change), std::move(done));
  };
  co_return co_await suspend_with<Result<core::CommitReceipt>>(std::move(start));
}

void SqlStore::write_behind(core::Commit change) {
  writer_.submit(std::move(change), std::nullopt);
}

Task<Result<std::vector<core::events::Event>>> SqlEventLog::after(
    EventId position, std::size_t limit, std::optional<core::ProjectId> project) {
  auto query = [position, limit, project = std::move(project)](Session& session) {
    return select_events(session, position, limit, project);
  };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<EventId>> SqlEventLog::last() { co_return co_await reader_.read(select_last_event); }

Task<> SqlEventLog::wait_beyond(EventId position) { return signal_.wait_beyond(position); }

Task<Result<std::optional<EventId>>> SqlEventLog::cursor(std::string reader) {
  auto query = [name = std::move(reader)](Session& session) {
    return select_cursor(session, name);
  };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::vector<core::projects::Project>>> SqlProjectStore::projects() {
  co_return co_await reader_.read(select_projects);
}

Task<Result<core::projects::Project>> SqlProjectStore::project(core::ProjectId id) {
  auto query = [id = std::move(id)](Session& session) { return select_project(session, id); };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::vector<core::projects::ApiKey>>> SqlProjectStore::keys(core::ProjectId project) {
  auto query = [&box = box_, project = std::move(project)](Session& session) {
    return select_keys(session, box, project);
  };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::vector<core::projects::ApiKey>>> SqlProjectStore::active_keys() {
  auto query = [&box = box_](Session& session) { return select_active_keys(session, box); };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::int64_t>> SqlProjectStore::keys_revision() {
  co_return co_await reader_.read(select_keys_revision);
}

Task<Result<std::vector<core::rooms::RoomRecord>>> SqlRoomHistory::rooms(
    core::rooms::RoomQuery query) {
  auto page = [query = std::move(query)](Session& session) { return select_rooms(session, query); };
  co_return co_await reader_.read(std::move(page));
}

Task<Result<core::rooms::RoomRecord>> SqlRoomHistory::room(core::rooms::RoomSid sid) {
  auto query = [sid = std::move(sid)](Session& session) { return select_room(session, sid); };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::vector<core::rooms::ParticipantRecord>>> SqlRoomHistory::participants(
    core::rooms::RoomSid room) {
  auto query = [room = std::move(room)](Session& session) {
    return select_participants(session, room);
  };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<std::vector<core::rooms::TrackRecord>>> SqlRoomHistory::tracks(
    core::rooms::RoomSid room) {
  auto query = [room = std::move(room)](Session& session) { return select_tracks(session, room); };
  co_return co_await reader_.read(std::move(query));
}

Task<Result<core::rooms::OpenRecords>> SqlRoomHistory::open_records(core::rooms::NodeId node) {
  auto query = [node = std::move(node)](Session& session) {
    return select_open_records(session, node);
  };
  co_return co_await reader_.read(std::move(query));
}

}  // namespace vis::storage
