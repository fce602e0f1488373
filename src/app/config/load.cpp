#include "app/config/load.hpp"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "app/config/check.hpp"
#include "app/config/nearest.hpp"
#include "app/config/option.hpp"

namespace vis::app {
namespace {

constexpr std::string_view kEnvironmentPrefix = "VISAVIS_";
constexpr std::string_view kWebhook = "webhook";
constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kDataDir = "{data_dir}";

/// What Kubernetes sets in every container beside a service that is called visavis.
bool is_set_by_kubernetes(std::string_view name) {
  return name.starts_with("VISAVIS_SERVICE_") || name.starts_with("VISAVIS_PORT");
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string shown(const toml::node& node) {
  std::ostringstream text;
  node.visit([&text](const auto& value) { text << value; });
  return text.str();
}

/// The node in the shape that the option's kind asks for; nothing when it has another type.
std::optional<Value> from_toml(const Option& option, const toml::node& node) {
  if (option.is_list()) {
    const toml::array* const array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& element : *array) {
      if (!element.is_string()) return std::nullopt;
      texts.push_back(element.ref<std::string>());
    }
    return texts;
  }
  if (option.kind == Kind::Flag) {
    return node.is_boolean() ? std::optional<Value>{node.ref<bool>()} : std::nullopt;
  }
  if (option.kind == Kind::Number) {
    return node.is_integer() ? std::optional<Value>{node.ref<std::int64_t>()} : std::nullopt;
  }
  return node.is_string() ? std::optional<Value>{node.ref<std::string>()} : std::nullopt;
}

/// Applies the sources one after the other onto one Config and collects every mistake on the way.
class Loader final {
 public:
  explicit Loader(const ConfigSources& sources) : sources_(sources) {}

  Result<Config> load() {
    config_.dev = sources_.dev;
    apply_defaults();
    apply_file();
    apply_environment();
    apply_flags();
    expand_data_dir();
    for (const std::string& problem : problems_of(config_)) complain(problem);
    if (!problems_.empty()) return fail(Errc::InvalidArgument, std::move(problems_));
    return std::move(config_);
  }

 private:
  void complain(std::string_view problem) {
    if (!problems_.empty()) problems_ += '\n';
    problems_ += problem;
  }

  void complain_unknown(std::string_view where, std::string_view what,
                        const std::vector<std::string>& known) {
    std::string_view word = what.substr(what.rfind(' ') + 1);
    complain(std::string(where) + "unknown " + std::string(what) + "; the nearest known one is " +
             nearest(word, known));
  }

  void refuse(std::string_view where, const Option& option, std::string_view value) {
    const std::string_view safe = option.secret ? "***" : value;
    complain(std::string(where) + std::string(safe) + " is not " + option.allowed());
  }

  void assign_text(std::string_view where, const Option& option, std::string_view text) {
    const auto value = read_text(option, text);
    if (!value || !option.assign(config_, option, *value)) refuse(where, option, quoted(text));
  }

  /// For `<key>_file`: the first line of the file is the value.
  void assign_from_file(std::string_view where, const Option& option, const std::string& path) {
    const auto text = sources_.read_file(path);
    if (!text) return complain(std::string(where) + text.error().message);
    assign_text(where, option, std::string_view(*text).substr(0, text->find_first_of("\r\n")));
  }

  void apply_defaults() {
    for (const Option& option : options()) {
      assign_text(option.name() + ": ", option, option.default_text(sources_.dev));
    }
  }

  // ---- the file ----

  std::string at(const toml::source_region& region) const {
    return sources_.file_name + ":" + std::to_string(region.begin.line) + ": ";
  }

  void apply_file() {
    if (sources_.file_name.empty()) return;
    try {
      apply_root(toml::parse(sources_.file_text));
    } catch (const toml::parse_error& error) {
      complain(at(error.source()) + std::string(error.description()));
    }
  }

  void apply_root(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (key.str() == kWebhook) {
        apply_webhooks(node);
      } else if (!is_section(key.str())) {
        complain_unknown(at(key.source()), "section " + std::string(key.str()), sections());
      } else if (!node.is_table()) {
        complain(at(key.source()) + std::string(key.str()) + " is a section: write [" +
                 std::string(key.str()) + "]");
      } else {
        apply_section(key.str(), *node.as_table(), options());
      }
    }
  }

