#include "app/server_metrics.hpp"

#include <string>

namespace vis::app {

ServerMetrics::WorkerSeries ServerMetrics::series_of(Metrics& metrics,
                                                     const media_io::Worker& worker) {
  const auto gauge = [&](std::string name, std::string help) {
    return metrics.gauge({.name = std::move(name),
                          .help = std::move(help),
                          .label = "worker",
                          .label_value = std::to_string(worker.index())});
  };
  return {.worker = worker,
          .received = gauge("visavis_media_datagrams_received", "Datagrams since the start."),
          .sent = gauge("visavis_media_datagrams_sent", "Datagrams since the start."),
          .dropped = gauge("visavis_media_datagrams_dropped",
                           "Datagrams that the kernel had no room for, since the start."),
          .forwarded = gauge("visavis_media_rtp_forwarded", "RTP packets since the start."),
          .retransmitted = gauge("visavis_media_rtp_retransmitted",
                                 "RTP packets sent again on request, since the start."),
          .rejected = gauge("visavis_media_packets_rejected",
                            "Packets that were not authentic, malformed or of no stream."),
          .cpu_s = gauge("visavis_media_cpu_seconds", "CPU time of the worker's thread."),
          .segmentation = gauge("visavis_media_segmentation_offload",
                                "1 while UDP segmentation offload is in use.")};
}

ServerMetrics::ServerMetrics(Metrics& metrics, const core::rooms::RoomService& rooms,
                             const media_io::MediaIo& media)
    : rooms_(rooms),
      room_count_(metrics.gauge({.name = "visavis_rooms", .help = "Rooms that are open."})),
      participant_count_(
          metrics.gauge({.name = "visavis_participants", .help = "Participants in rooms."})),
      track_count_(metrics.gauge({.name = "visavis_tracks", .help = "Published tracks."})) {
  for (const auto& worker : media.workers()) workers_.push_back(series_of(metrics, *worker));
}

void ServerMetrics::update() {
  constexpr double kNsPerSecond = 1e9;
  const auto totals = rooms_.totals();
  room_count_.set(static_cast<double>(totals.rooms));
  participant_count_.set(static_cast<double>(totals.participants));
  track_count_.set(static_cast<double>(totals.tracks));
  for (WorkerSeries& series : workers_) {
    const media_io::WorkerGauges& gauges = series.worker.gauges();
    const auto copy = [](Gauge& gauge, const std::atomic<std::uint64_t>& value) {
      gauge.set(static_cast<double>(value.load(std::memory_order_relaxed)));
    };
    copy(series.received, gauges.received_datagrams);
    copy(series.sent, gauges.sent_datagrams);
    copy(series.dropped, gauges.send_dropped);
    copy(series.forwarded, gauges.rtp_forwarded);
    copy(series.retransmitted, gauges.rtp_retransmitted);
    copy(series.rejected, gauges.packets_rejected);
    series.cpu_s.set(static_cast<double>(gauges.cpu_ns.load(std::memory_order_relaxed)) /
                     kNsPerSecond);
    series.segmentation.set(gauges.segmentation.load(std::memory_order_relaxed) ? 1 : 0);
  }
}

}  // namespace vis::app
