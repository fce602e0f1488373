#include "app/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "app/config/option.hpp"

namespace vis::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

ConfigSources file(std::string text) {
  return {.file_name = "v.toml", .file_text = std::move(text)};
}

Config loaded(const ConfigSources& sources) {
  auto config = load_config(sources);
  EXPECT_TRUE(config.has_value()) << config.error().message;
  return config.value_or(Config{});
}

std::string error_of(const ConfigSources& sources) {
  const auto config = load_config(sources);
  return config ? "no error" : config.error().message;
}

TEST(LoadConfig, defaults_serve_everyone_and_keep_data_in_var_lib) {
  const Config config = loaded({});
  EXPECT_EQ(config.server.data_dir, "/var/lib/visavis");
  EXPECT_EQ(config.database.url.reveal(), "sqlite:/var/lib/visavis/visavis.db");
  ASSERT_THAT(config.http.listen, SizeIs(1));
  EXPECT_EQ(config.http.listen[0].str(), "0.0.0.0:7880");
  EXPECT_EQ(config.media.port, 7882);
  EXPECT_TRUE(config.media.ice_lite);
  EXPECT_EQ(config.rooms.empty_timeout, 300s);
  EXPECT_EQ(config.rooms.departure_timeout, 20s);
  EXPECT_FALSE(config.meet.enabled);
  EXPECT_THAT(config.egress.allow_private, IsEmpty());
  EXPECT_EQ(config.log.level, log::Level::Info);
}

TEST(LoadConfig, dev_listens_on_loopback_and_opens_the_demo) {
  const Config config = loaded({.dev = true});
  EXPECT_TRUE(config.dev);
  EXPECT_EQ(config.server.data_dir, ".visavis");
  EXPECT_EQ(config.http.listen[0].str(), "127.0.0.1:7880");
  EXPECT_TRUE(config.meet.enabled);
  EXPECT_EQ(config.meet.project, "demo");
  EXPECT_TRUE(config.egress.allow_private[0].contains(*IpAddress::parse("127.0.0.1")));
}

