// What goes wrong with files and servers: each failure says what it is and loses nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "storage/session.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

using core::ProjectId;
using testing::HasSubstr;

class KeyFileTest : public StorageTest {
 protected:
  KeyFileTest() {
    EXPECT_TRUE(commit(new_project("acme")));
    EXPECT_TRUE(commit({.writes = {core::InsertApiKey{sample_key("APIone", "acme")}}}));
    close();
  }
  std::filesystem::path key_file() const { return options().key_file; }
  /// The error of an open that must fail.
  Error open_failure() {
    const auto opened = try_open(options());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  std::string secret_of_first_key() {
    open();
    return run(database_->projects().active_keys()).value().front().secret.reveal();
  }
};
VIS_FOR_EACH_DIALECT(KeyFileTest);

TEST_P(KeyFileTest, a_lost_key_file_is_not_silently_replaced) {
  const auto away = directory_ / "away.key";
  std::filesystem::rename(key_file(), away);
  const Error error = open_failure();
  EXPECT_EQ(error.code, Errc::FailedPrecondition);
  EXPECT_THAT(error.message, HasSubstr(key_file().string()));
  EXPECT_FALSE(std::filesystem::exists(key_file()));

  std::filesystem::rename(away, key_file());
  EXPECT_EQ(secret_of_first_key(), "secret of APIone");
}

TEST_P(KeyFileTest, a_wrong_key_file_is_refused_at_the_start) {
  const auto away = directory_ / "away.key";
  std::filesystem::rename(key_file(), away);
  std::ofstream(key_file()) << "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  const Error error = open_failure();
  EXPECT_EQ(error.code, Errc::FailedPrecondition);
  EXPECT_THAT(error.message, HasSubstr("not the one"));

  std::filesystem::rename(away, key_file());
  EXPECT_EQ(secret_of_first_key(), "secret of APIone");
}

TEST_P(KeyFileTest, a_key_file_that_is_none_is_refused) {
  std::ofstream(key_file()) << "hello\n";
  EXPECT_EQ(open_failure().code, Errc::InvalidArgument);
}

TEST_P(KeyFileTest, a_second_key_can_be_added_and_the_first_must_then_stay) {
  std::ofstream(key_file(), std::ios::app) << "2 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  EXPECT_EQ(secret_of_first_key(), "secret of APIone");
  ASSERT_TRUE(commit({.writes = {core::InsertApiKey{sample_key("APItwo", "acme")}}}));
  open();
  EXPECT_EQ(run(database_->projects().active_keys()).value().size(), 2U);
  close();

  std::ofstream(key_file()) << "2 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  EXPECT_EQ(open_failure().code, Errc::FailedPrecondition);
}

class SqliteFileTest : public DatabaseTest {
 protected:
  SqliteFileTest() : DatabaseTest(Dialect::Sqlite) {}
  std::filesystem::path file() const { return directory_ / "visavis.db"; }
  Error open_failure() {
    const auto opened = try_open(options());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void overwrite(std::streamoff at, std::size_t count) {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << std::string(count, '\x5A');
  }
};

TEST_F(SqliteFileTest, a_new_database_is_readable_by_its_owner_alone) {
  open();
  ASSERT_TRUE(commit(new_project("acme")));
  for (const std::string suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((file().string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(SqliteFileTest, a_file_that_is_no_database_is_refused_and_left_alone) {
  std::ofstream(file()) << std::string(10'000, 'x');
  const Error error = open_failure();
  EXPECT_EQ(error.code, Errc::Internal);
  EXPECT_THAT(error.message, HasSubstr("not a SQLite database"));
  EXPECT_THAT(error.message, HasSubstr(file().string()));
  EXPECT_EQ(std::filesystem::file_size(file()), 10'000U);
}

TEST_F(SqliteFileTest, damaged_pages_are_an_error_for_those_who_touch_them_not_a_crash) {
  open();
  ASSERT_TRUE(commit(new_project("acme")));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(commit({.events = {sample_event("acme", "RM_" + std::to_string(i))}}));
  }
  close();
  // The header and the schema on the first page stay.
  overwrite(4096, std::filesystem::file_size(file()) - 4096);
  const Error error = open_failure();
  EXPECT_EQ(error.code, Errc::Internal);
  EXPECT_THAT(error.message, HasSubstr("damaged"));
}

TEST_F(SqliteFileTest, a_missing_directory_is_an_error_that_names_the_file) {
  url_ = "sqlite:" + (directory_ / "no/such/place.db").string();
  const Error error = open_failure();
  EXPECT_EQ(error.code, Errc::Unavailable);
  EXPECT_THAT(error.message, HasSubstr("no/such/place.db"));
}

TEST_F(SqliteFileTest, a_full_disk_fails_the_commit_and_keeps_everything_before_it) {
  DatabaseOptions small = options();
  small.sqlite_bytes_max = 400'000;
  database_ = try_open(small).value();
  int kept = 0;
  Result<core::CommitReceipt> outcome;
  do {
    core::Commit change = new_project("p" + std::to_string(kept));
    change.events[0].data = "\"" + std::string(8'000, 'x') + "\"";
    outcome = commit(std::move(change));
  } while (outcome && ++kept < 1000);
  ASSERT_FALSE(outcome) << "the disk never filled";
  EXPECT_EQ(outcome.error().code, Errc::Unavailable);
  EXPECT_THAT(outcome.error().message, HasSubstr("full"));
  EXPECT_GT(kept, 10);
  EXPECT_EQ(all_events().size(), static_cast<std::size_t>(kept));

  open();  // With room again.
  EXPECT_EQ(all_events().size(), static_cast<std::size_t>(kept));
  EXPECT_TRUE(commit(new_project("p" + std::to_string(kept))));
}

TEST_F(SqliteFileTest, write_behind_changes_wait_for_room_on_a_full_disk) {
  DatabaseOptions small = options();
  small.sqlite_bytes_max = 400'000;
  database_ = try_open(small).value();
  ASSERT_TRUE(commit(new_project("acme")));
  core::Commit large{.events = {sample_event("acme", "RM_1")}};
  large.events[0].data = std::string(500'000, ' ') + "{}";
  database_->store().write_behind(large);
  const auto outcome = commit(new_project("other"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::Unavailable);
  EXPECT_EQ(metric("visavis_storage_pending_commits"), 1);
  database_->stop();
  EXPECT_EQ(metric("visavis_storage_commits_total{outcome=\"dropped\"}"), 2);
}

/// In a process of its own, which gives up the rights of root.
[[noreturn]] void report_open_failure(const DatabaseOptions& options) {
  if (::geteuid() == 0 && (::setresgid(65534, 65534, 65534) | ::setresuid(65534, 65534, 65534))) {
    std::_Exit(2);
  }
  boost::asio::io_context context;
  SystemRandom random;
  Metrics metrics;
  const auto opened =
      Database::open(options, at_ms(0),
                     {.executor = context.get_executor(), .random = random, .metrics = metrics});
  if (!opened) std::fprintf(stderr, "%s\n", opened.error().message.c_str());
  std::_Exit(opened ? 0 : 1);
}

TEST_F(SqliteFileTest, a_database_that_may_not_be_written_is_refused_at_the_start) {
  open();
  ASSERT_TRUE(commit(new_project("acme")));
  close();
  ASSERT_EQ(::chmod(file().c_str(), 0444), 0);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0555), 0);
  EXPECT_EXIT(report_open_failure(options()), testing::ExitedWithCode(1), "cannot be written");
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(file().c_str(), 0600), 0);
  open();
  EXPECT_TRUE(run(database_->projects().project(ProjectId("acme"))));
}

TEST(PostgresUrl, a_server_that_is_not_there_is_an_error_without_the_password) {
  const auto versions =
      migrate_database(Secret("postgresql://u:hunter2@/db?host=/nonexistent"), at_ms(0));
  ASSERT_FALSE(versions);
  EXPECT_EQ(versions.error().code, Errc::Unavailable);
  EXPECT_THAT(versions.error().message, HasSubstr("cannot be reached"));
  EXPECT_THAT(versions.error().message, testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace vis::storage
