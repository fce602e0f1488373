#include "app/server_metrics.hpp"

#include <utility>

namespace vis::app {
namespace {

using media_io::WorkerGauges;

const std::vector<double> kBandwidthBounds{100,  200,  300,  500,  750,    1000,
                                           1500, 2000, 3000, 5000, 10'000, 20'000};

MetricSpec plain(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help)};
}

MetricSpec of_worker(const media_io::Worker& worker, std::string name, std::string help) {
  return {.name = std::move(name),
          .help = std::move(help),
          .label = "worker",
          .label_value = std::to_string(worker.index())};
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics& metrics, const core::rooms::RoomService& rooms,
                             const media_io::MediaIo& media)
    : rooms_(rooms),
      media_(media),
      room_count_(metrics.gauge(plain("visavis_rooms", "Rooms that are open."))),
      participant_count_(metrics.gauge(plain("visavis_participants", "Participants in rooms."))),
      track_count_(metrics.gauge(plain("visavis_tracks", "Published tracks."))),
      publisher_count_(metrics.gauge(plain("visavis_publishers", "Participants with a track."))),
      subscriber_count_(
          metrics.gauge(plain("visavis_subscribers", "Participants who receive a track."))),
      available_kbps_(metrics.histogram(
          plain("visavis_media_available_kbps",
                "Estimated bandwidth of the way to each client, every five seconds."),
          kBandwidthBounds)),
      round_trip_(metrics.duration(plain("visavis_media_round_trip_seconds",
                                         "Round trip to each client, every five seconds."))) {
  // In the order of MediaSample::Way.
  for (const char* const transport : {"udp", "tcp", "turn"}) {
    by_way_.push_back(metrics.gauge({.name = "visavis_media_sessions",
                                     .help = "Participants whose media is connected.",
                                     .label = "transport",
                                     .label_value = transport}));
  }
  add_totals(metrics);
  add_drops(metrics);
  for (const auto& worker : media.workers()) add_worker(metrics, *worker);
}

void ServerMetrics::follow(Metrics& metrics, const MetricSpec& spec, Count count,
                           const media_io::Worker* worker) {
  followers_.push_back({.counter = metrics.counter(spec), .count = count, .worker = worker});
}

void ServerMetrics::add_totals(Metrics& metrics) {
  const auto total = [&](std::string name, std::string help, Count count) {
    follow(metrics, plain("visavis_media_" + std::move(name) + "_total", std::move(help)), count);
  };
  total("rtp_received", "Authentic RTP packets of clients.", &WorkerGauges::rtp_received);
  total("rtp_forwarded", "RTP packets sent to subscribers.", &WorkerGauges::rtp_forwarded);
  total("rtp_retransmitted", "RTP packets sent again on request.",
        &WorkerGauges::rtp_retransmitted);
  total("padding_sent", "Packets of padding that probed for bandwidth.",
        &WorkerGauges::padding_sent);
  total("probes_repeated", "Packets sent once more to probe for bandwidth.",
        &WorkerGauges::probes_repeated);
  total("rtp_paced", "RTP packets that waited for their turn.", &WorkerGauges::rtp_paced);
  total("rtp_overflowed", "RTP packets given up as too many waited.",
        &WorkerGauges::rtp_overflowed);
  total("nacks_sent", "Packets asked of publishers again.", &WorkerGauges::nacks_sent);
  total("nacks_received", "Packets that subscribers asked for again.",
        &WorkerGauges::nacks_received);
  total("key_frame_requests_sent", "Key frames asked of publishers.",
        &WorkerGauges::key_frame_requests_sent);
  total("key_frame_requests_ignored", "Of these, what was asked after many that had no answer.",
        &WorkerGauges::key_frame_requests_ignored);
  total("key_frame_requests_received", "Key frames that subscribers asked for.",
        &WorkerGauges::key_frame_requests_received);
  total("rtp_to_workers", "RTP packets handed to other workers, for rooms on several.",
        &WorkerGauges::rtp_to_neighbours);
  total("sound_repeated", "Packets of sound written with those before them.",
        &WorkerGauges::sound_repeated);
  total("key_frames", "Key frames of publishers.", &WorkerGauges::key_frames);
}

