#include "app/config/check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace vis::app {
namespace {

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes,
                             [text](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_base_path(std::string_view path) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  return path.empty() || (path.starts_with('/') && !path.ends_with('/') &&
                          path.find("//") == std::string_view::npos &&
                          path.find_first_not_of(kAllowed) == std::string_view::npos);
}

void check_http(const HttpConfig& http, std::vector<std::string>& problems) {
  if (http.listen.empty()) problems.emplace_back("http.listen: at least one address is needed");
  if (http.certificate.empty() != http.private_key.empty()) {
    problems.emplace_back("http.certificate and http.private_key: give both or neither");
  }
  if (!is_base_path(http.base_path)) {
    problems.push_back("http.base_path: \"" + http.base_path +
                       "\" is not a path such as /calls, without a slash at its end");
  }
}

void check_media(const MediaConfig& media, std::vector<std::string>& problems) {
  constexpr std::uint32_t kPorts = 65536;
  if (media.port != 0 && media.port + media.workers > kPorts) {
    problems.emplace_back("media.port: media.workers ports above it do not fit below 65536");
  }
  if (media.port == 1 && media.tcp) {
    problems.emplace_back("media.port: media.tcp needs the port below it");
  }
}

void check_webhook(const WebhookConfig& webhook, std::vector<std::string>& problems) {
  if (!starts_with_any(webhook.url, {"http://", "https://"})) {
    problems.push_back("webhook.url: \"" + webhook.url + "\" is not an http or https URL");
  }
  if (webhook.api_key.empty()) {
    problems.push_back("webhook.api_key: the webhook to " + webhook.url + " needs one");
  }
}

}  // namespace

std::vector<std::string> problems_of(const Config& config) {
  std::vector<std::string> problems;
  if (config.server.data_dir.empty()) problems.emplace_back("server.data_dir: a folder is needed");
  check_http(config.http, problems);
  check_media(config.media, problems);
  if (!starts_with_any(config.database.url.reveal(), {"sqlite:", "postgresql://", "postgres://"})) {
    problems.emplace_back("database.url: it is neither sqlite:PATH nor postgresql://...");
  }
  if (config.meet.enabled && config.meet.project.empty()) {
    problems.emplace_back("meet.project: meet.enabled needs the id of a project");
  }
  for (const WebhookConfig& webhook : config.webhooks) check_webhook(webhook, problems);
  return problems;
}

}  // namespace vis::app
