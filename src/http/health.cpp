#include "http/health.hpp"

#include <utility>

#include "base/task.hpp"
#include "http/response.hpp"

namespace vis::http {
namespace {

Task<Response> answer(Response response) { co_return response; }

Response liveness() { return text_response(200, "ok\n").with("Cache-Control", "no-store"); }

Response readiness(const Result<void>& ready) {
  Response response = ready ? text_response(200, "ready\n")
                            : text_response(503, "not ready: " + ready.error().message + '\n');
  return std::move(response).with("Cache-Control", "no-store");
}

Response exposition(const Metrics& metrics) {
  Response response = text_response(200, metrics.expose());
  return std::move(response).with("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace

void add_health_routes(Router& router, const Metrics& metrics, HealthOptions options) {
  router.add(Method::Get, "/healthz", [](const Request&) { return answer(liveness()); });
  router.add(Method::Get, "/readyz", [ready = std::move(options.ready)](const Request&) {
    return answer(readiness(ready()));
  });
  RouteOptions guard;
  guard.admit = [may_read = std::move(options.may_read_metrics)](
                    const Request& request) -> std::optional<Response> {
    if (!may_read || may_read(request)) return std::nullopt;
    return problem_response({.status = 404, .code = "not_found", .detail = "no such path"});
  };
  router.add(
      Method::Get, "/metrics", [&metrics](const Request&) { return answer(exposition(metrics)); },
      std::move(guard));
}

}  // namespace vis::http
