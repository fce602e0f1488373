#include "http/parameters.hpp"

#include <algorithm>
#include <cstdint>

#include "base/encoding.hpp"
#include "base/limits/http.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower_ascii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text, char space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == space ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, &Pair::first);
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

Result<Parameters> parse_form(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    std::string_view pair = take_until(text, '&');
    if (pair.empty()) continue;
    if (parameters.size() == limits::kHttpParameters) {
      return fail(Errc::InvalidArgument, "too many parameters");
    }
    auto name = decode(take_until(pair, '='), '+');
    auto value = decode(pair, '+');
    if (!name || !value) {
      return fail(Errc::InvalidArgument, "broken percent escape in a parameter");
    }
    parameters.add(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, ' '); }

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const char lower = to_lower_ascii(c);
    if ((lower >= 'a' && lower <= 'z') || is_digit(c) || std::string_view("-._~").contains(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 0x0F];
    }
  }
  return encoded;
}

std::string Path::str() const {
  std::string joined;
  for (const std::string& segment : segments) joined.append("/").append(segment);
  return joined;
}

Result<Path> parse_path(std::string_view raw) {
  if (!raw.starts_with('/')) return fail(Errc::InvalidArgument, "the path does not start with /");
  while (raw.starts_with("//")) raw.remove_prefix(1);
  raw.remove_prefix(1);

  Path path;
  for (bool more = true; more;) {
    more = raw.contains('/');
    if (path.segments.size() == limits::kHttpPathSegments) {
      return fail(Errc::InvalidArgument, "the path has too many segments");
    }
    auto segment = percent_decode(take_until(raw, '/'));
    if (!segment) return fail(Errc::InvalidArgument, "broken percent escape in the path");
    if (*segment == "." || *segment == "..") {
      return fail(Errc::InvalidArgument, "the path has . or .. segments");
    }
    if (has_control_character(*segment) || !is_valid_text(*segment)) {
      return fail(Errc::InvalidArgument, "the path is no valid text");
    }
    path.segments.push_back(std::move(*segment));
  }
  return path;
}

}  // namespace vis::http
