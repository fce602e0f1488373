#include "http/server_state.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace vis::http {
namespace {

Counter status_counter(Metrics& metrics, const char* status_class) {
  return metrics.counter({"visavis_http_requests_total", "Requests answered, by class of status",
                          "status", status_class});
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics& metrics)
    : answered_2xx(status_counter(metrics, "2xx")),
      answered_3xx(status_counter(metrics, "3xx")),
      answered_4xx(status_counter(metrics, "4xx")),
      answered_5xx(status_counter(metrics, "5xx")),
      duration(metrics.duration({"visavis_http_request_duration_seconds",
                                 "From the end of a request's header to its answer"})),
      connections(metrics.gauge({"visavis_http_connections", "Open HTTP connections"})),
      websockets(metrics.gauge({"visavis_http_websockets", "Open WebSockets"})),
      refused_connections(metrics.counter({"visavis_http_connections_refused_total",
                                           "Connections refused because too many were open"})),
      timeouts(metrics.counter(
          {"visavis_http_timeouts_total", "Connections ended because the client was too slow"})),
      websocket_overflows(metrics.counter({"visavis_http_websocket_overflows_total",
                                           "WebSockets ended because the client did not read"})),
      certificate_expiry(metrics.gauge({"visavis_certificate_expiry_timestamp_seconds",
                                        "When the TLS certificate in use expires, in Unix time"})) {
}

void ServerMetrics::on_response(unsigned status, Duration took) {
  Counter& counter = status < 300   ? answered_2xx
                     : status < 400 ? answered_3xx
                     : status < 500 ? answered_4xx
                                    : answered_5xx;
  counter.add();
  duration.observe_s(std::chrono::duration<double>(took).count());
}

ServerState::ServerState(Router routes, Metrics& all_metrics, ServerOptions chosen)
    : router(std::move(routes)), options(std::move(chosen)), metrics(all_metrics) {
  SystemRandom random;
  request_id_prefix_ = random_id(random, "", 6);
}

const std::string& ServerState::date() {
  const std::int64_t now = unix_s(wall_now());
  if (now != date_unix_s_) {
    date_unix_s_ = now;
    date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(date_unix_s_));
  }
  return date_;
}

std::string ServerState::next_request_id() {
  return fmt::format("{}-{:x}", request_id_prefix_, ++requests_);
}

}  // namespace vis::http
