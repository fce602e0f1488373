#include "api/livekit/webhooks.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace vis::api::livekit {
namespace {

Task<> pause_for(Duration duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace

Webhooks::Webhooks(boost::asio::any_io_executor executor, std::vector<WebhookTarget> targets,
                   const Ports& ports)
    : tasks_(executor) {
  http::Client* const client = &ports.client;
  const auto post = [client](http::ClientRequest request) {
    return client->send(std::move(request));
  };
  for (WebhookTarget& target : targets) {
    WebhookEndpoint::Ports own{.log = ports.log,
                               .store = ports.store,
                               .projects = ports.projects,
                               .post = post,
                               .pause = pause_for,
                               .now = ports.now};
    endpoints_.push_back(
        std::make_unique<WebhookEndpoint>(executor, std::move(target), std::move(own)));
  }
}

Task<> Webhooks::start() {
  for (const auto& endpoint : endpoints_) {
    co_await endpoint->find_start();
    tasks_.spawn("livekit.webhook", endpoint->run());
  }
}

Task<> Webhooks::stop() { return tasks_.stop(); }

}  // namespace vis::api::livekit
