#pragma once

#include <functional>

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

namespace vis::http {

struct HealthOptions {
  /// Why the server is not ready, or success. Called on the control loop, so it must not block.
  std::function<Result<void>()> ready;
  /// Who may read /metrics; everybody if empty. A refusal looks like an unknown path.
  std::function<bool(const Request&)> may_read_metrics = {};
};

/// Adds `/healthz` (200 while the control loop runs), `/readyz` (200, or 503 with the reason) and
/// `/metrics` (Prometheus text). `metrics` outlives the router's server.
void add_health_routes(Router& router, const Metrics& metrics, HealthOptions options);

}  // namespace vis::http
