#include "app/part_options.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "app/network/host_addresses.hpp"
#include "base/log.hpp"
#include "http/egress_guard.hpp"

namespace vis::app {

core::rooms::RoomDefaults room_defaults(const Config& config) {
  core::rooms::RoomDefaults defaults;
  defaults.empty_timeout = config.rooms.empty_timeout;
  defaults.departure_timeout = config.rooms.departure_timeout;
  defaults.max_participants = config.rooms.max_participants;
  defaults.create_by_joining = config.rooms.auto_create;
  defaults.ice_lite = config.media.ice_lite;
  return defaults;
}

media_io::MediaOptions media_options(const Config& config, const Secret& turn_secret) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  media_io::MediaOptions options;
  options.port = config.media.port;
  options.workers = config.media.workers == 0 ? cores : config.media.workers;
  options.room_spread = config.media.room_spread;
  options.max_speakers = config.media.max_speakers;
  options.announce = announced_addresses(config);
  if (config.media.tcp) {
    // Where the media port is any free one, so is this.
    options.tcp_port =
        static_cast<std::uint16_t>(config.media.port == 0 ? 0 : config.media.port - 1);
  }
  if (config.turn.enabled) {
    options.turn = media_io::MediaOptions::Turn{
        .port = config.turn.port, .realm = "visavis", .secret = turn_secret};
  }
  return options;
}

http::ServerOptions http_options(const Config& config) {
  http::ServerOptions options;
  const bool tls = !config.http.certificate.empty();
  for (const SocketAddress& address : config.http.listen) {
    options.listeners.push_back({.address = address, .tls = tls});
  }
  if (tls) {
    options.tls =
        http::TlsFiles{.certificate = config.http.certificate, .key = config.http.private_key};
  }
  options.trusted_proxies = config.http.trusted_proxies;
  options.connections_max = config.http.max_connections;
  return options;
}

http::ClientOptions client_options(const Config& config) {
  const http::EgressGuard guard(config.egress.allow_private);
  for (const IpPrefix& network : config.egress.allow_private) {
    log::info("server.private_egress_allowed", {{"network", network.str()}});
  }
  http::ClientOptions options;
  options.may_connect = [guard](const IpAddress& address) { return guard.may_connect(address); };
  return options;
}

std::vector<api::livekit::WebhookTarget> webhook_targets(const Config& config) {
  std::vector<api::livekit::WebhookTarget> targets;
  for (const WebhookConfig& webhook : config.webhooks) {
    targets.push_back({.url = webhook.url,
                       .key = core::projects::ApiKeyId{webhook.api_key},
                       .include = webhook.include,
                       .exclude = webhook.exclude});
  }
  return targets;
}

}  // namespace vis::app
