#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/config/load.hpp"
#include "base/result.hpp"

/// The command line of `visavis`: which command, with which arguments. Nothing is done here.
namespace vis::app {

/// `visavis serve`
struct ServeCommand {
  ConfigArguments config;
  bool take_over = false;
};

/// `visavis migrate`
struct MigrateCommand {
  ConfigArguments config;
};

/// `visavis project create ID`
struct ProjectCreateCommand {
  ConfigArguments config;
  std::string id;
  std::string name;  ///< Empty: the id.
};

/// `visavis project list`
struct ProjectListCommand {
  ConfigArguments config;
};

enum class KeyAction : std::uint8_t { List, Add, Revoke };

/// `visavis project keys ID [--add | --revoke KEY]`
struct ProjectKeysCommand {
  ConfigArguments config;
  std::string project;
  KeyAction action = KeyAction::List;
  std::string key;  ///< For Revoke.
};

/// `visavis token create`: what goes into a LiveKit access token. Grants are named as its claims.
struct TokenCreateCommand {
  ConfigArguments config;
  std::string key;   ///< Id of the signing key; empty only under `--dev`: the demo key.
  std::string room;  ///< Not empty: the token may join this room.
  std::string identity;
  std::string name;
  std::string metadata;
  std::vector<std::string> granted;  ///< Boolean grants to set to true, of `kTokenGrants`.
  std::vector<std::string> denied;   ///< Boolean grants to set to false.
  std::vector<std::string> sources;  ///< canPublishSources; empty: all.
  std::chrono::seconds ttl{};
};

enum class ConfigFormat : std::uint8_t { Sample, Markdown };

/// `visavis config --sample | --markdown`
struct ConfigCommand {
  ConfigFormat format = ConfigFormat::Sample;
};

/// `visavis doctor [--json]`
struct DoctorCommand {
  ConfigArguments config;
  bool json = false;
};

/// `visavis version`
struct VersionCommand {};

/// `--help` of any command: a text to print.
struct HelpCommand {
  std::string text;
};

using Command = std::variant<ServeCommand, MigrateCommand, ProjectCreateCommand, ProjectListCommand,
                             ProjectKeysCommand, TokenCreateCommand, ConfigCommand, DoctorCommand,
                             VersionCommand, HelpCommand>;

/// The boolean grants that `token create` knows, in the spelling of the token.
std::span<const std::string_view> token_grants();

/// Reads the arguments of the process, the program's name first. A mistake is an error whose
/// message is for the person who typed; an unknown name comes with the nearest known one.
Result<Command> parse_command_line(std::span<const char* const> arguments);

}  // namespace vis::app
