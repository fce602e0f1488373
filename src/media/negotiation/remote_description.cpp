#include "media/negotiation/remote_description.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace vis::media::negotiation {
namespace {

using sdp::Fingerprint;
using sdp::MediaKind;
using sdp::MediaSection;
using sdp::SessionDescription;

std::unexpected<Error> refuse(std::string message) {
  return fail(Errc::InvalidArgument, std::move(message));
}

std::string name_of(const MediaSection& section) { return "section " + section.mid; }

Result<void> check_mids(const SessionDescription& description) {
  std::set<std::string_view> mids;
  for (const MediaSection& section : description.sections) {
    if (section.mid.empty()) return refuse("a section has no mid");
    if (!mids.insert(section.mid).second) return refuse("mid " + section.mid + " comes twice");
  }
  return {};
}

Result<void> check_bundle(const SessionDescription& description) {
  const auto& sections = description.sections;
  const auto live = std::ranges::count_if(sections, [](const auto& s) { return !s.rejected(); });
  const auto& groups = description.bundle_groups;
  if (groups.size() > 1) return refuse("more than one BUNDLE group");
  if (groups.empty()) {
    if (live > 1) return refuse("several sections without a BUNDLE group");
    return {};
  }
  std::set<std::string_view> members;
  for (const std::string& mid : groups[0]) {
    if (!members.insert(mid).second) return refuse("mid " + mid + " is twice in BUNDLE");
    const auto found = std::ranges::find(sections, mid, &MediaSection::mid);
    if (found == sections.end()) return refuse("BUNDLE names an unknown mid " + mid);
    if (found->rejected()) return refuse("BUNDLE names the rejected " + name_of(*found));
  }
  for (const MediaSection& section : sections) {
    if (!section.rejected() && !members.contains(section.mid)) {
      return refuse(name_of(section) + " is not in the BUNDLE group");
    }
  }
  return {};
}

Result<void> check_extensions(const SessionDescription& description) {
  std::array<std::string_view, 256> uris{};
  for (const MediaSection& section : description.sections) {
    if (section.rejected()) continue;
    for (const sdp::Extmap& extension : section.extensions) {
      std::string_view& uri = uris[extension.id];
      if (!uri.empty() && uri != extension.uri) {
        return refuse("header extension id " + std::to_string(extension.id) +
                      " has two meanings in one BUNDLE group");
      }
      uri = extension.uri;
    }
  }
  return {};
}

Result<void> check_protocols(const SessionDescription& description) {
  for (const MediaSection& section : description.sections) {
    if (section.rejected() || section.kind == MediaKind::Application) continue;
    if (!section.protocol.ends_with("RTP/SAVPF")) {
      return refuse(name_of(section) + " is not RTP/SAVPF but " + section.protocol);
    }
    if (!section.rtcp_mux) return refuse(name_of(section) + " has no rtcp-mux");
  }
  return {};
}

Result<void> check_fingerprints(const std::vector<Fingerprint>& fingerprints) {
  /// 32 bytes as pairs of digits with colons between them; the parser has checked the digits.
  constexpr std::size_t kSha256Characters = 32 * 3 - 1;
  std::set<std::string_view> hashes;
  for (const Fingerprint& fingerprint : fingerprints) {
    if (fingerprint.hash == "sha-256" && fingerprint.value.size() != kSha256Characters) {
      return refuse("a sha-256 fingerprint of another length than that has");
    }
    if (!hashes.insert(fingerprint.hash).second) {
      return refuse("two " + fingerprint.hash + " fingerprints");
    }
  }
  if (fingerprints.empty()) return refuse("no DTLS fingerprint");
  if (!hashes.contains("sha-256")) return refuse("no sha-256 fingerprint");
  return {};
}

/// Sections of one BUNDLE group share the transport; one that says otherwise is a mistake or worse.
Result<void> check_agreement(const SessionDescription& description,
                             const sdp::TransportAttributes& tagged) {
  for (const MediaSection& section : description.sections) {
    if (section.rejected()) continue;
    const sdp::TransportAttributes own = description.transport_of(section);
    if (!own.fingerprints.empty() && own.fingerprints != tagged.fingerprints) {
      return refuse(name_of(section) + " has another fingerprint than the rest");
    }
    if (own.setup && own.setup != tagged.setup) {
      return refuse(name_of(section) + " has another setup than the rest");
    }
  }
  return {};
}

const MediaSection* tagged_section(const SessionDescription& description) {
  const auto& sections = description.sections;
  const auto& groups = description.bundle_groups;
  const auto found =
      groups.empty() || groups[0].empty()
          ? std::ranges::find_if(sections, [](const auto& s) { return !s.rejected(); })
          : std::ranges::find(sections, groups[0][0], &MediaSection::mid);
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace

Result<void> check_structure(const SessionDescription& description) {
  if (description.sections.empty()) return refuse("a description without sections");
  for (const auto check : {check_mids, check_bundle, check_extensions, check_protocols}) {
    if (auto checked = check(description); !checked) return checked;
  }
  return {};
}

Result<TransportReading> read_transport(const SessionDescription& description) {
  const MediaSection* tagged = tagged_section(description);
  if (tagged == nullptr) return refuse("all sections are rejected");
  const sdp::TransportAttributes attributes = description.transport_of(*tagged);
  if (attributes.ice_ufrag.empty() || attributes.ice_pwd.empty()) {
    return refuse("no ICE credentials");
  }
  if (auto checked = check_fingerprints(attributes.fingerprints); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  if (!attributes.setup) return refuse("no DTLS setup");
  if (attributes.setup == sdp::Setup::HoldConn) return refuse("setup:holdconn");
  if (auto checked = check_agreement(description, attributes); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  TransportReading reading;
  reading.setup = *attributes.setup;
  reading.transport.ice = {attributes.ice_ufrag, attributes.ice_pwd};
  reading.transport.ice_lite = description.ice_lite;
  reading.transport.fingerprints = attributes.fingerprints;
  reading.transport.candidates = tagged->candidates;
  reading.transport.end_of_candidates = tagged->end_of_candidates;
  return reading;
}

Result<void> check_continuity(const RemoteTransport& before, const RemoteTransport& after) {
  if (ice_restarted(before, after)) return {};
  if (before.fingerprints != after.fingerprints) {
    return refuse("another DTLS fingerprint without new ICE credentials");
  }
  if (before.local_setup != after.local_setup) {
    return refuse("another DTLS role without new ICE credentials");
  }
  return {};
}

}  // namespace vis::media::negotiation
