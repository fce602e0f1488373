#pragma once

#include <span>
#include <vector>

#include "media/negotiation/negotiator.hpp"

/// What two sides can agree on for one section: straight functions over their lists.
namespace vis::media::negotiation {

/// The formats in which a client may publish, in the order of our answer.
std::vector<NegotiatedCodec> agree_published(const Capabilities& ours,
                                             const sdp::MediaSection& offered,
                                             const PublishPreferences& preferences);

/// The formats in which `track` may be sent to a client that listed `theirs`; the first is the one
/// to send. Empty when the client cannot take it.
std::vector<NegotiatedCodec> agree_sent(const Capabilities& ours,
                                        std::span<const sdp::Codec> theirs, const SendTrack& track);

/// Everything that we could send in this section, to describe it while it carries no track.
std::vector<NegotiatedCodec> agree_idle(const Capabilities& ours, const sdp::MediaSection& offered);

/// Our own formats for `track`, with our payload types. Empty when we do not forward its codec.
std::vector<NegotiatedCodec> formats_to_offer(const Capabilities& ours, const SendTrack& track);

/// As lines of a section: each format followed by its rtx format.
std::vector<sdp::Codec> section_codecs(std::span<const NegotiatedCodec> codecs);

/// The lines name every extension that we know for this kind of media, also those of the other
/// flow: Chromium offers in a new section only what our answers took in older sections of its kind,
/// so an answer for a track of ours decides on the audio level and rid of tracks published later.
/// The ids are those that this section uses.
struct AgreedExtensions {
  std::vector<sdp::Extmap> lines;
  ExtensionIds ids;
};
AgreedExtensions agree_extensions(const Capabilities& ours, const sdp::MediaSection& theirs,
                                  Flow flow);
std::vector<sdp::Extmap> extensions_to_offer(const Capabilities& ours, sdp::MediaKind kind);

/// Writes msid, ssrc and FID lines for a track of ours.
void describe_sources(sdp::MediaSection& local, const SendTrack& track);

/// The simulcast layers that a section offers to send, up to kSimulcastLayers, smallest first as
/// far as their names tell.
std::vector<SimulcastLayer> offered_layers(const sdp::MediaSection& offered);
/// The sources that a section declares, each with its retransmissions; layers of SIM in order.
std::vector<Source> offered_sources(const sdp::MediaSection& offered);

}  // namespace vis::media::negotiation
