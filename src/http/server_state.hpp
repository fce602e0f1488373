#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/metrics.hpp"
#include "base/time.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace vis::http {

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics);

  /// Counts an answered request.
  void on_response(unsigned status, Duration took);

  Counter answered_2xx;
  Counter answered_3xx;
  Counter answered_4xx;
  Counter answered_5xx;
  DurationHistogram duration;
  Gauge connections;
  Gauge websockets;
  Counter refused_connections;
  Counter timeouts;
  Counter websocket_overflows;
  Gauge certificate_expiry;
};

/// What all connections of one server share. Lives in the server, on the control loop.
struct ServerState {
  ServerState(Router routes, Metrics& metrics, ServerOptions chosen);

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, made anew once a second.
  const std::string& date();
  std::string next_request_id();

  Router router;
  ServerOptions options;
  ServerMetrics metrics;
  std::size_t bodies_bytes = 0;  ///< Of all requests being received or handled.
  bool leaving = false;  ///< No new connections; those that are open end with their next response.
  bool stopping = false;

 private:
  std::string date_;
  std::int64_t date_unix_s_ = -1;
  std::string request_id_prefix_;
  std::uint64_t requests_ = 0;
};

/// One request's part of ServerState::bodies_bytes, given back at its end.
class BodyShare final {
 public:
  explicit BodyShare(ServerState& server) : total_(server.bodies_bytes) {}
  ~BodyShare() { total_ -= held_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  void grow_to(std::size_t bytes) {
    total_ += bytes - held_;
    held_ = bytes;
  }

 private:
  std::size_t& total_;
  std::size_t held_ = 0;
};

}  // namespace vis::http
