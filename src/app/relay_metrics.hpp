#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/metrics.hpp"
#include "media_io/relay_loop.hpp"

namespace vis::app {

/// What `/metrics` shows of clients that come by TCP or TURN. Control thread; the loop outlives it.
class RelayMetrics final {
 public:
  RelayMetrics(Metrics& metrics, const media_io::RelayLoop& relay);

  void update();

 private:
  struct Series {
    Gauge gauge;
    const std::atomic<std::uint64_t>* value = nullptr;
  };

  std::vector<Series> series_;
};

}  // namespace vis::app
