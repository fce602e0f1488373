#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/task.hpp"

namespace vis::test {

/// Runs `task` to its end on a fresh run of `context` and returns its result; what it throws is
/// thrown here.
template <typename T>
T run_task(boost::asio::io_context& context, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  auto on_end = [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    if (!thrown) result.emplace(std::move(value));
  };
  boost::asio::co_spawn(context, std::move(task), std::move(on_end));
  context.restart();
  context.run();
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::logic_error("the task never ended");
  return std::move(*result);
}

/// The same on a context of its own.
template <typename T>
T run_task(Task<T> task) {
  boost::asio::io_context context;
  return run_task(context, std::move(task));
}

}  // namespace vis::test
