#include "api/livekit/user_agent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vis::api::livekit {
namespace {

struct Row {
  std::string_view header;
  std::string_view browser;
  std::string_view version;
  std::string_view os;
};

TEST(UserAgent, names_the_engine_that_matters) {
  constexpr Row kRows[] = {
      {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "128.0",
       "linux"},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
       "Safari/537.36",
       "Chrome", "126.0.0.0", "linux"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68",
       "Edge", "126.0.2592.68", "windows"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/17.5 Safari/605.1.15",
       "Safari", "17.5", "mac os x"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
       "Mobile Safari", "", "ios"},
      {"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox", "127.0",
       "android"},
      {"livekit-node/1.1", "", "", ""},
      {"", "", "", ""},
  };
  for (const Row& row : kRows) {
    core::rooms::ClientInfo client;
    describe_user_agent(row.header, client);
    EXPECT_EQ(client.browser, row.browser) << row.header;
    EXPECT_EQ(client.browser_version, row.version) << row.header;
    EXPECT_EQ(client.os, row.os) << row.header;
  }
}

TEST(UserAgent, reads_the_version_of_the_system) {
  core::rooms::ClientInfo client;
  describe_user_agent("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/605.1.15",
                      client);
  EXPECT_EQ(client.os_version, "17.5");
}

TEST(UserAgent, does_not_overrule_what_the_client_says_of_itself) {
  core::rooms::ClientInfo client{.os = "visionos", .browser = "Embedded"};
  describe_user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", client);
  EXPECT_EQ(client.browser, "Embedded");
  EXPECT_EQ(client.os, "visionos");
}

}  // namespace
}  // namespace vis::api::livekit
