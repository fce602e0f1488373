#include "app/config/describe.hpp"

#include <span>
#include <string_view>

#include "app/config/option.hpp"

namespace vis::app {
namespace {

constexpr std::size_t kColumns = 98;

/// A default as a TOML value.
std::string toml_value(const Option& option, std::string_view text) {
  if (option.kind == Kind::Flag || option.kind == Kind::Number) return std::string(text);
  if (!option.is_list()) return '"' + std::string(text) + '"';
  std::string list = "[";
  const auto value = read_text(option, text);
  for (const std::string& element : std::get<std::vector<std::string>>(*value)) {
    if (list.size() > 1) list += ", ";
    list += '"' + element + '"';
  }
  return list + "]";
}

/// Adds `text` as comment lines that keep within the columns.
void append_comment(std::string& out, std::string_view text) {
  std::size_t column = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::size_t length = end - start;
    if (column == 0 || column + 1 + length > kColumns) {
      out += column == 0 ? "# " : "\n# ";
      column = 2;
    } else {
      out += ' ';
      ++column;
    }
    out += text.substr(start, length);
    column += length;
    start = end + 1;
  }
  out += '\n';
}

void append_sample(std::string& out, const Option& option) {
  append_comment(out, option.help);
  append_comment(out, "Allowed: " + option.allowed() + ".");
  if (option.secret) {
    append_comment(out,
                   "Or " + std::string(option.key) + "_file: the path of a file that holds it.");
  }
  out += "#" + std::string(option.key) + " = " + toml_value(option, option.standard) + "\n";
}

void append_row(std::string& out, const Option& option) {
  std::string names = "`" + std::string(option.key) + "`";
  if (option.secret) names += "<br>`" + std::string(option.key) + "_file`";
  if (!option.flag.empty()) names += "<br>`" + std::string(option.flag) + "`";
  std::string standard = "`" + toml_value(option, option.standard) + "`";
  if (option.dev_standard)
    standard += "<br>--dev: `" + toml_value(option, *option.dev_standard) + "`";
  out += "| " + names + " | " + option.allowed() + " | " + standard + " | " +
         std::string(option.help) + " |\n";
}

void append_section(std::string& out, std::string_view title, std::string_view section,
                    std::span<const Option> known) {
  out +=
      "\n## " + std::string(title) + "\n\n| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const Option& option : known) {
    if (option.section == section) append_row(out, option);
  }
}

constexpr std::string_view kGuideHead = R"(# Configuration

This page is made from the table in `src/app/config/options.cpp` by `visavis config --markdown`;
`visavis config --sample` prints the same as a file to start from.

An option is read from, each over the one before:

1. its default, which `--dev` changes for some;
2. the TOML file named by `--config`: `listen` below `[http]`;
3. the environment: `VISAVIS_HTTP_LISTEN`, lists with commas;
4. its flag, where it has one: `--http`.

A name that is not known is an error that says the nearest known one. A value of the wrong type or
out of range is an error that says what is allowed. All mistakes are reported at once, and the
server does not start.
)";

constexpr std::string_view kSampleHead =
    "# Configuration of Visavis. Every option is shown with its default; take away the # of a "
    "line\n"
    "# to change it. Each may also be given as VISAVIS_<SECTION>_<KEY> in the environment.\n";

constexpr std::string_view kWebhookNote =
    "\nOne `[[webhook]]` section for each receiver, in the file alone.\n";

}  // namespace

std::string sample_config() {
  std::string out(kSampleHead);
  std::string_view section;
  for (const Option& option : options()) {
    out += option.section == section ? "\n" : "\n[" + std::string(option.section) + "]\n";
    section = option.section;
    append_sample(out, option);
  }
  out += "\n#[[webhook]]\n";
  for (const Option& option : webhook_options()) append_sample(out, option);
  return out;
}

std::string config_guide() {
  std::string out(kGuideHead);
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section == section) continue;
    section = option.section;
    append_section(out, "[" + std::string(section) + "]", section, options());
  }
  append_section(out, "[[webhook]]", "webhook", webhook_options());
  return out.append(kWebhookNote);
}

}  // namespace vis::app
