#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "base/task.hpp"

namespace vis {

/// The claim of a suspended coroutine to be resumed with a value: what another thread holds while
/// it works for the coroutine. To be called exactly once, from any thread; the coroutine continues
/// on its own executor, which is kept running until then.
template <typename T>
using Completion = std::move_only_function<void(T)>;

/// Suspends the calling coroutine, hands its Completion to `start`, and returns what the completion
/// was called with. A cancelled coroutine still waits: the work done for it cannot be recalled.
///
/// The executor must outlive the completion, so an owner stops its threads before its io_context
/// goes.
template <typename T, typename Start>
Task<T> suspend_with(Start start) {
  auto initiate = [](auto handler, Start begin) {
    auto work = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
    begin(Completion<T>([resume = std::move(handler), guard = std::move(work)](T value) mutable {
      auto deliver = [resume = std::move(resume), value = std::move(value)]() mutable {
        std::move(resume)(std::move(value));
      };
      boost::asio::post(guard.get_executor(), std::move(deliver));
    }));
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      initiate, boost::asio::use_awaitable, std::move(start));
}

}  // namespace vis
