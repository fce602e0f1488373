#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/limits/media_sdp.hpp"
#include "media/negotiation/agreement.hpp"
#include "media/negotiation/negotiator.hpp"

namespace vis::media::negotiation {

using sdp::Direction;
using sdp::MediaKind;
using sdp::MediaSection;
using sdp::SessionDescription;
using sdp::Setup;

namespace {

bool client_sends(const MediaSection& offered) {
  return !offered.rejected() && offered.kind != MediaKind::Application && sends(offered.direction);
}

/// A section that wants media of us and brings none.
bool client_only_receives(const MediaSection& offered) {
  return !offered.rejected() && offered.kind != MediaKind::Application &&
         offered.direction == Direction::RecvOnly;
}

/// The client's stream and track; a stream of `-` is none.
sdp::Msid msid_of(const MediaSection& offered) {
  sdp::Msid msid;
  if (!offered.msids.empty()) msid = offered.msids.front();
  if (msid.stream_id == "-") msid.stream_id.clear();
  return msid;
}

void reject(MediaSection& local, const MediaSection& offered) {
  local.port = 0;
  local.direction = Direction::Inactive;
  local.codecs.clear();
  local.extensions.clear();
  if (!offered.codecs.empty()) {
    local.codecs = {offered.codecs.front()};
    local.codecs.front().feedback.clear();
  }
}

}  // namespace

Result<void> Negotiator::check_order(const SessionDescription& offer) const {
  if (offer.sections.size() < sections_.size()) {
    return fail(Errc::InvalidArgument, "the offer has lost sections");
  }
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& known = sections_[i];
    const MediaSection& offered = offer.sections[i];
    // RFC 9429 section 5.2.2: the place of a rejected section may be taken by a new one.
    if (known.rejected) continue;
    if (offered.mid != known.mid) {
      return fail(Errc::InvalidArgument,
                  "the offer has mid " + offered.mid + " in the place of " + known.mid);
    }
    if (offered.kind != known.kind) {
      return fail(Errc::InvalidArgument, "section " + known.mid + " has changed its kind");
    }
  }
  return {};
}

Setup Negotiator::answered_setup(Setup offered) const {
  switch (offered) {
    case Setup::Active: return Setup::Passive;
    case Setup::Passive: return Setup::Active;
    case Setup::ActPass: return remote_ ? remote_->local_setup : config_.answer_setup;
    case Setup::HoldConn: break;
  }
  std::unreachable();  // read_transport has refused it.
}

