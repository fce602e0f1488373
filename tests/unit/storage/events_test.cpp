#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>

#include "base/limits/core_events.hpp"
#include "base/task.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

namespace asio = boost::asio;
using core::Commit;
using core::ProjectId;
using core::events::Event;
using core::events::EventId;

class EventsTest : public StorageTest {
 protected:
  EventsTest() { EXPECT_TRUE(commit({.writes = {core::InsertProject{sample_project("acme")}}})); }

  Result<core::CommitReceipt> add_events(const std::string& resource, int count,
                                         const std::string& project = "acme") {
    Commit change;
    for (int i = 0; i < count; ++i) change.events.push_back(sample_event(project, resource));
    return commit(std::move(change));
  }
  std::vector<Event> after(EventId position, std::size_t limit,
                           std::optional<ProjectId> project = std::nullopt) {
    return run(database_->events().after(position, limit, std::move(project))).value();
  }
};
VIS_FOR_EACH_DIALECT(EventsTest);

TEST_P(EventsTest, an_event_reads_back_as_it_was_written_with_what_the_log_adds) {
  const auto receipt = add_events("RM_1", 1);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->last_event, EventId{1});
  const std::vector<Event> events = all_events();
  ASSERT_EQ(events.size(), 1U);
  const auto expected = sample_event("acme", "RM_1");
  EXPECT_EQ(events[0].id, EventId{1});
  EXPECT_TRUE(events[0].public_id.starts_with("EV_"));
  EXPECT_EQ(events[0].project, expected.project);
  EXPECT_EQ(events[0].type, expected.type);
  EXPECT_EQ(events[0].resource, expected.resource);
  EXPECT_EQ(events[0].sequence, 1);
  EXPECT_EQ(events[0].at, expected.at);
  EXPECT_EQ(events[0].data, expected.data);
}

TEST_P(EventsTest, positions_rise_without_gaps_even_past_refused_commits) {
  ASSERT_TRUE(add_events("RM_1", 2));
  ASSERT_FALSE(add_events("RM_1", 1, "nobody"));
  ASSERT_TRUE(add_events("RM_2", 1));
  const std::vector<Event> events = all_events();
  ASSERT_EQ(events.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(events[i].id, EventId{static_cast<std::int64_t>(i) + 1});
  }
}

TEST_P(EventsTest, each_resource_counts_its_own_events) {
  ASSERT_TRUE(add_events("RM_1", 2));
  ASSERT_TRUE(add_events("RM_2", 1));
  ASSERT_TRUE(add_events("RM_1", 1));
  std::vector<std::pair<std::string, std::int64_t>> seen;
  for (const Event& event : all_events()) seen.emplace_back(event.resource, event.sequence);
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair("RM_1", 1), testing::Pair("RM_1", 2),
                                         testing::Pair("RM_2", 1), testing::Pair("RM_1", 3)));
}

TEST_P(EventsTest, a_commit_without_events_leaves_the_log_as_it_is) {
  ASSERT_TRUE(add_events("RM_1", 1));
  const auto receipt = commit({.writes = {core::InsertProject{sample_project("other")}}});
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->last_event, EventId{});
  EXPECT_EQ(run(database_->events().last()), EventId{1});
}

TEST_P(EventsTest, reading_is_by_position_limit_and_project) {
  ASSERT_TRUE(commit({.writes = {core::InsertProject{sample_project("other")}}}));
  ASSERT_TRUE(add_events("RM_1", 2));
  ASSERT_TRUE(add_events("RM_2", 2, "other"));
  ASSERT_TRUE(add_events("RM_1", 1));
  EXPECT_EQ(after(EventId{}, 2).size(), 2U);
  EXPECT_EQ(after(EventId{3}, 10).front().id, EventId{4});
  EXPECT_TRUE(after(EventId{5}, 10).empty());
  const auto of_acme = after(EventId{1}, 10, ProjectId("acme"));
  ASSERT_EQ(of_acme.size(), 2U);
  EXPECT_EQ(of_acme[0].id, EventId{2});
  EXPECT_EQ(of_acme[1].id, EventId{5});
}

TEST_P(EventsTest, one_read_gives_no_more_than_the_limit_of_events) {
  ASSERT_TRUE(add_events("RM_1", static_cast<int>(limits::kEventsPerRead) + 1));
  EXPECT_EQ(after(EventId{}, limits::kEventsPerRead).size(), limits::kEventsPerRead);
  EXPECT_EQ(after(EventId{}, limits::kEventsPerRead + 1).size(), limits::kEventsPerRead);
}

