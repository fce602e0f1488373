#include "media_io/offer_reader.hpp"

#include <algorithm>
#include <utility>

#include "media/negotiation/agreement.hpp"
#include "media/negotiation/remote_description.hpp"
#include "media/sdp/session_description.hpp"

namespace vis::media_io {
namespace {

namespace negotiation = media::negotiation;
namespace rooms = core::rooms;
namespace sdp = media::sdp;

/// Whether one of the section's Opus formats has `name=1`.
bool opus_says(const sdp::MediaSection& section, std::string_view name) {
  return std::ranges::any_of(section.codecs, [&](const sdp::Codec& codec) {
    return codec.is("opus") && codec.parameter(name) == "1";
  });
}

rooms::OfferedSection summarize(const sdp::MediaSection& section,
                                const negotiation::Capabilities& capabilities) {
  rooms::OfferedSection summary{
      .mid = section.mid,
      .kind =
          section.kind == sdp::MediaKind::Audio ? rooms::TrackKind::Audio : rooms::TrackKind::Video,
      .sends = sdp::sends(section.direction),
      .receives = sdp::receives(section.direction),
      .layers = negotiation::offered_layers(section).size(),
      .stereo = opus_says(section, "stereo") || opus_says(section, "sprop-stereo"),
      .dtx = opus_says(section, "usedtx")};
  const auto flow = summary.sends ? negotiation::Flow::Publish : negotiation::Flow::Subscribe;
  summary.usable = std::ranges::any_of(section.codecs, [&](const sdp::Codec& codec) {
    return capabilities.find(section.kind, codec, flow) != nullptr;
  });
  if (!section.msids.empty()) {
    const sdp::Msid& msid = section.msids.front();
    if (msid.stream_id != "-") summary.stream_id = msid.stream_id;
    summary.track_id = msid.track_id;
  }
  return summary;
}

}  // namespace

Result<rooms::OfferSummary> SdpOfferReader::read(std::string_view text) const {
  const auto description = sdp::SessionDescription::parse(text);
  if (!description) return std::unexpected(description.error());
  if (auto checked = negotiation::check_structure(*description); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  const auto transport = negotiation::read_transport(*description);
  if (!transport) return std::unexpected(transport.error());
  rooms::OfferSummary summary{.sections = {},
                              .ice_ufrag = transport->transport.ice.ufrag,
                              .ice_pwd = transport->transport.ice.pwd};
  for (const sdp::MediaSection& section : description->sections) {
    if (section.rejected() || section.kind == sdp::MediaKind::Application) continue;
    summary.sections.push_back(summarize(section, capabilities_));
  }
  return summary;
}

}  // namespace vis::media_io
