#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace vis::api::v1 {

/// What one media worker did in the last seconds.
struct WorkerLoad {
  struct Point {
    WallTime at{};
    double cpu_share = 0;  ///< 0..1 of its core.
    double packets_in_per_s = 0;
    double packets_out_per_s = 0;
    std::size_t queued = 0;  ///< Commands that waited for it.
  };
  unsigned index = 0;
  std::uint16_t port = 0;
  bool segmentation_offload = false;
  std::vector<Point> points;  ///< Oldest first; the last minutes.
};

/// Where they come from; implemented by whoever runs the workers.
class WorkerLoads {
 public:
  virtual ~WorkerLoads() = default;
  virtual std::vector<WorkerLoad> worker_loads() const = 0;
};

}  // namespace vis::api::v1
