#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vis::api::whip {

/// `application/trickle-ice-sdpfrag` (RFC 8840 section 9): what a PATCH brings, and what an ICE
/// restart is answered with.
///
///     a=ice-ufrag:EsAw
///     a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
///     m=audio 9 UDP/TLS/RTP/SAVPF 0
///     a=mid:0
///     a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host
///     a=end-of-candidates
///
/// All media share one transport, so it does not matter which section a candidate stands in.
struct TrickleFragment {
  std::string ufrag;  ///< Empty when the fragment names none; then `pwd` is empty, too.
  std::string pwd;
  std::vector<std::string> candidates;  ///< `candidate:…`
  bool end_of_candidates = false;

  /// InvalidArgument for what is no fragment or has two credentials; LimitExceeded beyond
  /// kTrickleCandidates. Attributes that are not needed here are skipped.
  static Result<TrickleFragment> parse(std::string_view text);
  /// With the section of one mid around the candidates.
  std::string to_text(std::string_view mid) const;

  friend bool operator==(const TrickleFragment&, const TrickleFragment&) = default;
};

}  // namespace vis::api::whip
