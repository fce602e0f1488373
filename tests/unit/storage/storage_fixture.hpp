#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "core/store.hpp"
#include "storage/database.hpp"
#include "storage/database_url.hpp"
#include "support/postgres_server.hpp"
#include "support/run_task.hpp"
#include "support/temp_directory.hpp"

namespace vis::storage {

/// A day in 2026, plus some milliseconds.
constexpr WallTime at_ms(std::int64_t ms) { return wall_from_unix_ms(1'790'000'000'000 + ms); }

core::projects::Project sample_project(const std::string& id);
core::projects::ApiKey sample_key(const std::string& id, const std::string& project);
core::rooms::RoomRecord sample_room(const std::string& sid, const std::string& project);
core::rooms::ParticipantRecord sample_participant(const std::string& sid, const std::string& room);
core::rooms::TrackRecord sample_track(const std::string& sid, const std::string& participant,
                                      const std::string& room);
core::events::NewEvent sample_event(const std::string& project, const std::string& resource,
                                    const std::string& type = "room.updated");

/// An insert of the project and the event that tells of it.
core::Commit new_project(const std::string& id);

/// A fresh database of one dialect, opened through the public door alone.
class DatabaseTest : public testing::Test {
 protected:
  explicit DatabaseTest(Dialect dialect);

  std::string new_database_url();
  DatabaseOptions options() const {
    return {.url = Secret(url_), .key_file = directory_ / "master.key"};
  }
  Result<std::unique_ptr<Database>> try_open(const DatabaseOptions& options);
  void open();
  void close() { database_.reset(); }

  template <typename T>
  T run(Task<T> task) {
    return test::run_task(context_, std::move(task));
  }
  Result<core::CommitReceipt> commit(core::Commit change) {
    return run(database_->store().commit(std::move(change)));
  }
  std::vector<core::events::Event> all_events();
  /// The value of a series in the exposition, 0 when it is absent.
  double metric(const std::string& series) const;

  boost::asio::io_context context_;
  SystemRandom random_;
  Metrics metrics_;
  test::TempDirectory directory_;
  Dialect dialect_;
  std::string url_;
  std::unique_ptr<Database> database_;
};

/// The tests that every dialect must pass.
class StorageTest : public DatabaseTest, public testing::WithParamInterface<Dialect> {
 protected:
  StorageTest() : DatabaseTest(GetParam()) { open(); }
};

/// Instantiates a suite of StorageTest for both dialects.
std::string dialect_name(const testing::TestParamInfo<Dialect>& info);
#define VIS_FOR_EACH_DIALECT(suite)                                                                \
  INSTANTIATE_TEST_SUITE_P(Dialects, suite, testing::Values(Dialect::Sqlite, Dialect::PostgreSql), \
                           dialect_name)

}  // namespace vis::storage
