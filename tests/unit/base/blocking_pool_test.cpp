#include "base/blocking_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <latch>
#include <optional>
#include <stdexcept>

#include "support/run_task.hpp"

namespace vis {
namespace {

namespace asio = boost::asio;

BlockingPool::Options small_pool() { return {.name = "test", .threads = 1, .pending_limit = 2}; }

Task<Result<std::thread::id>> resumed_on(BlockingPool& pool, std::thread::id* ran_on) {
  auto job = [ran_on]() -> Result<void> {
    *ran_on = std::this_thread::get_id();
    return {};
  };
  const Result<void> done = co_await pool.run(std::move(job));
  if (!done) co_return std::unexpected(done.error());
  co_return std::this_thread::get_id();
}

TEST(BlockingPool, runs_the_job_elsewhere_and_resumes_the_caller_at_home) {
  BlockingPool pool(small_pool());
  std::thread::id ran_on;
  const auto resumed = test::run_task(resumed_on(pool, &ran_on));
  ASSERT_TRUE(resumed);
  EXPECT_EQ(*resumed, std::this_thread::get_id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(BlockingPool, turns_an_exception_of_a_job_into_an_error) {
  BlockingPool pool(small_pool());
  auto job = []() -> Result<int> { throw std::runtime_error("on purpose"); };
  const auto outcome = test::run_task(pool.run(job));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::Internal);
}

Task<> keep_outcome(BlockingPool& pool, std::latch& gate, std::optional<Result<int>>* outcome) {
  auto job = [&gate]() -> Result<int> {
    gate.wait();
    return 7;
  };
  *outcome = co_await pool.run(std::move(job));
}

TEST(BlockingPool, accepts_jobs_up_to_its_limit_and_refuses_one_past_it) {
  BlockingPool pool(small_pool());
  asio::io_context context;
  std::latch gate(1);
  std::optional<Result<int>> outcomes[3];
  for (auto& outcome : outcomes) {
    asio::co_spawn(context, keep_outcome(pool, gate, &outcome), asio::detached);
  }
  context.poll();
  ASSERT_TRUE(outcomes[2].has_value());
  EXPECT_EQ(outcomes[2]->error().code, Errc::Unavailable);
  EXPECT_FALSE(outcomes[0].has_value() || outcomes[1].has_value());

  gate.count_down();
  context.run();
  EXPECT_EQ(outcomes[0], Result<int>(7));
  EXPECT_EQ(outcomes[1], Result<int>(7));
}

TEST(BlockingPool, stop_finishes_what_was_accepted_and_refuses_the_rest) {
  BlockingPool pool(small_pool());
  asio::io_context context;
  std::latch gate(0);
  std::optional<Result<int>> before;
  std::optional<Result<int>> after;
  asio::co_spawn(context, keep_outcome(pool, gate, &before), asio::detached);
  context.poll_one();
  pool.stop();
  asio::co_spawn(context, keep_outcome(pool, gate, &after), asio::detached);
  context.run();
  EXPECT_EQ(before, Result<int>(7));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace vis
