#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "api/v1/worker_load.hpp"
#include "core/rooms/room_service.hpp"
#include "media_io/media_io.hpp"

namespace vis::app {

/// How busy the media workers were in the last ten minutes, a point every five seconds. Control
/// thread; the workers outlive it.
class WorkerHistory final : public api::v1::WorkerLoads {
 public:
  static constexpr Duration kInterval = 5s;
  static constexpr std::size_t kPoints = 120;

  explicit WorkerHistory(const media_io::MediaIo& media) : media_(media) {}

  /// To be called at least every kInterval.
  void on_tick(core::rooms::Now now);
  std::vector<api::v1::WorkerLoad> worker_loads() const override;

 private:
  struct Seen {
    std::uint64_t cpu_ns = 0;
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::deque<api::v1::WorkerLoad::Point> points;
  };

  const media_io::MediaIo& media_;
  std::vector<Seen> workers_;
  std::optional<TimePoint> seen_at_;
};

}  // namespace vis::app
