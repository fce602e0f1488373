#include "base/task.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace vis {
namespace {

namespace asio = boost::asio;

Task<> wait_for_ever(bool* ended) {
  struct MarkEnd {
    bool* flag;
    ~MarkEnd() { *flag = true; }
  } mark{ended};
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

Task<> fail_at_once() {
  throw std::runtime_error("on purpose");
  co_return;
}

Task<> stop(TaskGroup* group, bool* stopped) {
  co_await group->stop();
  *stopped = true;
}

TEST(TaskGroup, stop_cancels_every_task_and_waits_for_its_end) {
  asio::io_context context;
  TaskGroup group(context.get_executor());
  bool ended[2] = {false, false};
  bool stopped = false;
  group.spawn("first", wait_for_ever(&ended[0]));
  group.spawn("second", wait_for_ever(&ended[1]));
  context.poll();
  EXPECT_EQ(group.running(), 2U);

  asio::co_spawn(context, stop(&group, &stopped), asio::detached);
  context.restart();
  context.run();
  EXPECT_TRUE(ended[0] && ended[1]);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(group.running(), 0U);
}

TEST(TaskGroup, a_task_that_throws_leaves_the_others_running) {
  asio::io_context context;
  TaskGroup group(context.get_executor());
  bool ended = false;
  bool stopped = false;
  group.spawn("good", wait_for_ever(&ended));
  group.spawn("bad", fail_at_once());
  context.poll();
  EXPECT_EQ(group.running(), 1U);
  EXPECT_FALSE(ended);

  asio::co_spawn(context, stop(&group, &stopped), asio::detached);
  context.restart();
  context.run();
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace vis
