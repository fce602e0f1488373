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

bool Negotiator::needs_negotiation() const {
  if (config_.offerer == Offerer::Client || offered_) return false;
  if (dirty_) return true;
  return std::ranges::any_of(tracks_, [&](const Track& track) {
    if (track.section.state != SendState::Waiting) return false;
    return sections_.size() < limits::kSdpSections ||
           std::ranges::any_of(
               sections_,
               [&](const Section& section) {
                 return section.kind == track.track.kind && is_free(section);
               });
  });
}

Result<std::string> Negotiator::create_offer() {
  VIS_ASSERT(config_.offerer == Offerer::Server);
  if (offered_) return fail(Errc::FailedPrecondition, "an offer is outstanding");
  place_tracks();
  SessionDescription local = start_description();
  std::vector<std::string> mids;
  for (Section& section : sections_) {
    local.sections.push_back(offer_section(section));
    mids.push_back(section.mid);
  }
  bundle(local, std::move(mids));
  dirty_ = false;
  std::string text = local.to_text();
  offered_ = {.description = std::move(local), .ice_restart = ice_restart_};
  return text;
}

/// Gives every waiting track a section: an idle one, else a new one. Tracks beyond the limit of
/// sections go on waiting.
void Negotiator::place_tracks() {
  for (Track& track : tracks_) {
    if (track.section.state != SendState::Waiting) continue;
    Section* section = find_free(track.track.kind);
    if (section == nullptr && sections_.size() < limits::kSdpSections) {
      section = &sections_.emplace_back(std::to_string(sections_.size()), track.track.kind);
    }
    if (section == nullptr) continue;
    carry(*section, track);
    track.section.state = SendState::Offered;
  }
}

MediaSection Negotiator::offer_section(Section& section) {
  // A client of DTLS may send a round trip before a server, and it is we who have something to
  // send. Later offers say the same again: left the choice, Firefox answers one role for the
  // sections that it knows and the other one for new ones.
  const bool passive = remote_ && remote_->local_setup == Setup::Passive;
  MediaSection local = start_section(section, passive ? Setup::ActPass : Setup::Active);
  if (section.rejected) {
    local.port = 0;
    local.codecs = section.codecs;
    return local;
  }
  if (section.kind == MediaKind::Application) return local;
  local.extmap_allow_mixed = true;
  local.extensions = extensions_to_offer(*config_.capabilities, section.kind);
  if (const Track* track = find_track(section.track_sid); track != nullptr) {
    section.codecs = section_codecs(formats_to_offer(*config_.capabilities, track->track));
    local.direction = Direction::SendOnly;
    local.codecs = section.codecs;
    describe_sources(local, track->track);
  }
  local.codecs = section.codecs;
  return local;
}

Result<TransportReading> Negotiator::check_answer(const SessionDescription& answer) const {
  const auto& offered = offered_->description.sections;
  if (answer.sections.size() != offered.size()) {
    return fail(Errc::InvalidArgument, "the answer has another number of sections than the offer");
  }
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const MediaSection& section = answer.sections[i];
    if (section.mid != offered[i].mid || section.kind != offered[i].kind) {
      return fail(Errc::InvalidArgument, "section " + offered[i].mid + " is another in the answer");
    }
    if (offered[i].rejected() && !section.rejected()) {
      return fail(Errc::InvalidArgument, "the answer revives section " + section.mid);
    }
  }
  if (auto checked = check_structure(answer); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  auto reading = read_transport(answer);
  if (!reading) return reading;
  if (reading->setup == Setup::ActPass) {
    return fail(Errc::InvalidArgument, "an answer cannot say setup:actpass");
  }
  RemoteTransport& remote = reading->transport;
  remote.local_setup = reading->setup == Setup::Active ? Setup::Passive : Setup::Active;
  if (!remote_) return reading;
  if (ice_restarted(*remote_, remote) != offered_->ice_restart) {
    return fail(Errc::InvalidArgument,
                offered_->ice_restart ? "the answer keeps its ICE credentials in a restart"
                                      : "the answer has new ICE credentials without a restart");
  }
  if (auto checked = check_continuity(*remote_, remote); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return reading;
}

Result<Negotiated> Negotiator::apply_answer(std::string_view text) {
  VIS_ASSERT(config_.offerer == Offerer::Server);
  if (!offered_) return fail(Errc::FailedPrecondition, "no offer is outstanding");
  const auto answer = SessionDescription::parse(text);
  if (!answer) return std::unexpected(answer.error());
  auto reading = check_answer(*answer);
  if (!reading) return std::unexpected(std::move(reading.error()));

  const LocalOffer local = std::move(*std::exchange(offered_, std::nullopt));
  if (local.ice_restart) ice_restart_ = false;
  for (std::size_t i = 0; i < local.description.sections.size(); ++i) {
    settle(sections_[i], local.description.sections[i], answer->sections[i]);
  }
  return finish_round(std::move(reading->transport));
}

/// Takes note of what the client answered for one section.
void Negotiator::settle(Section& section, const MediaSection& offered,
                        const MediaSection& answered) {
  if (section.kind == MediaKind::Application) {
    data_ = answered.rejected() ? std::nullopt : std::optional(read_data(answered));
    return;
  }
  section.rejected = answered.rejected();
  Track* track = section.track_sid.empty() ? nullptr : find_track(section.track_sid);
  if (track == nullptr) {
    section.idle = offered.direction == Direction::Inactive;
    return;
  }
  const auto codecs = section.rejected || !receives(answered.direction)
                          ? std::vector<NegotiatedCodec>{}
                          : agree_sent(*config_.capabilities, answered.codecs, track->track);
  if (codecs.empty()) {
    release(section);
    section.idle = true;
    track->section.state = SendState::Rejected;
    return;
  }
  SendSection& result = track->section;
  result.state = SendState::Sending;
  result.codec = codecs.front();
  result.codecs = codecs;
  result.extensions = agree_extensions(*config_.capabilities, answered, Flow::Subscribe).ids;
  result.ssrc = track->track.ssrc;
  result.rtx_ssrc = codecs.front().rtx_payload_type ? track->track.rtx_ssrc : std::nullopt;
}

void Negotiator::restart_ice(IceCredentials credentials) {
  VIS_ASSERT(config_.offerer == Offerer::Server);
  config_.transport.ice = std::move(credentials);
  ice_restart_ = remote_.has_value();
  offered_.reset();
  dirty_ = true;
}

}  // namespace vis::media::negotiation
