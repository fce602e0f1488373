#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/limits/media_sdp.hpp"

/// Small tools for the line-based grammar of SDP; internal to this folder.
namespace vis::media::sdp::text {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Compares without regard to the case of ASCII letters.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

/// The whole of `digits` as an unsigned number, if it is one and fits.
template <typename T>
std::optional<T> number(std::string_view digits) {
  T value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// Splits at the first separator; the second part is empty when there is none.
constexpr std::pair<std::string_view, std::string_view> split_once(std::string_view line,
                                                                   char separator) {
  const std::size_t at = line.find(separator);
  if (at == std::string_view::npos) return {line, {}};
  return {line.substr(0, at), line.substr(at + 1)};
}

constexpr std::string_view trim(std::string_view line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  return line;
}

/// Takes the next word off the front of `rest`; empty when there is none.
constexpr std::string_view next_word(std::string_view& rest, char separator = ' ') {
  while (!rest.empty() && rest.front() == separator) rest.remove_prefix(1);
  const auto [word, tail] = split_once(rest, separator);
  rest = tail;
  return word;
}

/// `token` of RFC 8866 section 9, of a length that we are willing to repeat.
constexpr bool is_token(std::string_view word) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`{|}~";
  return !word.empty() && word.size() <= limits::kSdpTokenBytes &&
         std::ranges::all_of(word, [&](char c) {
           return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
                  kMarks.contains(c);
         });
}

/// Visible ASCII without spaces: what may be repeated in a line of ours without breaking it.
constexpr bool is_visible(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7F; });
}

/// `ice-char` of RFC 8839 section 5.4.
constexpr bool is_ice_text(std::string_view word) {
  return std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '+' ||
           c == '/';
  });
}

}  // namespace vis::media::sdp::text
