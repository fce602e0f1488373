#include "app/cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "app/config/nearest.hpp"
#include "app/config/option.hpp"

namespace vis::app {
namespace {

constexpr std::array<std::string_view, 12> kTokenGrants{
    "canPublish", "canSubscribe", "canPublishData", "canUpdateOwnMetadata",
    "hidden",     "recorder",     "agent",          "roomCreate",
    "roomList",   "roomRecord",   "roomAdmin",      "ingressAdmin"};
constexpr std::array<std::string_view, 4> kTokenSources{"camera", "microphone", "screen_share",
                                                        "screen_share_audio"};

std::vector<std::string> copied(std::span<const std::string_view> words) {
  return {words.begin(), words.end()};
}

std::unexpected<Error> mistake(std::string message) {
  return fail(Errc::InvalidArgument, std::move(message));
}

std::unexpected<Error> unknown(std::string_view what, std::string_view given,
                               std::span<const std::string> known) {
  return mistake("unknown " + std::string(what) + " " + std::string(given) +
                 "; the nearest known one is " + nearest(given, known));
}

/// `90s`, `10m`, `6h`, `30d`.
std::optional<std::chrono::seconds> read_duration(std::string_view text) {
  constexpr std::array<std::pair<char, int>, 4> kUnits{
      {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
  constexpr int kMaxCount = 100'000;
  int count = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || parsed_to + 1 != end || count < 1 || count > kMaxCount) {
    return std::nullopt;
  }
  for (const auto& [unit, seconds] : kUnits) {
    if (unit == *parsed_to) return std::chrono::seconds{std::int64_t{count} * seconds};
  }
  return std::nullopt;
}

/// Builds the tree of commands, lets CLI11 read the arguments into members, and says which command
/// it was. Required arguments are checked here rather than by CLI11, so that a mistyped flag is
/// reported before whatever is missing because of it.
class Parser final {
 public:
  Parser() : app_("Video and voice calls on your own server.", "visavis") {
    app_.allow_extras();  // Inherited by every command; reported by `find_extras`.
    app_.add_flag("--version", wants_version_, "Print the version");
    add_serve();
    add_project();
    add_token();
    migrate_ = app_.add_subcommand("migrate", "Bring the database to this version's schema");
    add_config_flags(migrate_, false);
    config_ = app_.add_subcommand("config", "Print every option of the configuration");
    config_->add_flag("--sample", wants_sample_, "As a TOML file to start from (the default)");
    config_->add_flag("--markdown", wants_markdown_, "As the guide");
    doctor_ = app_.add_subcommand("doctor", "Look at ports, certificate, addresses, clock, limits");
    doctor_->add_flag("--json", wants_json_, "Print the findings as JSON");
    add_config_flags(doctor_, true);
    version_ = app_.add_subcommand("version", "Print the version");
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  Result<Command> parse(std::span<const char* const> arguments) {
    std::vector<std::string> words;  // In the order CLI11 wants: the last first.
    for (const char* word : arguments.subspan(1)) words.emplace_back(word);
    std::ranges::reverse(words);
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      return HelpCommand{app_.help()};
    } catch (const CLI::ParseError& error) {
      return mistake(error.what());
    }
    if (auto extras = find_extras(app_); !extras) return std::unexpected(extras.error());
    return chosen();
  }

 private:
  void add_serve() {
    serve_ = app_.add_subcommand("serve", "Run the server in the foreground");
    add_config_flags(serve_, true);
    serve_->add_flag("--take-over", takes_over_,
                     "Go on with the rooms of the server that runs on the same data folder, which "
                     "then ends");
  }

  /// `--config`, `--dev` and the options of the table that have a flag.
  void add_config_flags(CLI::App* command, bool all) {
    command->add_option("--config", arguments_.file, "TOML file with the configuration");
    command->add_flag("--dev", arguments_.dev,
                      "Try it out on this machine: demo project, demo keys, data in .visavis");
    for (const Option& option : options()) {
      const bool wanted = all || option.key == "data_dir";
      if (option.flag.empty() || !wanted) continue;
      const std::string flag(option.flag);
      const auto store = [this, flag](const std::string& value) {
        arguments_.flags.push_back({flag, value});
      };
      command->add_option_function<std::string>(flag, store, help_of(option))->type_name("VALUE");
    }
  }

  static std::string help_of(const Option& option) {
    std::string text(option.help);
    if (!option.standard.empty()) text += " Default: " + std::string(option.standard) + ".";
    if (option.dev_standard) text += " With --dev: " + std::string(*option.dev_standard) + ".";
    return text;
  }

  void add_project() {
    project_ = app_.add_subcommand("project", "Projects and their API keys");
    project_create_ = project_->add_subcommand("create", "Make a project with a first API key");
    project_create_->add_option("id", id_, "Short name, as in URLs")->type_name("");
    project_create_->add_option("--name", name_, "Name for people")->type_name("TEXT");
    add_config_flags(project_create_, false);
    project_list_ = project_->add_subcommand("list", "List the projects");
    add_config_flags(project_list_, false);
    project_keys_ = project_->add_subcommand("keys", "List, add or revoke API keys of a project");
    project_keys_->add_option("id", id_, "The project")->type_name("");
    project_keys_->add_flag("--add", wants_key_, "Add a key and print its secret once");
    project_keys_->add_option("--revoke", revoked_, "Revoke this key")->type_name("KEY");
    add_config_flags(project_keys_, false);
  }

  void add_token() {
    token_ = app_.add_subcommand("token", "Access tokens");
    token_create_ = token_->add_subcommand("create", "Print a signed access token");
    const auto add = [this](const char* flag, std::string& text, const char* help) {
      token_create_->add_option(flag, text, help)->type_name("TEXT");
    };
    add("--room", token_command_.room, "Room that the token may join");
    add("--identity", token_command_.identity, "Who the participant is, unique in its room");
    add("--name", token_command_.name, "Name that others see");
    add("--metadata", token_command_.metadata, "Metadata of the participant");
    add("--key", token_command_.key, "Id of the API key that signs. With --dev: the demo key.");
    add("--ttl", ttl_, "How long it is valid: 90s, 10m, 6h, 30d. Default: 6h.");
    const auto add_list = [this](const char* flag, std::vector<std::string>& list,
                                 const char* help) {
      token_create_->add_option(flag, list, help)->delimiter(',')->type_name("LIST");
    };
    add_list("--grant", token_command_.granted, "Grants to give, such as roomAdmin,canPublish");
    add_list("--deny", token_command_.denied, "Grants to withhold, such as canPublish");
    add_list("--source", token_command_.sources, "The only sources that may be published");
    add_config_flags(token_create_, false);
  }

  /// The deepest command that was given, or the first thing in it that nobody knows.
  Result<void> find_extras(const CLI::App& command) const {
    const auto given = command.get_subcommands();
    if (!given.empty()) return find_extras(*given.front());
    const std::vector<std::string> extras = command.remaining();
    if (extras.empty()) return {};
    if (extras.front().starts_with('-')) {
      const std::string flag = extras.front().substr(0, extras.front().find('='));
      return unknown("flag", flag, flags_of(command));
    }
    if (const auto names = commands_of(command); !names.empty()) {
      return unknown("command", extras.front(), names);
    }
    return mistake("unexpected argument " + extras.front());
  }

  static std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
    return flags;
  }

  static std::vector<std::string> commands_of(const CLI::App& command) {
    std::vector<std::string> names;
    const auto every = [](const CLI::App*) { return true; };
    for (const CLI::App* one : command.get_subcommands(every)) names.push_back(one->get_name());
    return names;
  }

  Result<Command> chosen() {
    if (wants_version_ || version_->parsed()) return VersionCommand{};
    if (serve_->parsed()) return ServeCommand{arguments_, takes_over_};
    if (migrate_->parsed()) return MigrateCommand{arguments_};
    if (config_->parsed()) {
      return ConfigCommand{wants_markdown_ ? ConfigFormat::Markdown : ConfigFormat::Sample};
    }
    if (doctor_->parsed()) return DoctorCommand{arguments_, wants_json_};
    if (project_list_->parsed()) return ProjectListCommand{arguments_};
    if (project_create_->parsed()) return project_create();
    if (project_keys_->parsed()) return project_keys();
    if (token_create_->parsed()) return token_create();
    if (project_->parsed()) return HelpCommand{project_->help()};
    if (token_->parsed()) return HelpCommand{token_->help()};
    return HelpCommand{app_.help()};
  }

  Result<Command> project_create() {
    if (id_.empty()) return mistake("project create needs the ID of the new project");
    return ProjectCreateCommand{arguments_, id_, name_};
  }

  Result<Command> project_keys() {
    if (id_.empty()) return mistake("project keys needs the ID of the project");
    if (wants_key_ && !revoked_.empty()) return mistake("give --add or --revoke, not both");
    const KeyAction action = wants_key_          ? KeyAction::Add
                             : !revoked_.empty() ? KeyAction::Revoke
                                                 : KeyAction::List;
    return ProjectKeysCommand{arguments_, id_, action, revoked_};
  }

  Result<Command> token_create() {
    for (const auto* list : {&token_command_.granted, &token_command_.denied}) {
      if (auto known = check_words("grant", *list, kTokenGrants); !known) {
        return std::unexpected(known.error());
      }
    }
    if (auto known = check_words("source", token_command_.sources, kTokenSources); !known) {
      return std::unexpected(known.error());
    }
    if (token_command_.key.empty() && !arguments_.dev) {
      return mistake("token create needs --key, the id of an API key");
    }
    if (!token_command_.room.empty() && token_command_.identity.empty()) {
      return mistake("a token for a room needs --identity");
    }
    const auto ttl = read_duration(ttl_);
    if (!ttl) return mistake("--ttl: " + ttl_ + " is not a time such as 90s, 10m, 6h or 30d");
    token_command_.ttl = *ttl;
    token_command_.config = arguments_;
    return token_command_;
  }

  static Result<void> check_words(std::string_view what, const std::vector<std::string>& words,
                                  std::span<const std::string_view> known) {
    for (const std::string& word : words) {
      if (std::ranges::find(known, word) == known.end()) return unknown(what, word, copied(known));
    }
    return {};
  }

  CLI::App app_;
  CLI::App* serve_ = nullptr;
  CLI::App* migrate_ = nullptr;
  CLI::App* config_ = nullptr;
  CLI::App* doctor_ = nullptr;
  CLI::App* version_ = nullptr;
  CLI::App* project_ = nullptr;
  CLI::App* project_create_ = nullptr;
  CLI::App* project_list_ = nullptr;
  CLI::App* project_keys_ = nullptr;
  CLI::App* token_ = nullptr;
  CLI::App* token_create_ = nullptr;

  ConfigArguments arguments_;
  TokenCreateCommand token_command_;
  std::string id_;
  std::string name_;
  std::string revoked_;
  std::string ttl_ = "6h";
  bool takes_over_ = false;
  bool wants_key_ = false;
  bool wants_sample_ = false;
  bool wants_markdown_ = false;
  bool wants_version_ = false;
  bool wants_json_ = false;
};

}  // namespace

std::span<const std::string_view> token_grants() { return kTokenGrants; }

Result<Command> parse_command_line(std::span<const char* const> arguments) {
  return Parser().parse(arguments);
}

}  // namespace vis::app
