#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "base/result.hpp"

namespace vis::app {

/// A flag of the command line that sets an option: `{"--http", "127.0.0.1:0"}`.
struct FlagValue {
  std::string flag;
  std::string value;

  friend bool operator==(const FlagValue&, const FlagValue&) = default;
};

/// What the command line says about configuration.
struct ConfigArguments {
  bool dev = false;
  std::filesystem::path file;  ///< Of --config; empty: none.
  std::vector<FlagValue> flags;

  friend bool operator==(const ConfigArguments&, const ConfigArguments&) = default;
};

/// Everything that configuration is read from. Later ones win: defaults, file, environment, flags.
struct ConfigSources {
  bool dev = false;
  std::string file_name = {};  ///< For messages; empty when there is no file.
  std::string file_text = {};
  std::map<std::string, std::string> environment = {};  ///< Names without VISAVIS_ are passed over.
  std::vector<FlagValue> flags = {};
  /// Reads the file that a `<key>_file` names.
  std::function<Result<std::string>(const std::filesystem::path&)> read_file = {};
};

/// A pure function of its sources. Every mistake is reported at once, one a line, each with its
/// place, the value and what is allowed. Throws nothing.
Result<Config> load_config(const ConfigSources& sources);

/// The same over the files and the environment of this process. For start-up: blocks.
Result<Config> load_config(const ConfigArguments& arguments);

}  // namespace vis::app
