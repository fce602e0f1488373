#include "media/negotiation/agreement.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/limits/media_negotiation.hpp"
#include "media/sdp/text.hpp"

namespace vis::media::negotiation {
namespace {

using sdp::Codec;
using sdp::MediaKind;
using sdp::MediaSection;

constexpr std::uint8_t kLargestOneByteId = 14;

/// The format parameters that the client proposed say what it can do, and some of them (the level
/// of H264, the payload types inside RED) must come back; of the rest we answer our own.
sdp::FormatParameters answered_parameters(const CodecCapability& ours, const Codec& theirs) {
  if (theirs.is("red")) return theirs.parameters;
  sdp::FormatParameters parameters = ours.codec.parameters;
  const auto profile = theirs.parameter("profile-level-id");
  if (theirs.is("H264") && profile) set_parameter(parameters, "profile-level-id", *profile);
  // What an H265 encoder may make is what the client said that it can.
  if (theirs.is("H265")) return theirs.parameters;
  return parameters;
}

NegotiatedCodec agreed(const CodecCapability& ours, std::span<const Codec> all, const Codec& theirs,
                       std::span<const sdp::RtcpFeedback> feedback) {
  NegotiatedCodec codec{.codec = theirs, .rtx_payload_type = {}};
  codec.codec.name = ours.codec.name;
  codec.codec.parameters = answered_parameters(ours, theirs);
  std::erase_if(codec.codec.feedback, [&](const sdp::RtcpFeedback& each) {
    return std::ranges::find(feedback, each) == feedback.end();
  });
  const Codec* rtx = ours.rtx_payload_type ? sdp::find_rtx(all, theirs.payload_type) : nullptr;
  if (rtx != nullptr && rtx->clock_rate == theirs.clock_rate) {
    codec.rtx_payload_type = rtx->payload_type;
  }
  return codec;
}

std::vector<NegotiatedCodec> agree_all(const Capabilities& ours, const MediaSection& offered,
                                       Flow flow) {
  std::vector<NegotiatedCodec> codecs;
  for (const Codec& theirs : offered.codecs) {
    const CodecCapability* capability = ours.find(offered.kind, theirs, flow);
    if (capability == nullptr) continue;
    codecs.push_back(
        agreed(*capability, offered.codecs, theirs, ours.feedback(offered.kind, flow)));
  }
  return codecs;
}

template <typename Predicate>
void move_to_front(std::vector<NegotiatedCodec>& codecs, Predicate chosen) {
  std::vector<NegotiatedCodec> ordered;
  std::ranges::copy_if(codecs, std::back_inserter(ordered), chosen);
  std::ranges::copy_if(codecs, std::back_inserter(ordered), std::not_fn(chosen));
  codecs = std::move(ordered);
}

/// The opus parameters of an answer tell the client how to encode.
void prefer_opus(Codec& opus, const PublishPreferences& preferences) {
  if (preferences.dtx) set_parameter(opus.parameters, "usedtx", "1");
  if (!preferences.stereo) return;
  set_parameter(opus.parameters, "stereo", "1");
  set_parameter(opus.parameters, "maxaveragebitrate", "510000");
}

/// Whether RED is agreed on with the opus that we put into it.
bool carries_our_opus(const Codec& red) {
  const std::string opus = std::to_string(kOpusPayloadType);
  return !red.parameters.empty() && red.parameters.front().name.starts_with(opus + '/');
}

/// RED carries opus: who is published in RED may be sent in opus instead, and the other way round.
std::vector<Codec> wanted_formats(const Capabilities& ours, const SendTrack& track) {
  std::vector<Codec> wanted{track.codec};
  std::string_view other;
  if (track.codec.is("red")) other = "opus";
  if (track.codec.is("opus") && track.red) other = "red";
  for (const CodecCapability& each : ours.codecs) {
    if (each.codec.is(other)) wanted.push_back(each.codec);
  }
  return wanted;
}

bool is_red(const NegotiatedCodec& each) { return each.codec.is("red"); }
bool is_opus(const NegotiatedCodec& each) { return each.codec.is("opus"); }

void mark_stereo(Codec& codec, const SendTrack& track) {
  if (track.stereo && codec.is("opus")) set_parameter(codec.parameters, "sprop-stereo", "1");
}

/// What names say of sizes, smallest first. Browsers list the encodings in whatever order a page
/// has given them; `0`, `1`, ... are OBS's, which begins with the whole picture.
constexpr std::array<std::string_view, 3> kQuarters{"q", "h", "f"};
constexpr std::array<std::string_view, 3> kLetters{"l", "m", "h"};
constexpr std::array<std::string_view, 5> kWords{"low", "mid", "med", "medium", "high"};
constexpr std::array<std::string_view, 4> kNumbers{"3", "2", "1", "0"};
constexpr std::array<std::span<const std::string_view>, 4> kSizeNames{kQuarters, kLetters, kWords,
                                                                      kNumbers};

/// Smallest first where the names tell, else as they came.
void order_by_size(std::vector<SimulcastLayer>& layers) {
  for (const std::span<const std::string_view> names : kSizeNames) {
    const auto place = [&](const SimulcastLayer& layer) {
      return std::ranges::find(names, layer.rid) - names.begin();
    };
    const auto is_named = [&](const SimulcastLayer& layer) {
      return place(layer) < std::ssize(names);
    };
    if (!std::ranges::all_of(layers, is_named)) continue;
    std::ranges::sort(layers, {}, place);
    return;
  }
}

}  // namespace

std::vector<NegotiatedCodec> agree_published(const Capabilities& ours, const MediaSection& offered,
                                             const PublishPreferences& preferences) {
  std::vector<NegotiatedCodec> codecs = agree_all(ours, offered, Flow::Publish);
  const std::string_view wanted = sdp::codec_name_of(preferences.codec);
  const auto is_wanted = [&](const NegotiatedCodec& each) { return each.codec.is(wanted); };
  const bool available = std::ranges::any_of(codecs, is_wanted);
  if (preferences.only_this_codec && available) {
    std::erase_if(codecs, [&](const NegotiatedCodec& each) { return !is_wanted(each); });
  }
  if (!preferences.red) std::erase_if(codecs, is_red);
  move_to_front(codecs, is_wanted);
  // RED without opus to put into it is of no use.
  if (std::ranges::any_of(codecs, is_opus)) {
    move_to_front(codecs, is_red);
  } else {
    std::erase_if(codecs, is_red);
  }
  for (NegotiatedCodec& each : codecs) {
    if (each.codec.is("opus")) prefer_opus(each.codec, preferences);
  }
  return codecs;
}

std::vector<NegotiatedCodec> agree_sent(const Capabilities& ours, std::span<const Codec> theirs,
                                        const SendTrack& track) {
  std::vector<NegotiatedCodec> codecs;
  if (track.any_codec) {
    MediaSection offered{.kind = track.kind, .codecs = {theirs.begin(), theirs.end()}};
    codecs = agree_all(ours, offered, Flow::Subscribe);
    const bool has_opus = std::ranges::any_of(codecs, is_opus);
    // RED, whoever makes it, has opus in it, and that with our number.
    std::erase_if(codecs, [&](const NegotiatedCodec& each) {
      return is_red(each) && (!carries_our_opus(each.codec) || !has_opus);
    });
    move_to_front(codecs, std::not_fn(is_red));
    return codecs;
  }
  for (const Codec& wanted : wanted_formats(ours, track)) {
    const CodecCapability* capability = ours.find(track.kind, wanted, Flow::Subscribe);
    const auto match = std::ranges::find_if(
        theirs, [&](const Codec& codec) { return sdp::same_format(codec, wanted); });
    if (capability == nullptr || match == theirs.end()) continue;
    if (match->is("red") && !carries_our_opus(*match)) continue;
    codecs.push_back(
        agreed(*capability, theirs, *match, ours.feedback(track.kind, Flow::Subscribe)));
    mark_stereo(codecs.back().codec, track);
  }
  // What is published in opus is sent in RED at times, and not always.
  if (!track.codec.is("red") && std::ranges::none_of(codecs, is_opus)) {
    std::erase_if(codecs, is_red);
  }
  return codecs;
}

std::vector<NegotiatedCodec> agree_idle(const Capabilities& ours, const MediaSection& offered) {
  return agree_all(ours, offered, Flow::Subscribe);
}

std::vector<NegotiatedCodec> formats_to_offer(const Capabilities& ours, const SendTrack& track) {
  std::vector<NegotiatedCodec> codecs;
  for (const Codec& wanted : wanted_formats(ours, track)) {
    const CodecCapability* capability = ours.find(track.kind, wanted, Flow::Subscribe);
    if (capability == nullptr) continue;
    NegotiatedCodec& made = codecs.emplace_back(capability->codec, capability->rtx_payload_type);
    made.codec.feedback = ours.feedback(track.kind, Flow::Subscribe);
    if (made.codec.is("red")) made.codec.feedback.clear();
    mark_stereo(made.codec, track);
  }
  return codecs;
}

std::vector<Codec> section_codecs(std::span<const NegotiatedCodec> codecs) {
  std::vector<Codec> lines;
  for (const NegotiatedCodec& each : codecs) {
    lines.push_back(each.codec);
    if (!each.rtx_payload_type) continue;
    Codec rtx;
    rtx.payload_type = *each.rtx_payload_type;
    rtx.name = "rtx";
    rtx.clock_rate = each.codec.clock_rate;
    rtx.parameters = {{"apt", std::to_string(each.codec.payload_type)}};
    lines.push_back(std::move(rtx));
  }
  return lines;
}

AgreedExtensions agree_extensions(const Capabilities& ours, const MediaSection& theirs, Flow flow) {
  AgreedExtensions agreed;
  for (const ExtensionCapability& capability : ours.extensions) {
    const bool known = ours.allows(capability, theirs.kind, Flow::Publish) ||
                       ours.allows(capability, theirs.kind, Flow::Subscribe);
    const auto found =
        std::ranges::find(theirs.extensions, uri_of(capability.extension), &sdp::Extmap::uri);
    if (!known || found == theirs.extensions.end()) continue;
    if (found->id > kLargestOneByteId && !theirs.extmap_allow_mixed) continue;
    agreed.lines.push_back({found->id, reversed(found->direction), found->uri});
    const bool usable =
        flow == Flow::Publish ? sends(found->direction) : receives(found->direction);
    if (usable && ours.allows(capability, theirs.kind, flow)) {
      agreed.ids[capability.extension] = found->id;
    }
  }
  return agreed;
}

std::vector<sdp::Extmap> extensions_to_offer(const Capabilities& ours, MediaKind kind) {
  std::vector<sdp::Extmap> lines;
  for (const ExtensionCapability& each : ours.extensions) {
    if (!ours.allows(each, kind, Flow::Subscribe)) continue;
    lines.push_back({each.id, sdp::Direction::SendRecv, std::string(uri_of(each.extension))});
  }
  return lines;
}

void describe_sources(MediaSection& local, const SendTrack& track) {
  const sdp::Msid msid{track.stream_id, track.track_sid};
  local.msids = {msid};
  local.ssrcs = {{track.ssrc, track.cname, msid}};
  const bool rtx = std::ranges::any_of(local.codecs, [](const Codec& c) { return c.is("rtx"); });
  if (!track.rtx_ssrc || !rtx) return;
  local.ssrcs.push_back({*track.rtx_ssrc, track.cname, msid});
  local.ssrc_groups = {{"FID", {track.ssrc, *track.rtx_ssrc}}};
}

std::vector<SimulcastLayer> offered_layers(const MediaSection& offered) {
  std::vector<SimulcastLayer> layers;
  if (offered.simulcast) {
    for (const auto& alternatives : offered.simulcast->send) {
      layers.push_back({alternatives.front().id, alternatives.front().paused});
    }
  } else {
    for (const sdp::Rid& rid : offered.rids) {
      if (rid.direction == sdp::Direction::SendOnly) layers.push_back({rid.id, false});
    }
  }
  if (layers.size() > limits::kSimulcastLayers) layers.resize(limits::kSimulcastLayers);
  order_by_size(layers);
  return layers;
}

std::vector<Source> offered_sources(const MediaSection& offered) {
  std::vector<Source> sources;
  const auto add = [&](std::uint32_t ssrc) {
    if (std::ranges::find(sources, ssrc, &Source::ssrc) == sources.end()) {
      sources.push_back({ssrc, {}});
    }
  };
  for (const sdp::SsrcGroup& group : offered.ssrc_groups) {
    if (group.semantics == "SIM") std::ranges::for_each(group.ssrcs, add);
  }
  for (const sdp::SsrcDescription& source : offered.ssrcs) add(source.ssrc);
  for (const sdp::SsrcGroup& group : offered.ssrc_groups) {
    if (group.semantics != "FID" || group.ssrcs.size() != 2) continue;
    const auto primary = std::ranges::find(sources, group.ssrcs[0], &Source::ssrc);
    if (primary == sources.end()) continue;
    primary->rtx_ssrc = group.ssrcs[1];
    std::erase_if(sources, [&](const Source& each) { return each.ssrc == group.ssrcs[1]; });
  }
  return sources;
}

}  // namespace vis::media::negotiation
