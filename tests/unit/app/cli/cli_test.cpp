#include "app/cli/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace vis::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Result<Command> parse(std::initializer_list<const char*> words) {
  std::vector<const char*> arguments{"visavis"};
  arguments.insert(arguments.end(), words);
  return parse_command_line(arguments);
}

std::string error_of(std::initializer_list<const char*> words) {
  const auto command = parse(words);
  return command ? "no error" : command.error().message;
}

template <typename T>
T parsed_as(std::initializer_list<const char*> words) {
  auto command = parse(words);
  EXPECT_TRUE(command.has_value()) << command.error().message;
  return std::get<T>(*std::move(command));
}

TEST(CommandLine, serve_takes_every_flag_of_the_contract) {
  const auto serve = parsed_as<ServeCommand>({"serve", "--dev", "--data-dir", "d",
                                              "--http=127.0.0.1:0", "--media-port", "0", "--sip",
                                              "127.0.0.1:0", "--dev-trunk", "sip:x:1", "--config",
                                              "v.toml", "--allow-private-egress", "10.0.0.0/8"});
  EXPECT_TRUE(serve.config.dev);
  EXPECT_EQ(serve.config.file, "v.toml");
  const std::vector<FlagValue> expected{
      {"--data-dir", "d"},        {"--http", "127.0.0.1:0"},
      {"--media-port", "0"},      {"--sip", "127.0.0.1:0"},
      {"--dev-trunk", "sip:x:1"}, {"--allow-private-egress", "10.0.0.0/8"}};
  EXPECT_THAT(serve.config.flags, testing::UnorderedElementsAreArray(expected));
}

TEST(CommandLine, an_unknown_flag_names_the_nearest_one) {
  EXPECT_EQ(error_of({"serve", "--htpp", "1"}),
            "unknown flag --htpp; the nearest known one is --http");
  EXPECT_EQ(error_of({"serve", "--media-prt=1"}),
            "unknown flag --media-prt; the nearest known one is --media-port");
  EXPECT_EQ(error_of({"token", "create", "--rom", "r"}),
            "unknown flag --rom; the nearest known one is --room");
}

TEST(CommandLine, an_unknown_command_names_the_nearest_one) {
  EXPECT_EQ(error_of({"srve"}), "unknown command srve; the nearest known one is serve");
  EXPECT_EQ(error_of({"project", "crate"}),
            "unknown command crate; the nearest known one is create");
  EXPECT_EQ(error_of({"migrate", "now"}), "unexpected argument now");
}

TEST(CommandLine, a_flag_without_its_value_is_an_error) {
  EXPECT_THAT(error_of({"serve", "--http"}), HasSubstr("--http"));
}

TEST(CommandLine, help_is_everywhere) {
  EXPECT_THAT(parsed_as<HelpCommand>({}).text, HasSubstr("serve"));
  EXPECT_THAT(parsed_as<HelpCommand>({"--help"}).text, HasSubstr("serve"));
  EXPECT_THAT(parsed_as<HelpCommand>({"serve", "--help"}).text, HasSubstr("--media-port"));
  EXPECT_THAT(parsed_as<HelpCommand>({"project"}).text, HasSubstr("create"));
  EXPECT_THAT(parsed_as<HelpCommand>({"token", "create", "-h"}).text, HasSubstr("--identity"));
}

TEST(CommandLine, version_is_a_command_and_a_flag) {
  parsed_as<VersionCommand>({"version"});
  parsed_as<VersionCommand>({"--version"});
}

TEST(CommandLine, projects_are_created_listed_and_keyed) {
  const auto create = parsed_as<ProjectCreateCommand>({"project", "create", "acme", "--name", "A"});
  EXPECT_EQ(create.id, "acme");
  EXPECT_EQ(create.name, "A");
  EXPECT_TRUE(parsed_as<ProjectListCommand>({"project", "list", "--dev"}).config.dev);
  EXPECT_EQ(parsed_as<ProjectKeysCommand>({"project", "keys", "acme"}).action, KeyAction::List);
  EXPECT_EQ(parsed_as<ProjectKeysCommand>({"project", "keys", "acme", "--add"}).action,
            KeyAction::Add);
  const auto revoke =
      parsed_as<ProjectKeysCommand>({"project", "keys", "acme", "--revoke", "APIx"});
  EXPECT_EQ(revoke.action, KeyAction::Revoke);
  EXPECT_EQ(revoke.key, "APIx");
  EXPECT_THAT(error_of({"project", "create"}), HasSubstr("needs the ID"));
  EXPECT_THAT(error_of({"project", "keys", "a", "--add", "--revoke", "k"}), HasSubstr("not both"));
}

TEST(CommandLine, a_token_has_a_room_grants_and_a_lifetime) {
  const auto token = parsed_as<TokenCreateCommand>(
      {"token", "create", "--key", "k", "--room", "r", "--identity", "i", "--grant",
       "roomAdmin,hidden", "--deny", "canPublish", "--source", "microphone", "--ttl", "10m"});
  EXPECT_EQ(token.room, "r");
  EXPECT_THAT(token.granted, ElementsAre("roomAdmin", "hidden"));
  EXPECT_THAT(token.denied, ElementsAre("canPublish"));
  EXPECT_THAT(token.sources, ElementsAre("microphone"));
  EXPECT_EQ(token.ttl, std::chrono::minutes{10});
}

TEST(CommandLine, a_token_for_the_demo_project_needs_no_key) {
  const auto token =
      parsed_as<TokenCreateCommand>({"token", "create", "--dev", "--room", "r", "--identity", "i"});
  EXPECT_THAT(token.key, IsEmpty());
  EXPECT_EQ(token.ttl, std::chrono::hours{6});
}

TEST(CommandLine, a_token_that_would_not_work_is_refused) {
  EXPECT_THAT(error_of({"token", "create", "--room", "r", "--identity", "i"}), HasSubstr("--key"));
  EXPECT_THAT(error_of({"token", "create", "--dev", "--room", "r"}), HasSubstr("--identity"));
  EXPECT_EQ(error_of({"token", "create", "--dev", "--grant", "roomAdmn"}),
            "unknown grant roomAdmn; the nearest known one is roomAdmin");
  EXPECT_EQ(error_of({"token", "create", "--dev", "--source", "cam"}),
            "unknown source cam; the nearest known one is camera");
  for (const char* ttl : {"", "6", "h", "0h", "-1h", "6w", "6hh", "100001s"}) {
    EXPECT_THAT(error_of({"token", "create", "--dev", "--ttl", ttl}), HasSubstr("--ttl")) << ttl;
  }
}

TEST(CommandLine, config_prints_a_sample_unless_told_otherwise) {
  EXPECT_FALSE(parsed_as<DoctorCommand>({"doctor"}).json);
  EXPECT_TRUE(parsed_as<DoctorCommand>({"doctor", "--json", "--media-port", "1"}).json);
  EXPECT_EQ(parsed_as<ConfigCommand>({"config"}).format, ConfigFormat::Sample);
  EXPECT_EQ(parsed_as<ConfigCommand>({"config", "--markdown"}).format, ConfigFormat::Markdown);
}

}  // namespace
}  // namespace vis::app
