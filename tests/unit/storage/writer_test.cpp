#include "storage/writer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

#include "base/limits/storage.hpp"
#include "storage/event_rows.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

namespace asio = boost::asio;
using core::Commit;
using core::CommitReceipt;
using core::SetCursor;
using core::events::EventId;

constexpr const char* kCommitted = "visavis_storage_commits_total{outcome=\"committed\"}";
constexpr const char* kDropped = "visavis_storage_commits_total{outcome=\"dropped\"}";
constexpr const char* kRefused = "visavis_storage_commits_total{outcome=\"refused\"}";
constexpr const char* kTransactions = "visavis_storage_transaction_seconds_count";

/// Holds the lock on the log as another server process would, so that the writer stands still.
class OtherProcess final {
 public:
  explicit OtherProcess(const std::string& url)
      : session_(open_session({.url = DatabaseUrl::parse(url).value()}, Access::Write)),
        transaction_(std::in_place, *session_) {
    lock_log(*session_, 0);
  }
  void release() { transaction_.reset(); }

 private:
  std::unique_ptr<Session> session_;
  std::optional<Transaction> transaction_;
};

Task<> keep_outcome(core::Store& store, Commit change, std::optional<Errc>* outcome) {
  const auto receipt = co_await store.commit(std::move(change));
  *outcome = receipt ? std::nullopt : std::optional(receipt.error().code);
}

class WriterTest : public StorageTest {
 protected:
  core::Store& store() { return database_->store(); }
  void move_cursor(std::size_t position) {
    store().write_behind(
        {.writes = {SetCursor{"reader", EventId{static_cast<std::int64_t>(position)}}}});
  }
  EventId cursor() { return run(database_->events().cursor("reader")).value().value_or(EventId{}); }
};
VIS_FOR_EACH_DIALECT(WriterTest);

TEST_P(WriterTest, commits_of_both_kinds_take_effect_in_the_order_of_the_calls) {
  store().write_behind(new_project("acme"));
  store().write_behind({.writes = {core::InsertRoom{sample_room("RM_1", "acme")}}});
  EXPECT_TRUE(commit({.writes = {core::InsertParticipant{sample_participant("PA_1", "RM_1")}}}));
}

TEST_P(WriterTest, what_queued_up_is_written_in_one_transaction) {
  OtherProcess other(url_);
  const double before = metric(kTransactions);
  std::optional<Errc> outcomes[10];
  for (int i = 0; i < 10; ++i) {
    outcomes[i] = Errc::Internal;
    auto task = keep_outcome(store(), new_project("p" + std::to_string(i)), &outcomes[i]);
    asio::co_spawn(context_, std::move(task), asio::detached);
  }
  context_.poll();
  other.release();
  context_.run();
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome, std::nullopt);
  // The first may have been on its way alone.
  EXPECT_LE(metric(kTransactions) - before, 2);
}

TEST_P(WriterTest, a_refused_commit_does_not_disturb_its_group) {
  OtherProcess other(url_);
  const std::string ids[] = {"a", "b", "b", "Ω", "c", "a"};
  std::optional<Errc> outcomes[std::size(ids)];
  for (std::size_t i = 0; i < std::size(ids); ++i) {
    auto task = keep_outcome(store(), new_project(ids[i]), &outcomes[i]);
    asio::co_spawn(context_, std::move(task), asio::detached);
  }
  context_.poll();
  other.release();
  context_.run();
  const std::optional<Errc> taken = Errc::AlreadyExists;
  EXPECT_EQ(outcomes[0], std::nullopt);
  EXPECT_EQ(outcomes[1], std::nullopt);
  EXPECT_EQ(outcomes[2], taken);
  EXPECT_EQ(outcomes[3], std::nullopt);
  EXPECT_EQ(outcomes[4], std::nullopt);
  EXPECT_EQ(outcomes[5], taken);
  const auto events = all_events();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events.back().id, EventId{4});
}

TEST_P(WriterTest, a_refused_write_behind_commit_is_counted_and_the_next_goes_through) {
  store().write_behind({.writes = {core::InsertRoom{sample_room("RM_1", "nobody")}}});
  EXPECT_TRUE(commit(new_project("acme")));
  // A refused commit is counted after those that were written with it.
  EXPECT_TRUE(commit(new_project("after")));
  EXPECT_EQ(metric(kRefused), 1);
  EXPECT_EQ(metric(kCommitted), 2);
}

TEST_P(WriterTest, the_queue_takes_commits_up_to_its_limit_and_drops_one_past_it) {
  OtherProcess other(url_);
  for (std::size_t i = 1; i <= limits::kPendingCommits; ++i) move_cursor(i);
  EXPECT_EQ(metric(kDropped), 0);
  move_cursor(limits::kPendingCommits + 1);
  EXPECT_EQ(metric(kDropped), 1);
  const auto refused = commit(new_project("acme"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::Unavailable);

  other.release();
  database_->stop();
  open();
  EXPECT_EQ(cursor(), EventId{static_cast<std::int64_t>(limits::kPendingCommits)});
}

TEST_P(WriterTest, the_queue_holds_no_more_text_than_its_limit) {
  ASSERT_TRUE(commit(new_project("acme")));
  ASSERT_TRUE(commit({.writes = {core::InsertRoom{sample_room("RM_1", "acme")}}}));
  constexpr std::size_t kText = 1024 * 1024;
  const Commit large{
      .writes = {core::UpdateRoom{core::rooms::RoomSid("RM_1"), std::string(kText - 4, 'x')}}};
  OtherProcess other(url_);
  for (std::size_t bytes = 0; bytes < limits::kPendingCommitBytes; bytes += kText) {
    store().write_behind(large);
  }
  EXPECT_EQ(metric(kDropped), 0);
  store().write_behind(large);
  EXPECT_EQ(metric(kDropped), 1);
}

TEST_P(WriterTest, stop_writes_what_is_queued_and_refuses_what_comes_later) {
  for (std::size_t i = 1; i <= 300; ++i) move_cursor(i);
  database_->stop();
  const auto refused = commit(new_project("acme"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::Unavailable);
  open();
  EXPECT_EQ(cursor(), EventId{300});
}

}  // namespace
}  // namespace vis::storage