TEST_P(EventsTest, a_reader_finds_its_cursor_where_it_left_it) {
  EXPECT_EQ(run(database_->events().cursor("webhooks")), std::nullopt);
  ASSERT_TRUE(commit({.writes = {core::SetCursor{"webhooks", EventId{}}}}));
  EXPECT_EQ(run(database_->events().cursor("webhooks")), EventId{});
  ASSERT_TRUE(commit({.writes = {core::SetCursor{"webhooks", EventId{7}}}}));
  ASSERT_TRUE(commit({.writes = {core::SetCursor{"audit", EventId{2}}}}));
  ASSERT_TRUE(commit({.writes = {core::SetCursor{"webhooks", EventId{9}}}}));
  EXPECT_EQ(run(database_->events().cursor("webhooks")), EventId{9});
  EXPECT_EQ(run(database_->events().cursor("audit")), EventId{2});
}

TEST_P(EventsTest, the_name_of_a_reader_has_a_limit) {
  const std::string longest(limits::kLogReaderBytes, 'r');
  EXPECT_TRUE(commit({.writes = {core::SetCursor{longest, EventId{1}}}}));
  const auto refused = commit({.writes = {core::SetCursor{longest + "r", EventId{1}}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::InvalidArgument);
  EXPECT_FALSE(commit({.writes = {core::SetCursor{"", EventId{1}}}}));
}

Task<> note_growth(core::events::EventLog& log, EventId beyond, bool* grown) {
  co_await log.wait_beyond(beyond);
  *grown = true;
}

TEST_P(EventsTest, a_waiting_reader_wakes_when_the_log_has_grown_past_its_position) {
  bool first = false;
  bool second = false;
  asio::co_spawn(context_, note_growth(database_->events(), EventId{}, &first), asio::detached);
  asio::co_spawn(context_, note_growth(database_->events(), EventId{1}, &second), asio::detached);
  context_.restart();
  context_.poll();
  EXPECT_FALSE(first || second);

  database_->store().write_behind({.events = {sample_event("acme", "RM_1")}});
  while (!first) context_.run_one();
  EXPECT_FALSE(second);
  database_->store().write_behind({.events = {sample_event("acme", "RM_1")}});
  while (!second) context_.run_one();
}

TEST_P(EventsTest, a_waiting_reader_can_be_stopped) {
  TaskGroup group(context_.get_executor());
  bool grown = false;
  group.spawn("reader", note_growth(database_->events(), EventId{}, &grown));
  context_.restart();
  context_.poll();
  asio::co_spawn(context_, group.stop(), asio::detached);
  context_.run();
  EXPECT_EQ(group.running(), 0U);
  EXPECT_FALSE(grown);
}

/// Commits `count` events, one after the other.
Task<> commit_events(core::Store& store, std::string resource, int count, int* running) {
  for (int i = 0; i < count; ++i) {
    Commit change{.events = {sample_event("acme", resource)}};
    const auto receipt = co_await store.commit(std::move(change));
    EXPECT_TRUE(receipt);
  }
  --*running;
}

/// Reads the log over and over while others write, and checks that it only ever grows at its end.
Task<> watch_log(core::events::EventLog& log, int* running) {
  std::int64_t seen = 0;
  for (bool last_look = false; !last_look;) {
    last_look = *running == 0;
    const auto page = co_await log.after(EventId{seen}, 100, std::nullopt);
    if (!page) {
      ADD_FAILURE() << page.error().message;
      co_return;
    }
    for (const Event& event : *page) EXPECT_EQ(event.id, EventId{++seen});
  }
  EXPECT_EQ(seen, 2 * 40);
}

TEST_P(EventsTest, readers_see_positions_in_order_while_two_servers_write) {
  auto other = try_open(options());
  ASSERT_TRUE(other);
  int running = 2;
  const auto spawn = [&](Task<> task) {
    asio::co_spawn(context_, std::move(task), asio::detached);
  };
  spawn(commit_events(database_->store(), "RM_1", 40, &running));
  spawn(commit_events((*other)->store(), "RM_2", 40, &running));
  spawn(watch_log(database_->events(), &running));
  context_.restart();
  context_.run();
}

}  // namespace
}  // namespace vis::storage