Result<Offer> Negotiator::check_offer(std::string_view text) const {
  VIS_ASSERT(config_.offerer == Offerer::Client);
  auto description = SessionDescription::parse(text);
  if (!description) return std::unexpected(std::move(description.error()));
  for (auto checked : {check_structure(*description), check_order(*description)}) {
    if (!checked) return std::unexpected(std::move(checked.error()));
  }
  auto reading = read_transport(*description);
  if (!reading) return std::unexpected(std::move(reading.error()));

  Offer offer;
  offer.remote = std::move(reading->transport);
  offer.remote.local_setup = answered_setup(reading->setup);
  if (remote_) {
    if (auto checked = check_continuity(*remote_, offer.remote); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    offer.ice_restart = ice_restarted(*remote_, offer.remote);
  }
  for (const MediaSection& section : description->sections) {
    if (!client_sends(section)) continue;
    const sdp::Msid msid = msid_of(section);
    offer.tracks.push_back({section.mid, section.kind, msid.stream_id, msid.track_id});
  }
  offer.description = std::move(*description);
  offer.revision = revision_;
  return offer;
}

Answer Negotiator::answer(const Offer& offer, const AnswerOptions& options) {
  VIS_ASSERT(offer.revision == revision_);
  VIS_ASSERT(offer.ice_restart == options.new_ice.has_value());
  if (options.new_ice) config_.transport.ice = *options.new_ice;

  const auto& offered = offer.description.sections;
  data_.reset();
  for (std::size_t i = 0; i < offered.size(); ++i) {
    if (i == sections_.size()) sections_.emplace_back(offered[i].mid, offered[i].kind);
    meet(offered[i], sections_[i], options);
  }
  release_lost(offer.description);
  place_tracks(offer.description);

  SessionDescription local = start_description();
  for (std::size_t i = 0; i < offered.size(); ++i) {
    local.sections.push_back(answer_section(sections_[i], offered[i], offer.remote.local_setup));
  }
  const auto& groups = offer.description.bundle_groups;
  bundle(local, groups.empty() ? std::vector{offered.front().mid} : groups.front());
  if (groups.empty()) local.bundle_groups.clear();
  dirty_ = false;
  return {.sdp = local.to_text(), .negotiated = finish_round(offer.remote)};
}

/// Takes note of what the client says of a section, old or new.
void Negotiator::meet(const MediaSection& offered, Section& section, const AnswerOptions& options) {
  if (section.mid != offered.mid || section.kind != offered.kind) {
    VIS_ASSERT(section.rejected && !section.reported.active);
    section = Section(offered.mid, offered.kind);
  }
  section.client_receives = client_only_receives(offered);
  if (!client_sends(offered)) return;
  const auto given = options.preferences.find(offered.mid);
  const std::string track_id = msid_of(offered).track_id;
  if (given != options.preferences.end()) {
    section.preferences = given->second;
  } else if (track_id != section.publish_track_id) {
    section.preferences = {};
  }
  section.publish_track_id = track_id;
}

/// A client may close a section under a track of ours, or stop offering its codec there.
void Negotiator::release_lost(const SessionDescription& offer) {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    Section& section = sections_[i];
    if (section.track_sid.empty()) continue;
    const Track* track = find_track(section.track_sid);
    const bool lost =
        !section.client_receives ||
        agree_sent(*config_.capabilities, offer.sections[i].codecs, track->track).empty();
    if (lost) release(section);
  }
}

void Negotiator::place_tracks(const SessionDescription& offer) {
  for (Track& track : tracks_) {
    if (track.section.state != SendState::Waiting) continue;
    bool takes_kind = false;
    bool takes_codec = false;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      Section& section = sections_[i];
      if (section.kind != track.track.kind || !section.client_receives) continue;
      takes_kind = true;
      if (agree_sent(*config_.capabilities, offer.sections[i].codecs, track.track).empty())
        continue;
      takes_codec = true;
      if (!is_free(section)) continue;
      carry(section, track);
      track.section.state = SendState::Sending;
      break;
    }
    if (takes_kind && !takes_codec) track.section.state = SendState::Rejected;
  }
}

MediaSection Negotiator::answer_section(Section& section, const MediaSection& offered,
                                        Setup setup) {
  MediaSection local = start_section(section, setup);
  local.protocol = offered.protocol;
  local.rtcp_rsize = offered.rtcp_rsize;
  local.extmap_allow_mixed = offered.extmap_allow_mixed;
  if (section.kind == MediaKind::Application) {
    answer_data(offered, local);
  } else if (section.client_receives) {
    answer_receiving(section, offered, local);
  } else {
    answer_published(section, offered, local);
  }
  section.rejected = local.rejected();
  section.codecs = local.codecs;
  return local;
}

void Negotiator::answer_data(const MediaSection& offered, MediaSection& local) {
  if (offered.rejected() || data_ || !offered.protocol.ends_with("DTLS/SCTP")) {
    local.port = 0;
    return;
  }
  data_ = read_data(offered);
}

