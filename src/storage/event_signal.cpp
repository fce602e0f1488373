#include "storage/event_signal.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace vis::storage {

namespace asio = boost::asio;

EventSignal::EventSignal(asio::any_io_executor executor)
    : executor_(std::move(executor)), state_(std::make_shared<State>(executor_)) {}

void EventSignal::notify(core::events::EventId last) {
  asio::post(executor_, [state = state_, last] {
    state->last = std::max(state->last, last);
    state->grown.cancel();
  });
}

Task<> EventSignal::wait_beyond(core::events::EventId position) {
  const auto state = state_;  // Shared with this coroutine until it ends.
  while (state->last <= position) {
    boost::system::error_code woken;
    auto token = asio::redirect_error(asio::use_awaitable, woken);
    co_await state->grown.async_wait(token);
    // A waiter that is itself cancelled is told by an exception, as at every suspension.
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
}

}  // namespace vis::storage
