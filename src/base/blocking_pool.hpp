#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/completion.hpp"
#include "base/limits/base.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace vis {

/// Threads for work that blocks: SQL, files, password hashing. A coroutine hands a job over,
/// sleeps, and continues on its own executor with the result.
///
/// Safe from every thread. At most `pending_limit` jobs wait or run; one more fails with
/// Unavailable. `stop()` runs what was accepted and joins the threads; jobs handed over later fail
/// with Unavailable.
class BlockingPool final {
 public:
  struct Options {
    std::string name;  ///< Of the threads, at most 15 characters.
    std::size_t threads = 2;
    std::size_t pending_limit = limits::kPendingJobs;
  };

  explicit BlockingPool(const Options& options);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `job`, which returns a Result, on one of the threads. An exception that leaves the job
  /// is logged and becomes Internal.
  template <typename Job>
  Task<std::invoke_result_t<Job&>> run(Job job) {
    using Outcome = std::invoke_result_t<Job&>;
    if (!reserve()) co_return fail(Errc::Unavailable, "too much work is waiting");
    auto start = [this, &job](Completion<Outcome> done) {
      submit([job = std::move(job), done = std::move(done)]() mutable { done(guarded(job)); });
    };
    co_return co_await suspend_with<Outcome>(std::move(start));
  }

  void stop();

 private:
  template <typename Job>
  static std::invoke_result_t<Job&> guarded(Job& job) {
    try {
      return job();
    } catch (const std::exception& failure) {
      return std::unexpected(job_failed(failure));
    }
  }
  static Error job_failed(const std::exception& failure);

  bool reserve();
  void submit(std::move_only_function<void()> work);
  void work();

  const std::size_t pending_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> queue_;
  std::size_t pending_ = 0;  ///< Reserved, waiting or running.
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace vis
