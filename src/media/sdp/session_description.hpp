#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "media/sdp/attributes.hpp"
#include "media/sdp/codec.hpp"

namespace vis::media::sdp {

/// `o=` (RFC 8866 section 5.2), without the address, which WebRTC does not use.
struct Origin {
  std::string username = "-";
  std::uint64_t session_id = 0;
  std::uint64_t version = 0;

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// What ICE and DTLS need of the other side. May stand at session level, at media level, or both;
/// the media level wins.
struct TransportAttributes {
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<std::string> ice_options;
  std::vector<Fingerprint> fingerprints;
  std::optional<Setup> setup;

  friend bool operator==(const TransportAttributes&, const TransportAttributes&) = default;
};

/// One `m=` line with the attributes that follow it.
struct MediaSection {
  MediaKind kind = MediaKind::Audio;
  std::uint16_t port = 9;  ///< 0 = rejected, unless `bundle_only`.
  std::string protocol = "UDP/TLS/RTP/SAVPF";
  std::string mid;
  Direction direction = Direction::SendRecv;
  bool bundle_only = false;
  TransportAttributes transport;
  std::vector<std::string> candidates;  ///< `candidate:...`, as ICE takes them.
  bool end_of_candidates = false;

  bool rtcp_mux = false;
  bool rtcp_rsize = false;
  bool extmap_allow_mixed = false;  ///< Set for a section also when the session says so.
  std::vector<Codec> codecs;        ///< In order of preference.
  std::vector<Extmap> extensions;
  std::vector<Msid> msids;
  std::vector<SsrcDescription> ssrcs;
  std::vector<SsrcGroup> ssrc_groups;
  std::vector<Rid> rids;
  std::optional<Simulcast> simulcast;

  std::optional<std::uint16_t> sctp_port;
  std::optional<std::uint64_t> max_message_size;  ///< In bytes; 0 = no limit.

  bool rejected() const { return port == 0 && !bundle_only; }
  friend bool operator==(const MediaSection&, const MediaSection&) = default;
};

/// An offer or answer (RFC 8866 with what JSEP, RFC 9429, adds): the part of it that WebRTC uses.
///
/// `parse` takes whatever a peer sends, up to the limits of `kSdp...`: attributes that we do not
/// know are skipped, those that we know must be well-formed. It never throws; the message of its
/// error names the line (`line 14: a=rtpmap without payload type`). Plain data: no thread, no
/// owner.
struct SessionDescription {
  Origin origin;
  bool ice_lite = false;
  std::vector<std::vector<std::string>> bundle_groups;  ///< Mids of each `a=group:BUNDLE`.
  std::string msid_semantic;                            ///< `WMS *`, where given.
  TransportAttributes transport;
  std::vector<MediaSection> sections;

  static Result<SessionDescription> parse(std::string_view text);
  std::string to_text() const;

  /// A section's transport attributes, completed from the session level.
  TransportAttributes transport_of(const MediaSection& section) const;

  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

}  // namespace vis::media::sdp
