#include "app/worker_history.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vis::app {

void WorkerHistory::on_tick(core::rooms::Now now) {
  if (seen_at_ && now.monotonic - *seen_at_ < kInterval) return;
  const auto before = std::exchange(seen_at_, now.monotonic);
  workers_.resize(media_.workers().size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const media_io::Worker& worker = *media_.workers()[i];
    const media_io::WorkerGauges& gauges = worker.gauges();
    Seen& seen = workers_[i];
    const auto rise = [](std::uint64_t& last, const std::atomic<std::uint64_t>& gauge) {
      const std::uint64_t value = gauge.load(std::memory_order_relaxed);
      return static_cast<double>(value - std::exchange(last, value));
    };
    const double cpu_ns = rise(seen.cpu_ns, gauges.cpu_ns);
    const double received = rise(seen.received, gauges.received_datagrams);
    const double sent = rise(seen.sent, gauges.sent_datagrams);
    if (!before) continue;
    const Duration during = now.monotonic - *before;
    const double seconds = std::chrono::duration<double>(during).count();
    if (seen.points.size() >= kPoints) seen.points.pop_front();
    seen.points.push_back({.at = now.wall,
                           .cpu_share = std::min(cpu_ns / static_cast<double>(during.count()), 1.0),
                           .packets_in_per_s = received / seconds,
                           .packets_out_per_s = sent / seconds,
                           .queued = worker.queued()});
  }
}

std::vector<api::v1::WorkerLoad> WorkerHistory::worker_loads() const {
  std::vector<api::v1::WorkerLoad> loads;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const media_io::Worker& worker = *media_.workers()[i];
    loads.push_back(
        {.index = worker.index(),
         .port = worker.port(),
         .segmentation_offload = worker.gauges().segmentation.load(std::memory_order_relaxed),
         .points = {workers_[i].points.begin(), workers_[i].points.end()}});
  }
  return loads;
}

}  // namespace vis::app
