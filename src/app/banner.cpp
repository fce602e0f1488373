#include "app/banner.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <optional>
#include <string>

#include "app/demo.hpp"
#include "base/log.hpp"

namespace vis::app {
namespace {

std::string url_of(const Config& config, const SocketAddress& endpoint) {
  SocketAddress shown = endpoint;
  // Nobody can open "0.0.0.0".
  if (shown.ip.is_unspecified()) shown.ip = IpAddress::v4({127, 0, 0, 1});
  const bool tls = !config.http.certificate.empty();
  return (tls ? "https://" : "http://") + shown.str() + config.http.base_path;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

}  // namespace

void announce_ready(const Config& config, const std::vector<SocketAddress>& endpoints,
                    const media_io::MediaIo& media) {
  std::vector<std::string> urls;
  for (const SocketAddress& endpoint : endpoints) urls.push_back(url_of(config, endpoint));
  std::vector<std::string> ports;
  for (const auto& worker : media.workers()) ports.push_back(std::to_string(worker->port()));
  const media_io::RelayLoop* const relay = media.relay();
  const auto shown = [](std::optional<std::uint16_t> port) {
    return port ? std::to_string(*port) : std::string("-");
  };
  const std::string tcp = shown(relay == nullptr ? std::nullopt : relay->tcp_port());
  const std::string turn = shown(relay == nullptr ? std::nullopt : relay->turn_port());
  log::info("server.ready",
            {{"http", join(urls)}, {"media_udp", join(ports)}, {"media_tcp", tcp}, {"turn", turn}});
  if (!config.dev || urls.empty()) return;
  fmt::print(
      "\n"
      "  Visavis is ready (development mode)\n"
      "\n"
      "    Open        {0}/          make a meeting, open its link in a second window\n"
      "    API         {0}           LiveKit URL for client and server SDKs\n"
      "    Metrics     {0}/metrics\n"
      "    API key     {1}    secret  {2}    project  {3}\n"
      "    Media       UDP {4}    TCP {5}    TURN UDP {6}\n"
      "\n"
      "  Ctrl+C stops it.\n\n",
      urls.front(), kDemoKey, kDemoSecret, kDemoProject, join(ports), tcp, turn);
  std::fflush(stdout);
}

}  // namespace vis::app
