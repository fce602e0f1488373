#include "base/blocking_pool.hpp"

#include <pthread.h>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace vis {

BlockingPool::BlockingPool(const Options& options) : pending_limit_(options.pending_limit) {
  VIS_ASSERT(options.threads > 0);
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { work(); });
    ::pthread_setname_np(threads_.back().native_handle(), options.name.c_str());
  }
}

BlockingPool::~BlockingPool() { stop(); }

void BlockingPool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

Error BlockingPool::job_failed(const std::exception& failure) {
  log::error("blocking_pool.job_failed", {{"reason", failure.what()}});
  return Error{Errc::Internal, "a background job failed"};
}

bool BlockingPool::reserve() {
  const std::scoped_lock lock(mutex_);
  if (stopping_ || pending_ >= pending_limit_) return false;
  ++pending_;
  return true;
}

void BlockingPool::submit(std::move_only_function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void BlockingPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !queue_.empty() || (stopping_ && pending_ == 0); });
    if (queue_.empty()) return;
    auto job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --pending_;
    if (stopping_ && pending_ == 0) changed_.notify_all();
  }
}

}  // namespace vis
