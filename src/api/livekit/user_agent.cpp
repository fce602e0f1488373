#include "api/livekit/user_agent.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace vis::api::livekit {
namespace {

struct Mark {
  std::string_view token;  ///< The version follows it.
  std::string_view name;
};

// The first that occurs decides: most browsers also claim to be several of those further down.
constexpr Mark kBrowsers[] = {
    {"Edg/", "Edge"},      {"OPR/", "Opera"},         {"Firefox/", "Firefox"},
    {"Chrome/", "Chrome"}, {"Chromium/", "Chromium"},
};
constexpr Mark kSystems[] = {
    {"iPhone OS ", "ios"},      {"iPad; CPU OS ", "ios"},  {"Android ", "android"},
    {"Windows NT ", "windows"}, {"Mac OS X ", "mac os x"}, {"CrOS ", "chrome os"},
    {"Linux", "linux"},
};

/// Digits and the dots between them; some write underscores.
std::string version_after(std::string_view text, std::string_view token) {
  const std::size_t at = text.find(token);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + token.size());
  std::string version(rest.substr(0, rest.find_first_not_of("0123456789._")));
  std::ranges::replace(version, '_', '.');
  return version;
}

void set_browser(std::string_view user_agent, core::rooms::ClientInfo& client) {
  const bool is_webkit = user_agent.contains("AppleWebKit/") && user_agent.contains("Safari/");
  if (user_agent.contains("iPhone") || user_agent.contains("iPad")) {
    client.browser = "Mobile Safari";
    client.browser_version = version_after(user_agent, "Version/");
    return;
  }
  for (const Mark& mark : kBrowsers) {
    if (!user_agent.contains(mark.token)) continue;
    client.browser = mark.name;
    client.browser_version = version_after(user_agent, mark.token);
    return;
  }
  if (!is_webkit) return;
  client.browser = "Safari";
  client.browser_version = version_after(user_agent, "Version/");
}

void set_system(std::string_view user_agent, core::rooms::ClientInfo& client) {
  for (const Mark& mark : kSystems) {
    if (!user_agent.contains(mark.token)) continue;
    client.os = mark.name;
    client.os_version = version_after(user_agent, mark.token);
    return;
  }
}

}  // namespace

void describe_user_agent(std::string_view user_agent, core::rooms::ClientInfo& client) {
  if (client.browser.empty()) set_browser(user_agent, client);
  if (client.os.empty()) set_system(user_agent, client);
}

}  // namespace vis::api::livekit
