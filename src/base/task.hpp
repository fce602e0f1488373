#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <string_view>

#include "base/owner_thread.hpp"

namespace vis {

/// A coroutine on an Asio executor. Parameters are taken by value; collaborators are members that
/// outlive the call.
template <typename T = void>
using Task = boost::asio::awaitable<T>;

/// The owner of concurrent coroutines: everything that runs beside its starter is spawned here, so
/// that nothing is ever detached. `stop()` asks all to end and waits until they have.
///
/// Lives on the thread of its executor (a single-threaded io_context). A task that ends with an
/// exception is logged with the name it was spawned under and does not disturb the others.
class TaskGroup final {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`. `name` is a literal that appears in the log. Not after `stop()`.
  void spawn(std::string_view name, Task<> task);

  std::size_t running() const { return running_; }
  bool stopping() const { return stopping_; }

  /// Cancels every task (they see `operation_aborted` at their next suspension) and returns once
  /// the last one has ended. To be called before destruction.
  Task<> stop();

 private:
  struct Entry;

  boost::asio::any_io_executor executor_;
  OwnerThread owner_;
  boost::asio::steady_timer all_done_;
  Entry* first_ = nullptr;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace vis
