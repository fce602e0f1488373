#include "app/relay_metrics.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace vis::app {
namespace {

/// In the order of media::turn::Refusal.
constexpr std::array<std::string_view, media::turn::kRefusals> kRefusalNames{
    "malformed", "unauthenticated", "expired_credential", "foreign_peer", "quota",
    "capacity",  "no_allocation",   "not_permitted",      "flood",        "unsupported"};

}  // namespace

RelayMetrics::RelayMetrics(Metrics& metrics, const media_io::RelayLoop& relay) {
  const media_io::RelayGauges& values = relay.gauges();
  const auto now = [&](MetricSpec spec, const std::atomic<std::uint64_t>& value) {
    gauges_.push_back({.gauge = metrics.gauge(spec), .value = &value});
  };
  const auto total = [&](MetricSpec spec, const std::atomic<std::uint64_t>& value) {
    totals_.push_back({.counter = metrics.counter(spec), .value = &value});
  };
  now({.name = "visavis_media_tcp_connections", .help = "Connections of ICE-TCP that are open."},
      values.ice_connections);
  now({.name = "visavis_turn_connections", .help = "TCP and TLS connections to the TURN server."},
      values.turn_connections);
  now({.name = "visavis_turn_allocations", .help = "TURN allocations that there are."},
      values.turn_allocations);
  total({.name = "visavis_turn_allocations_made_total", .help = "TURN allocations that were made."},
        values.turn_allocations_made);
  total({.name = "visavis_media_tcp_connections_refused_total",
         .help = "TCP connections that were one too many, or spoke neither ICE nor TURN."},
        values.connections_refused);
  total({.name = "visavis_media_relay_dropped_total",
         .help = "Packets by TCP or TURN whose receiver was too slow."},
        values.packets_dropped);
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    total({.name = "visavis_turn_refused_total",
           .help = "What the TURN server refused, by reason.",
           .label = "reason",
           .label_value = std::string(kRefusalNames[i])},
          values.turn_refused[i]);
  }
}

void RelayMetrics::update() {
  for (Shown& shown : gauges_) {
    shown.gauge.set(static_cast<double>(shown.value->load(std::memory_order_relaxed)));
  }
  for (Total& total : totals_) {
    const std::uint64_t count = total.value->load(std::memory_order_relaxed);
    total.counter.add(static_cast<double>(count - std::exchange(total.seen, count)));
  }
}

}  // namespace vis::app
