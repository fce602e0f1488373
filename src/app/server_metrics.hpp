#pragma once

#include <vector>

#include "base/metrics.hpp"
#include "core/rooms/room_service.hpp"
#include "media_io/media_io.hpp"

namespace vis::app {

/// The gauges of `/metrics` that are read off the parts of the server now and then. Control thread;
/// the parts outlive it.
class ServerMetrics final {
 public:
  ServerMetrics(Metrics& metrics, const core::rooms::RoomService& rooms,
                const media_io::MediaIo& media);

  void update();

 private:
  struct WorkerSeries {
    const media_io::Worker& worker;
    Gauge received;
    Gauge sent;
    Gauge dropped;
    Gauge forwarded;
    Gauge retransmitted;
    Gauge rejected;
    Gauge cpu_s;
    Gauge segmentation;
  };
  static WorkerSeries series_of(Metrics& metrics, const media_io::Worker& worker);

  const core::rooms::RoomService& rooms_;
  Gauge room_count_;
  Gauge participant_count_;
  Gauge track_count_;
  std::vector<WorkerSeries> workers_;
};

}  // namespace vis::app
