#include "api/whip/trickle_fragment.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "api/whip/sdp_lines.hpp"
#include "base/limits/api_whip.hpp"

namespace vis::api::whip {
namespace {

/// RFC 8839 section 5.4.
constexpr std::size_t kUfragMin = 4;
constexpr std::size_t kPwdMin = 22;
constexpr std::size_t kCredentialMax = 256;
/// As long as ICE takes them.
constexpr std::size_t kCandidateBytes = 512;

std::unexpected<Error> refuse(std::string_view what) {
  return fail(Errc::InvalidArgument, std::string(what));
}

bool is_credential(std::string_view text, std::size_t bytes_min) {
  return text.size() >= bytes_min && text.size() <= kCredentialMax &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '+' || c == '/';
         });
}

bool is_candidate(std::string_view text) {
  return text.size() <= kCandidateBytes &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}

/// Repeated per section by some clients; then always the same.
Result<void> take(std::string& credential, std::string_view value, std::size_t bytes_min) {
  if (!is_credential(value, bytes_min)) return refuse("malformed ICE credentials");
  if (!credential.empty() && credential != value) return refuse("two sets of ICE credentials");
  credential = value;
  return {};
}

Result<void> read_line(std::string_view line, TrickleFragment& fragment) {
  if (const auto value = attribute(line, "ice-ufrag")) {
    return take(fragment.ufrag, *value, kUfragMin);
  }
  if (const auto value = attribute(line, "ice-pwd")) return take(fragment.pwd, *value, kPwdMin);
  if (attribute(line, "candidate")) {
    const std::string_view candidate = line.substr(kAttributePrefix.size());
    if (!is_candidate(candidate)) return refuse("malformed candidate");
    if (fragment.candidates.size() == limits::kTrickleCandidates) {
      return fail(Errc::LimitExceeded, "too many candidates");
    }
    fragment.candidates.emplace_back(candidate);
  }
  if (line == "a=end-of-candidates") fragment.end_of_candidates = true;
  return {};
}

}  // namespace

Result<TrickleFragment> TrickleFragment::parse(std::string_view text) {
  if (text.size() > limits::kTrickleFragmentBytes) {
    return fail(Errc::LimitExceeded, "the fragment is too long");
  }
  TrickleFragment fragment;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.empty()) continue;
    if (!line.starts_with("a=") && !line.starts_with("m=")) {
      return refuse("a line that is neither a= nor m=");
    }
    if (auto read = read_line(line, fragment); !read) return std::unexpected(read.error());
  }
  if (fragment.ufrag.empty() != fragment.pwd.empty()) {
    return refuse("ice-ufrag and ice-pwd come together");
  }
  const bool says_something =
      !fragment.ufrag.empty() || !fragment.candidates.empty() || fragment.end_of_candidates;
  if (!says_something) return refuse("neither candidates nor ICE credentials");
  return fragment;
}

std::string TrickleFragment::to_text(std::string_view mid) const {
  std::string text;
  if (!ufrag.empty()) {
    text.append("a=ice-ufrag:").append(ufrag).append("\r\na=ice-pwd:").append(pwd).append("\r\n");
  }
  // The kind of a section is of no interest in a fragment, but its grammar wants a line.
  text.append("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:").append(mid).append("\r\n");
  for (const std::string& candidate : candidates) {
    text.append("a=").append(candidate).append("\r\n");
  }
  if (end_of_candidates) text.append("a=end-of-candidates\r\n");
  return text;
}

}  // namespace vis::api::whip
