#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "core/rooms/media_sample.hpp"
#include "core/rooms/room_service.hpp"
#include "media_io/media_io.hpp"

namespace vis::app {

/// The series of `/metrics` that are read off the parts of the server now and then; they are listed
/// in docs/guides/statistics.md. Control thread; the parts outlive it.
class ServerMetrics final {
 public:
  ServerMetrics(Metrics& metrics, const core::rooms::RoomService& rooms,
                const media_io::MediaIo& media);

  void update();
  /// What media has measured of one room: goes into the distributions.
  void observe(const core::rooms::MediaSample& sample);

 private:
  using Count = std::atomic<std::uint64_t> media_io::WorkerGauges::*;
  /// A counter that follows a number of the workers which only rises: of one, or of all together.
  struct Follower {
    Counter counter;
    Count count;
    const media_io::Worker* worker;  ///< Null: all.
    std::uint64_t seen = 0;
    double unit = 1;
  };
  struct WorkerGauge {
    const media_io::Worker& worker;
    Gauge segmentation;
    Gauge queued;
  };
  void follow(Metrics& metrics, const MetricSpec& spec, Count count,
              const media_io::Worker* worker = nullptr);
  void add_totals(Metrics& metrics);
  void add_drops(Metrics& metrics);
  void add_worker(Metrics& metrics, const media_io::Worker& worker);
  std::uint64_t read(const Follower& follower) const;

  const core::rooms::RoomService& rooms_;
  const media_io::MediaIo& media_;
  Gauge room_count_;
  Gauge participant_count_;
  Gauge track_count_;
  Gauge publisher_count_;
  Gauge subscriber_count_;
  std::vector<Gauge> by_way_;
  Histogram available_kbps_;
  DurationHistogram round_trip_;
  std::vector<Follower> followers_;
  std::vector<WorkerGauge> gauges_;
};

}  // namespace vis::app
