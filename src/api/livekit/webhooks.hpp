#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "api/livekit/webhook_endpoint.hpp"
#include "base/task.hpp"
#include "http/client.hpp"

namespace vis::api::livekit {

/// The webhooks of this server: every configured receiver for itself, so that a slow one delays
/// nobody else. Control thread; the owner awaits `start` once, and `stop` before destruction.
class Webhooks final {
 public:
  struct Ports {
    core::events::EventLog& log;
    core::Store& store;
    core::projects::ProjectService& projects;
    http::Client& client;
    std::function<WallTime()> now;
  };
  Webhooks(boost::asio::any_io_executor executor, std::vector<WebhookTarget> targets,
           const Ports& ports);

  /// Receivers hear of everything that happens once this has returned.
  Task<> start();
  /// Ends deliveries under way; they are repeated by the next start.
  Task<> stop();

 private:
  TaskGroup tasks_;
  std::vector<std::unique_ptr<WebhookEndpoint>> endpoints_;
};

}  // namespace vis::api::livekit
