#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.hpp"

namespace vis::http {

/// Wakes the coroutines that wait for something to change. It remembers nothing: the waiter loops,
/// `while (!changed) co_await event.wait();`, which loses no wake-up because both sides run on the
/// one thread of the executor. A cancelled wait returns like one that was woken.
class Event final {
 public:
  explicit Event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  void notify() { timer_.cancel(); }
  Task<> wait() {
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    co_await timer_.async_wait(token);
  }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace vis::http
