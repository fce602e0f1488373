#include "app/ice_servers.hpp"

#include "app/network/host_addresses.hpp"

namespace vis::app {
namespace {

/// As a URL wants it: IPv6 addresses in brackets.
std::string host_of(const Config& config) {
  if (!config.turn.domain.empty()) return config.turn.domain;
  const std::vector<IpAddress> addresses = announced_addresses(config);
  if (addresses.empty()) return "127.0.0.1";
  const IpAddress& first = addresses.front();
  return first.is_v6() ? "[" + first.str() + "]" : first.str();
}

}  // namespace

IceServers::IceServers(const Config& config, const Ports& ports, const Secret& secret)
    : authority_(secret) {
  const std::string host = host_of(config) + ":";
  urls_.push_back("turn:" + host + std::to_string(ports.turn_udp) + "?transport=udp");
  if (ports.turn_tcp) {
    urls_.push_back("turn:" + host + std::to_string(*ports.turn_tcp) + "?transport=tcp");
  }
  // Without a name there is nothing in a certificate for the client to compare.
  if (ports.tls && !config.turn.domain.empty()) {
    urls_.push_back("turns:" + host + std::to_string(*ports.tls) + "?transport=tcp");
  }
}

std::vector<api::livekit::IceServer> IceServers::issue(std::string_view who, WallTime now) const {
  const media::turn::Credential credential = authority_.issue(who, now + kCredentialLifetime);
  return {
      {.urls = urls_, .username = credential.username, .credential = credential.password.reveal()}};
}

}  // namespace vis::app