TEST(LoadConfig, a_file_sets_every_kind_of_option) {
  const Config config = loaded(file(R"(
[http]
listen = ["127.0.0.1:0", "[::1]:0"]
trusted_proxies = ["10.0.0.0/8"]
base_path = "/calls"
[media]
port = 0
announce = ["203.0.113.5"]
ice_lite = false
[log]
level = "debug"
format = "json"
[rooms]
empty_timeout_s = 5
)"));
  EXPECT_EQ(config.http.listen[1].str(), "[::1]:0");
  EXPECT_EQ(config.http.trusted_proxies[0].str(), "10.0.0.0/8");
  EXPECT_EQ(config.http.base_path, "/calls");
  EXPECT_EQ(config.media.port, 0);
  EXPECT_EQ(config.media.announce[0].str(), "203.0.113.5");
  EXPECT_FALSE(config.media.ice_lite);
  EXPECT_EQ(config.log.level, log::Level::Debug);
  EXPECT_EQ(config.log.format, log::Format::Json);
  EXPECT_EQ(config.rooms.empty_timeout, 5s);
}

TEST(LoadConfig, the_environment_wins_over_the_file_and_a_flag_over_both) {
  ConfigSources sources = file("[media]\nport = 1000\nworkers = 1\n[http]\nmax_connections = 5\n");
  sources.environment = {{"VISAVIS_MEDIA_PORT", "2000"}, {"VISAVIS_MEDIA_WORKERS", "2"}};
  sources.flags = {{"--media-port", "3000"}};
  const Config config = loaded(sources);
  EXPECT_EQ(config.media.port, 3000);
  EXPECT_EQ(config.media.workers, 2U);
  EXPECT_EQ(config.http.max_connections, 5U);
}

TEST(LoadConfig, the_data_folder_of_a_flag_is_where_the_database_lies) {
  EXPECT_EQ(loaded({.dev = true, .flags = {{"--data-dir", "/d"}}}).database.url.reveal(),
            "sqlite:/d/visavis.db");
}

TEST(LoadConfig, lists_in_the_environment_have_commas) {
  const Config config = loaded({.environment = {{"VISAVIS_HTTP_LISTEN", "127.0.0.1:0, [::1]:0"},
                                                {"VISAVIS_EGRESS_ALLOW_PRIVATE", ""}}});
  EXPECT_THAT(config.http.listen, SizeIs(2));
  EXPECT_THAT(config.egress.allow_private, IsEmpty());
}

TEST(LoadConfig, an_unknown_key_names_the_nearest_one_and_its_line) {
  EXPECT_EQ(error_of(file("[http]\n\nlisen = []\n")),
            "v.toml:3: unknown key http.lisen; the nearest known one is http.listen");
  EXPECT_EQ(error_of(file("[media]\nlisten = []\n")),
            "v.toml:2: unknown key media.listen; the nearest known one is sip.listen");
  EXPECT_EQ(error_of(file("[htpp]\n")),
            "v.toml:1: unknown section htpp; the nearest known one is http");
  EXPECT_EQ(error_of(file("[[webhook]]\nurl = 'http://x'\napi_key = 'k'\nexlude = []\n")),
            "v.toml:4: unknown key webhook.exlude; the nearest known one is webhook.exclude");
}

TEST(LoadConfig, an_unknown_variable_names_the_nearest_one) {
  EXPECT_EQ(error_of({.environment = {{"VISAVIS_HTTP_LISEN", "x"}}}),
            "unknown variable VISAVIS_HTTP_LISEN; the nearest known one is VISAVIS_HTTP_LISTEN");
}

TEST(LoadConfig, variables_of_others_are_passed_over) {
  loaded({.environment = {{"PATH", "/bin"},
                          {"VISAVIS_SERVICE_HOST", "10.0.0.1"},
                          {"VISAVIS_PORT_7880_TCP", "tcp://10.0.0.1:7880"}}});
}

TEST(LoadConfig, a_wrong_type_or_range_says_what_is_allowed) {
  EXPECT_EQ(error_of(file("[media]\nport = 65536\n")),
            "v.toml:2: media.port: 65536 is not a whole number from 0 to 65535");
  EXPECT_EQ(error_of(file("[media]\nport = '7882'\n")),
            "v.toml:2: media.port: '7882' is not a whole number from 0 to 65535");
  EXPECT_EQ(error_of(file("[media]\nice_lite = 1\n")),
            "v.toml:2: media.ice_lite: 1 is not true or false");
  EXPECT_THAT(error_of(file("[http]\nlisten = \"127.0.0.1:0\"\n")), HasSubstr("is not a list of"));
  EXPECT_THAT(error_of(file("[http]\nlisten = [7880]\n")), HasSubstr("is not a list of"));
  EXPECT_EQ(error_of({.environment = {{"VISAVIS_LOG_LEVEL", "loud"}}}),
            "VISAVIS_LOG_LEVEL: \"loud\" is not one of debug, info, warning, error");
  EXPECT_EQ(error_of({.flags = {{"--media-port", "-1"}}}),
            "--media-port: \"-1\" is not a whole number from 0 to 65535");
}

TEST(LoadConfig, the_limits_of_a_range_are_allowed) {
  EXPECT_EQ(loaded(file("[media]\nport = 65535\n")).media.port, 65535);
  EXPECT_EQ(loaded(file("[http]\nmax_connections = 1\n")).http.max_connections, 1U);
  EXPECT_THAT(error_of(file("[http]\nmax_connections = 0\n")), HasSubstr("from 1 to"));
}

TEST(LoadConfig, every_mistake_is_reported_at_once) {
  EXPECT_EQ(error_of(file("[media]\nport = -1\nworker = 1\n")),
            "v.toml:2: media.port: -1 is not a whole number from 0 to 65535\n"
            "v.toml:3: unknown key media.worker; the nearest known one is media.workers");
}

TEST(LoadConfig, malformed_toml_says_where) {
  EXPECT_THAT(error_of(file("[http]\nlisten = [\n")), HasSubstr("v.toml:"));
  EXPECT_THAT(error_of(file("a = 1\n")), HasSubstr("unknown section a"));
  EXPECT_THAT(error_of(file("http = 1\n")), HasSubstr("write [http]"));
  EXPECT_THAT(error_of(file("[webhook]\nurl = 'x'\n")), HasSubstr("write [[webhook]]"));
}

TEST(LoadConfig, webhooks_are_a_list_of_sections) {
  const Config config = loaded(file(R"(
[[webhook]]
url = "https://example.org/a"
api_key = "one"
[[webhook]]
url = "https://example.org/b"
api_key = "two"
include = ["room_started"]
)"));
  ASSERT_THAT(config.webhooks, SizeIs(2));
  EXPECT_EQ(config.webhooks[0].api_key, "one");
  EXPECT_THAT(config.webhooks[1].include, ElementsAre("room_started"));
}

TEST(LoadConfig, options_that_need_one_another_are_checked_together) {
  EXPECT_THAT(error_of(file("[http]\ncertificate = 'c.pem'\n")), HasSubstr("both or neither"));
  EXPECT_THAT(error_of(file("[meet]\nenabled = true\n")), HasSubstr("meet.project"));
  EXPECT_THAT(error_of(file("[media]\nport = 65535\nworkers = 2\n")), HasSubstr("media.workers"));
  EXPECT_THAT(error_of(file("[database]\nurl = 'mysql://x'\n")), HasSubstr("database.url"));
  EXPECT_THAT(error_of(file("[[webhook]]\nurl = 'ftp://x'\n")), HasSubstr("webhook.url"));
  EXPECT_THAT(error_of(file("[[webhook]]\nurl = 'http://x'\n")), HasSubstr("webhook.api_key"));
  EXPECT_THAT(error_of(file("[http]\nlisten = []\n")), HasSubstr("http.listen"));
  for (const char* path : {"calls", "/calls/", "//", "/a//b", "/a b", "/a?b"}) {
    EXPECT_THAT(error_of({.environment = {{"VISAVIS_HTTP_BASE_PATH", path}}}),
                HasSubstr("http.base_path"))
        << path;
  }
}

TEST(LoadConfig, a_secret_comes_from_a_file_and_is_never_shown) {
  const auto read_file = [](const std::filesystem::path& path) -> Result<std::string> {
    if (path == "/run/secret") return "postgresql://u:hunter2@db/v\n";
    return fail(Errc::NotFound, "cannot read " + path.string());
  };
  ConfigSources sources = file("[database]\nurl_file = '/run/secret'\n");
  sources.read_file = read_file;
  EXPECT_EQ(loaded(sources).database.url.reveal(), "postgresql://u:hunter2@db/v");

  ConfigSources by_environment{.environment = {{"VISAVIS_DATABASE_URL_FILE", "/none"}},
                               .read_file = read_file};
  EXPECT_EQ(error_of(by_environment), "VISAVIS_DATABASE_URL_FILE: cannot read /none");
  EXPECT_THAT(error_of(file("[database]\nurl = ['hunter2']\n")), Not(HasSubstr("hunter2")));
  EXPECT_THAT(error_of(file("[database]\nurl = 'hunter2'\n")), Not(HasSubstr("hunter2")));
}

TEST(LoadConfig, every_default_is_valid_and_every_option_explained) {
  for (const Option& option : options()) {
    EXPECT_THAT(option.help, Not(IsEmpty())) << option.name();
    EXPECT_TRUE(option.help.ends_with('.')) << option.name();
    EXPECT_TRUE(read_text(option, option.default_text(false)).has_value()) << option.name();
    EXPECT_TRUE(read_text(option, option.default_text(true)).has_value()) << option.name();
  }
}

}  // namespace
}  // namespace vis::app
