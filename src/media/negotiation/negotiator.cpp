#include "media/negotiation/negotiator.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/limits/media_negotiation.hpp"
#include "media/negotiation/agreement.hpp"

/// What both directions of negotiation share; the rest of the class is in client_offers.cpp and
/// server_offers.cpp.
namespace vis::media::negotiation {

using sdp::MediaKind;
using sdp::MediaSection;
using sdp::SessionDescription;

Negotiator::Section::Section(std::string section_mid, MediaKind section_kind)
    : mid(std::move(section_mid)), kind(section_kind), received(silent()), reported(silent()) {}

ReceiveSection Negotiator::Section::silent() const {
  ReceiveSection nothing;
  nothing.mid = mid;
  nothing.kind = kind;
  return nothing;
}

Negotiator::Track::Track(SendTrack sent) : track(std::move(sent)) {
  wait();
  reported = section;
}

void Negotiator::Track::wait() {
  section = {};
  section.track_sid = track.track_sid;
}

Negotiator::Negotiator(Config config) : config_(std::move(config)) {
  VIS_ASSERT(!config_.transport.ice.ufrag.empty() && !config_.transport.ice.pwd.empty());
  VIS_ASSERT(!config_.transport.fingerprint.value.empty());
  VIS_ASSERT(config_.answer_setup == sdp::Setup::Active ||
             config_.answer_setup == sdp::Setup::Passive);
  if (config_.offerer == Offerer::Client) return;
  // The data section comes first, so that the tagged section of the BUNDLE is never a track's.
  sections_.emplace_back("0", MediaKind::Application);
  dirty_ = true;
}

Result<void> Negotiator::add_send_track(SendTrack track) {
  if (find_track(track.track_sid) != nullptr) {
    return fail(Errc::AlreadyExists, "track " + track.track_sid + " is already sent here");
  }
  if (tracks_.size() == limits::kSendTracks) {
    return fail(Errc::LimitExceeded, "too many tracks for one peer connection");
  }
  VIS_ASSERT(!track.any_codec || config_.offerer == Offerer::Client);
  if (!track.any_codec && formats_to_offer(*config_.capabilities, track).empty()) {
    return fail(Errc::Unsupported, track.codec.name + " is not forwarded");
  }
  tracks_.emplace_back(std::move(track));
  return {};
}

void Negotiator::remove_send_track(std::string_view track_sid) {
  const auto section = std::ranges::find(sections_, track_sid, &Section::track_sid);
  if (!track_sid.empty() && section != sections_.end()) {
    section->track_sid.clear();
    dirty_ = true;
  }
  std::erase_if(tracks_, [&](const Track& each) { return each.track.track_sid == track_sid; });
}

std::optional<SendSection> Negotiator::send_section(std::string_view track_sid) const {
  const auto found = std::ranges::find_if(
      tracks_, [&](const Track& each) { return each.track.track_sid == track_sid; });
  if (found == tracks_.end()) return std::nullopt;
  return found->section;
}

std::map<std::string, std::string> Negotiator::mid_to_track_id() const {
  std::map<std::string, std::string> sids;
  for (const Section& section : sections_) {
    if (!section.track_sid.empty()) sids.emplace(section.mid, section.track_sid);
  }
  return sids;
}

bool Negotiator::is_free(const Section& section) const {
  return !section.rejected && section.idle && section.track_sid.empty() &&
         (config_.reuse_sections || !section.used) &&
         (config_.offerer == Offerer::Server || section.client_receives);
}

Negotiator::Track* Negotiator::find_track(std::string_view track_sid) {
  const auto found = std::ranges::find_if(
      tracks_, [&](const Track& each) { return each.track.track_sid == track_sid; });
  return found == tracks_.end() ? nullptr : &*found;
}

Negotiator::Section* Negotiator::find_free(MediaKind kind) {
  const auto found = std::ranges::find_if(
      sections_, [&](const Section& section) { return section.kind == kind && is_free(section); });
  return found == sections_.end() ? nullptr : &*found;
}

SessionDescription Negotiator::start_description() {
  SessionDescription description;
  description.origin.session_id = config_.session_id;
  description.origin.version = ++version_;
  description.ice_lite = config_.transport.ice_lite;
  description.msid_semantic = "WMS *";
  return description;
}

MediaSection Negotiator::start_section(const Section& section, sdp::Setup setup) const {
  MediaSection local;
  local.kind = section.kind;
  local.mid = section.mid;
  local.direction = sdp::Direction::Inactive;
  local.transport.ice_ufrag = config_.transport.ice.ufrag;
  local.transport.ice_pwd = config_.transport.ice.pwd;
  local.transport.ice_options = {"trickle"};
  local.transport.fingerprints = {config_.transport.fingerprint};
  local.transport.setup = setup;
  if (section.kind == MediaKind::Application) {
    local.protocol = "UDP/DTLS/SCTP";
    local.sctp_port = config_.data.sctp_port;
    local.max_message_size = config_.data.max_message_size;
  } else {
    local.rtcp_mux = true;
    local.rtcp_rsize = true;
  }
  return local;
}

/// Puts the live ones of `mids` into one group, and our candidates into its first section.
void Negotiator::bundle(SessionDescription& description, std::vector<std::string> mids) const {
  const auto section_of = [&](const std::string& mid) {
    return std::ranges::find(description.sections, mid, &MediaSection::mid);
  };
  std::erase_if(mids, [&](const std::string& mid) { return section_of(mid)->rejected(); });
  if (mids.empty()) return;
  MediaSection& tagged = *section_of(mids.front());
  tagged.candidates = config_.transport.candidates;
  tagged.end_of_candidates = !tagged.candidates.empty();
  description.bundle_groups = {std::move(mids)};
}

void Negotiator::carry(Section& section, Track& track) {
  section.track_sid = track.track.track_sid;
  section.idle = false;
  section.used = true;
  track.section.mid = section.mid;
}

/// The track loses its section and waits for another.
void Negotiator::release(Section& section) {
  Track* track = find_track(section.track_sid);
  VIS_ASSERT(track != nullptr);
  track->wait();
  section.track_sid.clear();
}

RemoteData Negotiator::read_data(const MediaSection& section) const {
  RemoteData data;
  data.mid = section.mid;
  data.sctp_port = section.sctp_port.value_or(data.sctp_port);
  data.max_message_size = section.max_message_size.value_or(data.max_message_size);
  return data;
}

/// Counts the round and collects what the caller does not know yet.
Negotiated Negotiator::finish_round(RemoteTransport remote) {
  Negotiated result;
  result.ice_restart = remote_ && ice_restarted(*remote_, remote);
  result.new_association = remote_ && (remote_->fingerprints != remote.fingerprints ||
                                       remote_->local_setup != remote.local_setup);
  result.data = data_;
  for (Section& section : sections_) {
    if (section.received == section.reported) continue;
    section.reported = section.received;
    result.received.push_back(section.received);
  }
  for (Track& track : tracks_) {
    if (track.section == track.reported) continue;
    track.reported = track.section;
    result.sent.push_back(track.section);
  }
  remote_ = remote;
  result.remote = std::move(remote);
  asked_.reset();
  ++revision_;
  return result;
}

}  // namespace vis::media::negotiation
