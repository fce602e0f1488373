#include "storage/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <soci/sqlite3/soci-sqlite3.h>
#include <fstream>
#include <future>
#include <sstream>

#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

class MigrationsTest : public DatabaseTest, public testing::WithParamInterface<Dialect> {
 protected:
  MigrationsTest() : DatabaseTest(GetParam()) {}
  std::unique_ptr<Session> session() {
    return open_session({.url = DatabaseUrl::parse(url_).value()}, Access::Write);
  }
  void load_dump(const std::string& version) {
    const std::filesystem::path data = VIS_SOURCE_DIR "/tests/data/storage";
    std::filesystem::copy_file(data / (version + ".master.key"), options().key_file);
    switch (dialect_) {
      case Dialect::Sqlite: run_in_sqlite(data / (version + ".sqlite.sql")); break;
      case Dialect::PostgreSql:
        test::PostgresServer::shared().run_script(url_, data / (version + ".postgresql.sql"));
        break;
    }
  }
  void run_in_sqlite(const std::filesystem::path& script) {
    std::ostringstream text;
    text << std::ifstream(script).rdbuf();
    const auto target = session();
    auto* const backend = static_cast<soci::sqlite3_session_backend*>(target->sql.get_backend());
    ASSERT_EQ(
        sqlite_api::sqlite3_exec(backend->conn_, text.str().c_str(), nullptr, nullptr, nullptr),
        SQLITE_OK);
  }
};
VIS_FOR_EACH_DIALECT(MigrationsTest);

TEST(Migrations, are_numbered_from_one_without_gaps) {
  int number = 0;
  for (const Migration& migration : migrations()) EXPECT_EQ(migration.number, ++number);
}

TEST(Migrations, say_the_same_to_both_databases_but_for_three_words) {
  const std::string_view text = "create table t (a $int, b $text, c $int)$strict";
  EXPECT_EQ(for_dialect(text, Dialect::Sqlite),
            "create table t (a integer, b text, c integer) strict");
  EXPECT_EQ(for_dialect(text, Dialect::PostgreSql),
            "create table t (a bigint, b text collate \"C\", c bigint)");
}

TEST_P(MigrationsTest, an_empty_database_is_brought_to_the_newest_version_once) {
  const int newest = migrations().back().number;
  const auto first = migrate_database(Secret(url_), at_ms(0));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->from, 0);
  EXPECT_EQ(first->to, newest);
  const auto second = migrate_database(Secret(url_), at_ms(0));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->from, newest);
  EXPECT_EQ(second->to, newest);
}

TEST_P(MigrationsTest, a_database_newer_than_the_program_is_refused_and_left_alone) {
  open();
  ASSERT_TRUE(commit(new_project("acme")));
  close();
  session()->sql
      << "insert into schema_version (number, name, applied_at_ms) values (999, 'later', 0)";
  const auto opened = try_open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::FailedPrecondition);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("999"));

  session()->sql << "delete from schema_version where number = 999";
  open();
  EXPECT_EQ(all_events().size(), 1U);
}

TEST_P(MigrationsTest, a_migration_that_fails_half_way_changes_nothing) {
  session()->sql << "create table tracks (sid integer)";
  EXPECT_FALSE(migrate_database(Secret(url_), at_ms(0)));
  EXPECT_EQ(schema_version(*session()), 0);
  session()->sql << "drop table tracks";
  EXPECT_TRUE(migrate_database(Secret(url_), at_ms(0)));
}

TEST_P(MigrationsTest, of_two_servers_that_start_at_once_both_find_the_schema_and_one_key) {
  auto start = [this] { return try_open(options()); };
  auto other = std::async(std::launch::async, start);
  const auto mine = start();
  const auto theirs = other.get();
  ASSERT_TRUE(mine) << mine.error().message;
  ASSERT_TRUE(theirs) << theirs.error().message;
}

/// Old data, as a server of that version left it, comes through every migration since. The dumps
/// are never edited; a new schema version adds its own.
TEST_P(MigrationsTest, data_of_version_1_is_all_there_after_migrating) {
  load_dump("v1");
  open();
  const core::ProjectId acme("acme");
  EXPECT_EQ(run(database_->projects().project(acme)).value().name, "Acme «видео»");
  const auto keys = run(database_->projects().keys(acme)).value();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].secret.reveal(), "secret of APIone");
  EXPECT_EQ(keys[0].last_used_at, at_ms(60'000));
  EXPECT_EQ(keys[1].revoked_at, at_ms(70'000));
  const auto events = all_events();
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events.back().type, "track.published");
  EXPECT_EQ(events.back().sequence, 3);
  EXPECT_EQ(run(database_->events().cursor("webhooks")), core::events::EventId{4});
  const auto open_records =
      run(database_->rooms().open_records(core::rooms::NodeId("node-1"))).value();
  EXPECT_EQ(open_records.rooms.size(), 1U);
  EXPECT_EQ(open_records.participants.size(), 1U);
  EXPECT_EQ(open_records.tracks.size(), 1U);
  EXPECT_TRUE(commit({.events = {sample_event("acme", "RM_open")}}));
}

}  // namespace
}  // namespace vis::storage