  void apply_webhooks(const toml::node& node) {
    if (!node.is_array_of_tables()) {
      complain(at(node.source()) + "webhook is a list of sections: write [[webhook]]");
      return;
    }
    for (const toml::node& element : *node.as_array()) {
      config_.webhooks.emplace_back();
      apply_section(kWebhook, *element.as_table(), webhook_options());
    }
  }

  void apply_section(std::string_view section, const toml::table& table,
                     std::span<const Option> known) {
    for (const auto& [key, node] : table) apply_key(section, key, node, known);
  }

  void apply_key(std::string_view section, const toml::key& key, const toml::node& node,
                 std::span<const Option> known) {
    for (const Option& option : known) {
      if (option.section != section) continue;
      const std::string where = at(key.source()) + option.name() + ": ";
      if (key.str() == option.key) return assign_node(where, option, node);
      if (option.secret && key.str() == std::string(option.key).append(kFileSuffix)) {
        if (!node.is_string()) return complain(where + shown(node) + " is not a path");
        return assign_from_file(where, option, node.ref<std::string>());
      }
    }
    complain_unknown(at(key.source()), "key " + std::string(section) + "." + std::string(key.str()),
                     names(known));
  }

  void assign_node(std::string_view where, const Option& option, const toml::node& node) {
    const auto value = from_toml(option, node);
    if (!value || !option.assign(config_, option, *value)) refuse(where, option, shown(node));
  }

  static bool is_section(std::string_view name) {
    return std::ranges::any_of(options(),
                               [name](const Option& option) { return option.section == name; });
  }

  static std::vector<std::string> sections() {
    std::vector<std::string> found;
    for (const Option& option : options()) {
      if (found.empty() || found.back() != option.section) found.emplace_back(option.section);
    }
    found.emplace_back(kWebhook);
    return found;
  }

  static std::vector<std::string> names(std::span<const Option> known) {
    std::vector<std::string> found;
    for (const Option& option : known) found.push_back(option.name());
    return found;
  }

  // ---- the environment and the flags ----

  void apply_environment() {
    std::vector<std::string> known;
    for (const Option& option : options()) known.push_back(option.environment());
    for (const auto& [name, value] : sources_.environment) {
      if (!name.starts_with(kEnvironmentPrefix) || is_set_by_kubernetes(name)) continue;
      if (!apply_variable(name, value)) complain_unknown("", "variable " + name, known);
    }
  }

  bool apply_variable(const std::string& name, const std::string& value) {
    for (const Option& option : options()) {
      const std::string variable = option.environment();
      if (name == variable) {
        assign_text(name + ": ", option, value);
        return true;
      }
      if (option.secret && name == variable + "_FILE") {
        assign_from_file(name + ": ", option, value);
        return true;
      }
    }
    return false;
  }

  void apply_flags() {
    for (const FlagValue& given : sources_.flags) {
      for (const Option& option : options()) {
        if (option.flag == given.flag) assign_text(given.flag + ": ", option, given.value);
      }
    }
  }

  void expand_data_dir() {
    std::string url = config_.database.url.reveal();
    if (const auto found = url.find(kDataDir); found != std::string::npos) {
      url.replace(found, kDataDir.size(), config_.server.data_dir.string());
      config_.database.url = Secret{std::move(url)};
    }
  }

  const ConfigSources& sources_;
  Config config_;
  std::string problems_;
};

Result<std::string> read_whole_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::NotFound, "cannot read " + path.string());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace

Result<Config> load_config(const ConfigSources& sources) { return Loader(sources).load(); }

Result<Config> load_config(const ConfigArguments& arguments) {
  ConfigSources sources{.dev = arguments.dev,
                        .file_name = arguments.file.string(),
                        .environment = process_environment(),
                        .flags = arguments.flags,
                        .read_file = read_whole_file};
  if (!arguments.file.empty()) {
    auto text = read_whole_file(arguments.file);
    if (!text) return std::unexpected(text.error());
    sources.file_text = *std::move(text);
  }
  return load_config(sources);
}

}  // namespace vis::app
