#include "load/options.hpp"

#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>

namespace vis::bench {
namespace {

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(text));
  }
  return number;
}

void read_tokens(const std::string& path, std::vector<std::string>& tokens) {
  std::ifstream file(path);
  if (!file) throw std::invalid_argument("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) tokens.push_back(line);
  }
}

}  // namespace

Options Options::parse(std::span<char* const> arguments) {
  Options options;
  WhipServer& other = options.other;
  using Take = std::function<void(const std::string&)>;
  const std::map<std::string, Take, std::less<>> named{
      {"--whip", [&](const auto& word) { other.whip = word; }},
      {"--whep", [&](const auto& word) { other.whep = word; }},
      {"--token", [&](const auto& word) { other.tokens.push_back(word); }},
      {"--tokens", [&](const auto& word) { read_tokens(word, other.tokens); }},
      {"--server", [&](const auto& word) { other.command = word; }},
      {"--pid", [&](const auto& word) { other.pid = static_cast<pid_t>(number_of(word)); }},
      {"--name", [&](const auto& word) { other.name = word; }},
      {"--first", [&](const auto& word) { options.first = number_of(word); }},
      {"--seconds",
       [&](const auto& word) { options.each = std::chrono::seconds{number_of(word)}; }}};
  const Take positions[] = {[&](const auto& word) { options.server = word; },
                            [&](const auto& word) { options.load = word; },
                            [&](const auto& word) { options.most = number_of(word); }};
  std::size_t position = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string word = arguments[i];
    if (!word.starts_with("--")) {
      if (position == std::size(positions)) throw std::invalid_argument("what is " + word + "?");
      positions[position++](word);
      continue;
    }
    const auto found = named.find(word);
    if (found == named.end()) throw std::invalid_argument("no option is called " + word);
    if (++i == arguments.size()) throw std::invalid_argument(word + " needs a value");
    found->second(arguments[i]);
  }
  if (other.whip.empty() != other.whep.empty()) {
    throw std::invalid_argument("--whip and --whep need one another");
  }
  return options;
}

}  // namespace vis::bench
