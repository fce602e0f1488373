#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/events/event_log.hpp"
#include "core/projects/project_store.hpp"
#include "core/rooms/history.hpp"
#include "core/store.hpp"
#include "storage/event_signal.hpp"
#include "storage/reader.hpp"
#include "storage/secret_box.hpp"
#include "storage/writer.hpp"

/// Core's ports on the database. Each is a view of parts that Database owns, and lives as long.
namespace vis::storage {

class SqlStore final : public core::Store {
 public:
  explicit SqlStore(Writer& writer) : writer_(writer) {}

  Task<Result<core::CommitReceipt>> commit(core::Commit change) override;
  void write_behind(core::Commit change) override;

 private:
  Writer& writer_;
};

class SqlEventLog final : public core::events::EventLog {
 public:
  SqlEventLog(Reader& reader, EventSignal& signal) : reader_(reader), signal_(signal) {}

  Task<Result<std::vector<core::events::Event>>> after(
      core::events::EventId position, std::size_t limit,
      std::optional<core::ProjectId> project) override;
  Task<Result<core::events::EventId>> last() override;
  Task<> wait_beyond(core::events::EventId position) override;
  Task<Result<std::optional<core::events::EventId>>> cursor(std::string reader) override;

 private:
  Reader& reader_;
  EventSignal& signal_;
};

class SqlProjectStore final : public core::projects::ProjectStore {
 public:
  SqlProjectStore(Reader& reader, const SecretBox& box) : reader_(reader), box_(box) {}

  Task<Result<std::vector<core::projects::Project>>> projects() override;
  Task<Result<core::projects::Project>> project(core::ProjectId id) override;
  Task<Result<std::vector<core::projects::ApiKey>>> keys(core::ProjectId project) override;
  Task<Result<std::vector<core::projects::ApiKey>>> active_keys() override;
  Task<Result<std::int64_t>> keys_revision() override;

 private:
  Reader& reader_;
  const SecretBox& box_;
};

class SqlRoomHistory final : public core::rooms::RoomHistory {
 public:
  explicit SqlRoomHistory(Reader& reader) : reader_(reader) {}

  Task<Result<std::vector<core::rooms::RoomRecord>>> rooms(core::rooms::RoomQuery query) override;
  Task<Result<core::rooms::RoomRecord>> room(core::rooms::RoomSid sid) override;
  Task<Result<std::vector<core::rooms::ParticipantRecord>>> participants(
      core::rooms::RoomSid room) override;
  Task<Result<std::vector<core::rooms::TrackRecord>>> tracks(core::rooms::RoomSid room) override;
  Task<Result<core::rooms::OpenRecords>> open_records(core::rooms::NodeId node) override;

 private:
  Reader& reader_;
};

}  // namespace vis::storage
