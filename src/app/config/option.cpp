#include "app/config/option.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace vis::app {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  if (trimmed(text).empty()) return parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    parts.emplace_back(trimmed(text.substr(start, comma - start)));
    start = comma + 1;
  }
  return parts;
}

std::optional<bool> read_flag(std::string_view text) {
  const auto is_text = [text](std::string_view word) { return word == text; };
  constexpr std::array<std::string_view, 4> kTrue{"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> kFalse{"false", "0", "no", "off"};
  if (std::ranges::any_of(kTrue, is_text)) return true;
  if (std::ranges::any_of(kFalse, is_text)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || parsed_to != end) return std::nullopt;
  return number;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
  }
  return result;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

std::string Option::name() const { return std::string(section) + "." + std::string(key); }

std::string Option::environment() const { return "VISAVIS_" + upper(section) + "_" + upper(key); }

std::string Option::allowed() const {
  switch (kind) {
    case Kind::Flag: return "true or false";
    case Kind::Number:
      return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    case Kind::Text: return "a text";
    case Kind::Path: return "a path";
    case Kind::Choice: return "one of " + joined(choices);
    case Kind::SocketAddresses:
      return "a list of ADDRESS:PORT, such as 127.0.0.1:7880 or [::1]:7880";
    case Kind::IpAddresses: return "a list of IP addresses";
    case Kind::Networks: return "a list of networks, such as 10.0.0.0/8";
    case Kind::Texts: return "a list of texts";
  }
  std::unreachable();
}

bool Option::is_list() const {
  return kind == Kind::SocketAddresses || kind == Kind::IpAddresses || kind == Kind::Networks ||
         kind == Kind::Texts;
}

Result<Value> read_text(const Option& option, std::string_view text) {
  if (option.is_list()) return split_at_commas(text);
  if (option.kind == Kind::Flag) {
    if (const auto flag = read_flag(text)) return *flag;
    return fail(Errc::InvalidArgument, "not a flag");
  }
  if (option.kind == Kind::Number) {
    if (const auto number = read_number(text)) return *number;
    return fail(Errc::InvalidArgument, "not a number");
  }
  return std::string(text);
}

}  // namespace vis::app
