#include "media/sfu/downlink.hpp"

namespace vis::media::sfu {
namespace {

/// Deadlines come no closer together, so each step of a probe makes up for as long.
constexpr Duration kStep = DeadlineTable::kQuantum;

}  // namespace

void Downlink::restart() {
  controller_ = congestion::CongestionController{congestion::CongestionController::Config{}};
  first_sent_at_.reset();
  probe_.reset();
}

void Downlink::count_probe(std::size_t bytes) {
  probe_->bytes += bytes;
  ++probe_->packets;
  const congestion::ProbeCluster& cluster = probe_->cluster;
  if (probe_->bytes >= cluster.min_bytes && probe_->packets >= cluster.min_packets) probe_.reset();
}

void Downlink::on_deadline(TimePoint now, bool can_pad) {
  if (probe_) {
    probe_->next_step = now + kStep;
    return;
  }
  const auto due = controller_.next_deadline();
  if (!due || *due > now) return;
  controller_.on_deadline(now);
  const auto cluster = controller_.take_probe(now);
  if (cluster && can_pad) {
    probe_ = {.cluster = *cluster, .begun_at = now, .next_step = now + kStep};
  }
}

std::optional<TimePoint> Downlink::next_deadline() const {
  return probe_ ? probe_->next_step : controller_.next_deadline();
}

bool Downlink::wants_padding(TimePoint now) const {
  return probe_ && probe_->bytes < probe_->cluster.rate.bytes_in(now - probe_->begun_at + kStep);
}

}  // namespace vis::media::sfu
