#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "base/task.hpp"
#include "core/events/event.hpp"

namespace vis::storage {

/// Wakes those who wait for the event log to grow. Waiters live on one executor; `notify` is safe
/// from every thread.
class EventSignal final {
 public:
  explicit EventSignal(boost::asio::any_io_executor executor);

  void notify(core::events::EventId last);
  Task<> wait_beyond(core::events::EventId position);

 private:
  struct State {
    explicit State(const boost::asio::any_io_executor& executor)
        : grown(executor, boost::asio::steady_timer::time_point::max()) {}
    core::events::EventId last{};
    boost::asio::steady_timer grown;  ///< Cancelled, never expires.
  };

  boost::asio::any_io_executor executor_;
  /// Shared with the notifications and the waiters that are under way when the owner goes.
  std::shared_ptr<State> state_;
};

}  // namespace vis::storage
