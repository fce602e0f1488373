#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "core/rooms/recovery.hpp"
#include "support/answer_thief.hpp"
#include "support/child_process.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

namespace asio = boost::asio;
using core::events::Event;
using core::events::EventId;

/// Holds the database against what was acknowledged, and against itself.
class CrashTest : public StorageTest {
 protected:
  void expect_consistent(const std::set<std::string>& acknowledged) {
    std::set<std::string> projects;
    for (const auto& project : run(database_->projects().projects()).value()) {
      projects.insert(project.id.str());
    }
    for (const std::string& id : acknowledged) EXPECT_TRUE(projects.contains(id)) << id;

    std::map<std::string, int> created;
    std::int64_t position = 0;
    for (const Event& event : all_events()) {
      EXPECT_EQ(event.id, EventId{++position});
      EXPECT_EQ(event.sequence, 1) << event.resource;
      if (event.type == "project.created") ++created[event.resource];
    }
    EXPECT_EQ(created.size(), projects.size());
    for (const auto& [id, times] : created) {
      EXPECT_EQ(times, 1) << id;
      EXPECT_TRUE(projects.contains(id)) << id;
    }
  }
};
VIS_FOR_EACH_DIALECT(CrashTest);

TEST_P(CrashTest, kill_9_loses_no_acknowledged_commit_and_leaves_no_half_of_one) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::set<std::string> acknowledged;
  for (int round = 0; round < 8; ++round) {
    close();
    test::ChildProcess writer(
        {VIS_COMMIT_LOOP, url_, options().key_file, "r" + std::to_string(round)});
    for (unsigned lines = 1 + random() % 60; lines > 0; --lines) {
      const auto id = writer.read_line();
      ASSERT_TRUE(id) << "the writer ended by itself";
      acknowledged.insert(*id);
    }
    writer.kill();
    while (const auto id = writer.read_line()) acknowledged.insert(*id);
    open();
    expect_consistent(acknowledged);
  }
}

TEST_P(CrashTest, the_next_start_closes_the_rooms_that_a_crash_left_open) {
  close();
  test::ChildProcess writer({VIS_COMMIT_LOOP, url_, options().key_file, "left"});
  for (int lines = 0; lines < 5; ++lines) ASSERT_TRUE(writer.read_line());
  writer.kill();

  open();
  const core::rooms::NodeId node("node-1");
  const std::size_t left_open = run(database_->rooms().open_records(node)).value().rooms.size();
  EXPECT_GE(left_open, 5U);
  core::rooms::Recovery recovery(node, database_->rooms(), database_->store());
  EXPECT_EQ(run(recovery.close_left_open(at_ms(9))), Result<std::size_t>(left_open));
  EXPECT_TRUE(run(database_->rooms().open_records(node)).value().rooms.empty());
  std::size_t finished = 0;
  for (const Event& event : all_events()) finished += event.type == "room.finished" ? 1 : 0;
  EXPECT_EQ(finished, left_open);
  EXPECT_EQ(run(recovery.close_left_open(at_ms(10))), Result<std::size_t>(0));
}

/// Commits projects until one fails, and keeps the ids of those that did not.
Task<> commit_until_failure(core::Store& store, std::string prefix, std::set<std::string>* done) {
  for (int i = 0;; ++i) {
    const std::string id = prefix + "-" + std::to_string(i);
    core::Commit change = new_project(id);
    const auto receipt = co_await store.commit(std::move(change));
    if (!receipt) {
      EXPECT_EQ(receipt.error().code, Errc::Unavailable) << receipt.error().message;
      co_return;
    }
    done->insert(id);
  }
}

class PostgresCrashTest : public CrashTest {
 protected:
  /// Every other test uses the shared server; this one has its own to crash.
  PostgresCrashTest() {
    close();
    url_ = server_.create_database();
    open();
  }
  test::PostgresServer server_;
};
INSTANTIATE_TEST_SUITE_P(Dialects, PostgresCrashTest, testing::Values(Dialect::PostgreSql),
                         dialect_name);

TEST_P(PostgresCrashTest, a_crash_of_the_server_loses_nothing_acknowledged_and_keeps_what_waits) {
  std::set<std::string> acknowledged;
  for (int round = 0; round < 3; ++round) {
    const std::string prefix = "r" + std::to_string(round);
    std::jthread crash;
    for (int i = 0; i < 4; ++i) {
      auto task =
          commit_until_failure(database_->store(), prefix + "-" + std::to_string(i), &acknowledged);
      asio::co_spawn(context_, std::move(task), asio::detached);
    }
    context_.restart();
    const std::size_t enough = acknowledged.size() + 20;
    while (acknowledged.size() < enough) context_.run_one();
    crash = std::jthread([this] { server_.crash(); });
    context_.run();
    crash.join();

    // Nobody waits for this one, so it is kept until the server is back.
    database_->store().write_behind(new_project(prefix + "-kept"));
    acknowledged.insert(prefix + "-kept");
    EXPECT_EQ(run(database_->projects().projects()).error().code, Errc::Unavailable);
    server_.start();
    while (!commit(new_project(prefix + "-after"))) {
    }
    acknowledged.insert(prefix + "-after");
    expect_consistent(acknowledged);
  }
}

class LostAnswerTest : public CrashTest {
 protected:
  LostAnswerTest() : thief_(test::PostgresServer::shared().socket_directory()) {
    close();
    const std::string direct = test::PostgresServer::shared().socket_directory();
    url_.replace(url_.find(direct), direct.size(), thief_.socket_directory().string());
    open();
  }
  ~LostAnswerTest() override { close(); }
  test::AnswerThief thief_;
};
INSTANTIATE_TEST_SUITE_P(Dialects, LostAnswerTest, testing::Values(Dialect::PostgreSql),
                         dialect_name);

TEST_P(LostAnswerTest, a_commit_whose_answer_was_lost_is_acknowledged_and_written_once) {
  ASSERT_TRUE(commit(new_project("before")));
  thief_.steal_next_commit();
  const auto receipt = commit(new_project("acme"));
  EXPECT_TRUE(thief_.has_stolen());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->last_event, EventId{2});
  ASSERT_TRUE(commit(new_project("after")));
  expect_consistent({"before", "acme", "after"});
}

}  // namespace
}  // namespace vis::storage
