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
  const auto add = [&](MetricSpec spec, const std::atomic<std::uint64_t>& value) {
    series_.push_back({.gauge = metrics.gauge(spec), .value = &value});
  };
  add({.name = "visavis_media_tcp_connections", .help = "Connections of ICE-TCP that are open."},
      values.ice_connections);
  add({.name = "visavis_turn_connections", .help = "TCP and TLS connections to the TURN server."},
      values.turn_connections);
  add({.name = "visavis_turn_allocations", .help = "TURN allocations that there are."},
      values.turn_allocations);
  add({.name = "visavis_turn_allocations_made", .help = "TURN allocations since the start."},
      values.turn_allocations_made);
  add({.name = "visavis_media_tcp_connections_refused",
       .help = "TCP connections that were one too many, or spoke neither ICE nor TURN."},
      values.connections_refused);
  add({.name = "visavis_media_relay_dropped",
       .help = "Packets by TCP or TURN whose receiver was too slow."},
      values.packets_dropped);
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    add({.name = "visavis_turn_refused",
         .help = "What the TURN server refused since the start, by reason.",
         .label = "reason",
         .label_value = std::string(kRefusalNames[i])},
        values.turn_refused[i]);
  }
}

void RelayMetrics::update() {
  for (Series& series : series_) {
    series.gauge.set(static_cast<double>(series.value->load(std::memory_order_relaxed)));
  }
}

}  // namespace vis::app
