#include "base/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "base/log.hpp"

namespace vis {
namespace {

namespace asio = boost::asio;

void log_end(std::string_view name, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return;
    log::error("task.failed", {{"task", name}, {"reason", error.what()}});
  } catch (const std::exception& error) {
    log::error("task.failed", {{"task", name}, {"reason", error.what()}});
  }
}

}  // namespace

/// A running task in the group's intrusive list, owned by the completion handler of its coroutine.
struct TaskGroup::Entry {
  asio::cancellation_signal cancel;
  Entry* previous = nullptr;
  Entry* next = nullptr;
};

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(std::move(executor)), all_done_(executor_, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() { VIS_ASSERT(running_ == 0); }

void TaskGroup::spawn(std::string_view name, Task<> task) {
  owner_.check();
  VIS_ASSERT(!stopping_);
  auto entry = std::make_unique<Entry>();
  Entry* const raw = entry.get();
  raw->next = first_;
  if (first_ != nullptr) first_->previous = raw;
  first_ = raw;
  ++running_;
  auto on_end = [this, name, owned = std::move(entry)](std::exception_ptr failure) {
    log_end(name, failure);
    if (owned->previous != nullptr) owned->previous->next = owned->next;
    if (owned->next != nullptr) owned->next->previous = owned->previous;
    if (first_ == owned.get()) first_ = owned->next;
    if (--running_ == 0 && stopping_) all_done_.cancel();
  };
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(raw->cancel.slot(), std::move(on_end)));
}

Task<> TaskGroup::stop() {
  owner_.check();
  stopping_ = true;
  for (Entry* entry = first_; entry != nullptr;) {
    Entry* const next = entry->next;
    entry->cancel.emit(asio::cancellation_type::terminal);
    entry = next;
  }
  if (running_ == 0) co_return;
  boost::system::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  while (running_ != 0) co_await all_done_.async_wait(token);
}

}  // namespace vis
