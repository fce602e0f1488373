#include "unit/storage/storage_fixture.hpp"

#include <sstream>

namespace vis::storage {

using core::ProjectId;
using core::events::Event;

core::projects::Project sample_project(const std::string& id) {
  return {.id = ProjectId(id), .name = "Project " + id, .created_at = at_ms(1)};
}

core::projects::ApiKey sample_key(const std::string& id, const std::string& project) {
  return {.id = core::projects::ApiKeyId(id),
          .project = ProjectId(project),
          .name = "Key " + id,
          .secret = Secret("secret of " + id),
          .created_at = at_ms(2)};
}

core::rooms::RoomRecord sample_room(const std::string& sid, const std::string& project) {
  return {.sid = core::rooms::RoomSid(sid),
          .project = ProjectId(project),
          .node = core::rooms::NodeId("node-1"),
          .name = "room of " + sid,
          .snapshot = R"({"metadata":"m"})",
          .created_at = at_ms(3)};
}

core::rooms::ParticipantRecord sample_participant(const std::string& sid, const std::string& room) {
  return {.sid = core::rooms::ParticipantSid(sid),
          .room = core::rooms::RoomSid(room),
          .identity = "identity of " + sid,
          .name = "Ольга",
          .snapshot = R"({"state":"joined"})",
          .joined_at = at_ms(4)};
}

core::rooms::TrackRecord sample_track(const std::string& sid, const std::string& participant,
                                      const std::string& room) {
  return {.sid = core::rooms::TrackSid(sid),
          .room = core::rooms::RoomSid(room),
          .participant = core::rooms::ParticipantSid(participant),
          .snapshot = R"({"kind":"audio"})",
          .published_at = at_ms(5)};
}

core::events::NewEvent sample_event(const std::string& project, const std::string& resource,
                                    const std::string& type) {
  return {.project = ProjectId(project),
          .type = type,
          .resource = resource,
          .at = at_ms(6),
          .data = R"({"n":"ё"})"};
}

core::Commit new_project(const std::string& id) {
  return {.writes = {core::InsertProject{sample_project(id)}},
          .events = {sample_event(id, id, "project.created")}};
}

DatabaseTest::DatabaseTest(Dialect dialect) : dialect_(dialect), url_(new_database_url()) {}

std::string DatabaseTest::new_database_url() {
  switch (dialect_) {
    case Dialect::Sqlite: return "sqlite:" + (directory_ / "visavis.db").string();
    case Dialect::PostgreSql: return test::PostgresServer::shared().create_database();
  }
  std::unreachable();
}

Result<std::unique_ptr<Database>> DatabaseTest::try_open(const DatabaseOptions& options) {
  return Database::open(
      options, at_ms(0),
      {.executor = context_.get_executor(), .random = random_, .metrics = metrics_});
}

void DatabaseTest::open() {
  database_.reset();
  auto opened = try_open(options());
  ASSERT_TRUE(opened) << opened.error().message;
  database_ = std::move(*opened);
}

std::vector<Event> DatabaseTest::all_events() {
  std::vector<Event> all;
  for (;;) {
    const core::events::EventId last = all.empty() ? core::events::EventId{} : all.back().id;
    auto page = run(database_->events().after(last, 100, std::nullopt));
    EXPECT_TRUE(page);
    if (!page || page->empty()) return all;
    all.insert(all.end(), page->begin(), page->end());
  }
}

double DatabaseTest::metric(const std::string& series) const {
  std::istringstream text(metrics_.expose());
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return 0;
}

std::string dialect_name(const testing::TestParamInfo<Dialect>& info) {
  switch (info.param) {
    case Dialect::Sqlite: return "Sqlite";
    case Dialect::PostgreSql: return "PostgreSql";
  }
  std::unreachable();
}

}  // namespace vis::storage
