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
  struct Shown {
    Gauge gauge;
    const std::atomic<std::uint64_t>* value = nullptr;
  };
  struct Total {
    Counter counter;
    const std::atomic<std::uint64_t>* value = nullptr;
    std::uint64_t seen = 0;
  };

  std::vector<Shown> gauges_;
  std::vector<Total> totals_;
};

}  // namespace vis::app
