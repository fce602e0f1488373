#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/config.hpp"
#include "base/result.hpp"

namespace vis::app {

/// What an option's value is made of.
enum class Kind : std::uint8_t {
  Flag,
  Number,
  Text,
  Path,
  Choice,
  SocketAddresses,
  IpAddresses,
  Networks,
  Texts,
};

/// A value of a TOML file, or of an environment variable or flag once `read_text` has given it the
/// shape that its option asks for.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// One row of the table from which the file, the environment, the flags, `--help`, the sample
/// configuration and the guide are all derived. Only literals: the table is built at compile time.
struct Option {
  std::string_view section;
  std::string_view key;
  Kind kind = Kind::Text;
  /// The default, as an environment variable would give it; `{data_dir}` stands for that option.
  std::string_view standard = {};
  /// The default under `--dev`, where it differs.
  std::optional<std::string_view> dev_standard = {};
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> choices = {};
  std::string_view flag = {};  ///< `--http`, or empty where there is none.
  bool secret = false;         ///< Never shown; may come from the file named by `<key>_file`.
  std::string_view help = {};
  Result<void> (*assign)(Config&, const Option&, const Value&) = nullptr;

  std::string name() const;         ///< `http.listen`
  std::string environment() const;  ///< `VISAVIS_HTTP_LISTEN`
  std::string allowed() const;      ///< `a whole number from 0 to 65535`
  bool is_list() const;
  std::string_view default_text(bool dev) const {
    return dev ? dev_standard.value_or(standard) : standard;
  }
};

/// All options with one value, in the order of the guide.
std::span<const Option> options();
/// The options of one `[[webhook]]`; `assign` fills the last element of `Config::webhooks`.
std::span<const Option> webhook_options();

/// Reads the text of an environment variable, a flag or a default in the shape of `option`.
Result<Value> read_text(const Option& option, std::string_view text);

}  // namespace vis::app
