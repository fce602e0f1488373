#include "api/whip/sdp_lines.hpp"

#include <algorithm>
#include <cstddef>

#include "api/whip/trickle_fragment.hpp"

namespace vis::api::whip {
namespace {

void append_line(std::string& text, std::string_view line) { text.append(line).append("\r\n"); }

}  // namespace

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::string_view> attribute(std::string_view line, std::string_view name) {
  if (!line.starts_with(kAttributePrefix)) return std::nullopt;
  line.remove_prefix(kAttributePrefix.size());
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (!line.starts_with(':')) return std::nullopt;
  return line.substr(1);
}

std::string with_ice(std::string_view offer, const TrickleFragment& fragment) {
  std::string text;
  bool placed = false;  // The candidates, in the first section.
  while (!offer.empty()) {
    const std::string_view line = next_line(offer);
    if (attribute(line, "ice-ufrag")) {
      append_line(text, "a=ice-ufrag:" + fragment.ufrag);
    } else if (attribute(line, "ice-pwd")) {
      append_line(text, "a=ice-pwd:" + fragment.pwd);
    } else if (!attribute(line, "candidate") && line != "a=end-of-candidates") {
      append_line(text, line);
    }
    if (placed || !attribute(line, "mid")) continue;
    placed = true;
    for (const std::string& candidate : fragment.candidates) append_line(text, "a=" + candidate);
  }
  return text;
}

std::string receiving_only(std::string_view offer) {
  std::string text;
  while (!offer.empty()) {
    const std::string_view line = next_line(offer);
    append_line(text, line == "a=sendrecv" ? "a=recvonly" : line);
  }
  return text;
}

TrickleFragment ice_of(std::string_view answer) {
  TrickleFragment ice;
  while (!answer.empty()) {
    const std::string_view line = next_line(answer);
    if (const auto ufrag = attribute(line, "ice-ufrag")) ice.ufrag = *ufrag;
    if (const auto pwd = attribute(line, "ice-pwd")) ice.pwd = *pwd;
    if (line == "a=end-of-candidates") ice.end_of_candidates = true;
    if (!attribute(line, "candidate")) continue;
    const std::string candidate(line.substr(kAttributePrefix.size()));
    // Sections of one transport may repeat its candidates.
    if (std::ranges::find(ice.candidates, candidate) == ice.candidates.end()) {
      ice.candidates.push_back(candidate);
    }
  }
  return ice;
}

std::string first_mid(std::string_view description) {
  while (!description.empty()) {
    if (const auto mid = attribute(next_line(description), "mid")) return std::string(*mid);
  }
  return "0";
}

}  // namespace vis::api::whip