/// A section in which the client sends, or nobody does.
void Negotiator::answer_published(Section& section, const MediaSection& offered,
                                  MediaSection& local) {
  const sdp::Msid msid = msid_of(offered);
  ReceiveSection received = section.silent();
  section.idle = true;
  if (offered.rejected()) {
    section.received = std::move(received);
    return reject(local, offered);
  }
  auto codecs = agree_published(*config_.capabilities, offered, section.preferences);
  if (client_sends(offered)) {
    received.stream_id = msid.stream_id;
    received.track_id = msid.track_id;
  }
  if (codecs.empty()) {
    section.received = std::move(received);
    return reject(local, offered);
  }
  local.codecs = section_codecs(codecs);
  auto extensions = agree_extensions(*config_.capabilities, offered, Flow::Publish);
  local.extensions = std::move(extensions.lines);
  if (client_sends(offered)) {
    local.direction = Direction::RecvOnly;
    received.active = true;
    received.codecs = std::move(codecs);
    received.extensions = extensions.ids;
    received.layers = offered_layers(offered);
    received.sources = offered_sources(offered);
    if (!received.layers.empty()) local.simulcast.emplace();
    for (const SimulcastLayer& layer : received.layers) {
      local.rids.push_back({layer.rid, Direction::RecvOnly, {}});
      local.simulcast->receive.push_back({{layer.rid, false}});
    }
  }
  section.received = std::move(received);
}

/// A section for a track of ours, with or without one.
void Negotiator::answer_receiving(Section& section, const MediaSection& offered,
                                  MediaSection& local) {
  section.received = section.silent();
  auto extensions = agree_extensions(*config_.capabilities, offered, Flow::Subscribe);
  local.extensions = std::move(extensions.lines);
  Track* track = section.track_sid.empty() ? nullptr : find_track(section.track_sid);
  if (track == nullptr) {
    section.idle = true;
    local.codecs = section_codecs(agree_idle(*config_.capabilities, offered));
    if (local.codecs.empty()) reject(local, offered);
    return;
  }
  const auto codecs = agree_sent(*config_.capabilities, offered.codecs, track->track);
  local.codecs = section_codecs(codecs);
  local.direction = Direction::SendOnly;
  describe_sources(local, track->track);
  track->section.codec = codecs.front();
  track->section.codecs = codecs;
  track->section.extensions = extensions.ids;
  track->section.ssrc = track->track.ssrc;
  if (codecs.front().rtx_payload_type) track->section.rtx_ssrc = track->track.rtx_ssrc;
}

std::size_t Negotiator::sections_short(MediaKind kind) const {
  const auto waiting = std::ranges::count_if(tracks_, [&](const Track& each) {
    return each.track.kind == kind && each.section.state == SendState::Waiting;
  });
  // Sections that are not idle yet will be after the next round.
  const auto free = std::ranges::count_if(sections_, [&](const Section& section) {
    return section.kind == kind && section.client_receives && !section.rejected &&
           section.track_sid.empty() && (config_.reuse_sections || !section.used);
  });
  const auto room = static_cast<std::ptrdiff_t>(limits::kSdpSections - sections_.size());
  return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(waiting - free, 0, room));
}

std::optional<SectionsRequirement> Negotiator::take_sections_requirement() {
  VIS_ASSERT(config_.offerer == Offerer::Client);
  const bool waiting = std::ranges::any_of(
      tracks_, [](const Track& each) { return each.section.state == SendState::Waiting; });
  if (revision_ == 0 || (!dirty_ && !waiting)) return std::nullopt;
  const SectionsRequirement needed{.audios = sections_short(MediaKind::Audio),
                                   .videos = sections_short(MediaKind::Video)};
  const SectionsRequirement asked = asked_.value_or(SectionsRequirement{});
  const SectionsRequirement more{.audios = needed.audios - std::min(needed.audios, asked.audios),
                                 .videos = needed.videos - std::min(needed.videos, asked.videos)};
  if (asked_ && more == SectionsRequirement{}) return std::nullopt;
  asked_ = {.audios = asked.audios + more.audios, .videos = asked.videos + more.videos};
  return more;
}

}  // namespace vis::media::negotiation