void ServerMetrics::add_drops(Metrics& metrics) {
  const auto drop = [&](std::string reason, Count count) {
    follow(metrics,
           {.name = "visavis_media_dropped_total",
            .help = "Packets that went no further, by reason.",
            .label = "reason",
            .label_value = std::move(reason)},
           count);
  };
  drop("srtp", &WorkerGauges::srtp_rejected);
  drop("rtp", &WorkerGauges::rtp_rejected);
  drop("rtcp", &WorkerGauges::rtcp_rejected);
  drop("stun", &WorkerGauges::stun_rejected);
  drop("dtls", &WorkerGauges::dtls_rejected);
  drop("unknown", &WorkerGauges::unknown_dropped);
  drop("truncated", &WorkerGauges::receive_truncated);
  drop("no_memory", &WorkerGauges::slabs_exhausted);
  drop("worker_behind", &WorkerGauges::neighbour_rings_full);
  drop("send_refused", &WorkerGauges::send_dropped);
}

void ServerMetrics::add_worker(Metrics& metrics, const media_io::Worker& worker) {
  const auto of_this = [&](std::string name, std::string help, Count count) {
    follow(metrics, of_worker(worker, "visavis_worker_" + std::move(name), std::move(help)), count,
           &worker);
  };
  of_this("datagrams_received_total", "Datagrams of a worker's port.",
          &WorkerGauges::received_datagrams);
  of_this("datagrams_sent_total", "Datagrams of a worker's port.", &WorkerGauges::sent_datagrams);
  of_this("received_bytes_total", "Of datagrams, without IP and UDP headers.",
          &WorkerGauges::received_bytes);
  of_this("sent_bytes_total", "Of datagrams, without IP and UDP headers.",
          &WorkerGauges::sent_bytes);
  of_this("cpu_seconds_total", "CPU time of the worker's thread.", &WorkerGauges::cpu_ns);
  constexpr double kSecondsPerNanosecond = 1e-9;
  followers_.back().unit = kSecondsPerNanosecond;
  gauges_.push_back(
      {.worker = worker,
       .segmentation = metrics.gauge(of_worker(worker, "visavis_worker_segmentation_offload",
                                               "1 while UDP segmentation offload is in use.")),
       .queued = metrics.gauge(of_worker(worker, "visavis_worker_queued_commands",
                                         "Commands that wait for the worker."))});
}

std::uint64_t ServerMetrics::read(const Follower& follower) const {
  const auto of = [&](const media_io::Worker& worker) {
    return (worker.gauges().*follower.count).load(std::memory_order_relaxed);
  };
  if (follower.worker != nullptr) return of(*follower.worker);
  std::uint64_t sum = 0;
  for (const auto& worker : media_.workers()) sum += of(*worker);
  return sum;
}

void ServerMetrics::update() {
  const auto totals = rooms_.totals();
  room_count_.set(static_cast<double>(totals.rooms));
  participant_count_.set(static_cast<double>(totals.participants));
  track_count_.set(static_cast<double>(totals.tracks));
  publisher_count_.set(static_cast<double>(totals.publishers));
  subscriber_count_.set(static_cast<double>(totals.subscribers));
  for (std::size_t way = 0; way < by_way_.size(); ++way) {
    by_way_[way].set(static_cast<double>(totals.by_way[way]));
  }
  for (Follower& follower : followers_) {
    const std::uint64_t count = read(follower);
    follower.counter.add(static_cast<double>(count - follower.seen) * follower.unit);
    follower.seen = count;
  }
  for (WorkerGauge& gauge : gauges_) {
    const bool segments = gauge.worker.gauges().segmentation.load(std::memory_order_relaxed);
    gauge.segmentation.set(segments ? 1 : 0);
    gauge.queued.set(static_cast<double>(gauge.worker.queued()));
  }
}

void ServerMetrics::observe(const core::rooms::MediaSample& sample) {
  constexpr double kMsPerSecond = 1000;
  for (const core::rooms::MediaSample::Transport& transport : sample.transports) {
    if (transport.available_kbps != 0) available_kbps_.observe(transport.available_kbps);
    if (transport.round_trip_ms != 0) {
      round_trip_.observe_s(transport.round_trip_ms / kMsPerSecond);
    }
  }
}

}  // namespace vis::app
