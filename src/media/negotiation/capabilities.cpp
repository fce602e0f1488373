#include "media/negotiation/capabilities.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "media/sdp/text.hpp"

namespace vis::media::negotiation {
namespace {

using sdp::MediaKind;

/// One row of the table of formats.
struct Format {
  std::string_view name;
  std::uint8_t payload_type;
  std::string_view parameters;
  Flows flows = Flows::Both;
};

constexpr std::array kAudioFormats{
    Format{.name = "opus",
           .payload_type = kOpusPayloadType,
           .parameters = "minptime=10;useinbandfec=1"},
    Format{.name = "red", .payload_type = 63, .parameters = "111/111"},
};
// The RTX payload type is always the next one.
constexpr std::array kVideoFormats{
    Format{.name = "VP8", .payload_type = 96, .parameters = ""},
    Format{.name = "H264",
           .payload_type = 108,
           .parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    Format{.name = "H264",
           .payload_type = 125,
           .parameters = "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"},
    Format{.name = "H264",
           .payload_type = 123,
           .parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640032",
           .flows = Flows::Publish},
    Format{.name = "VP9", .payload_type = 98, .parameters = "profile-id=0"},
    Format{.name = "VP9", .payload_type = 100, .parameters = "profile-id=2"},
    Format{.name = "AV1", .payload_type = 35, .parameters = ""},
    Format{.name = "H265",
           .payload_type = 49,
           .parameters = "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"},
};

CodecCapability capability(MediaKind kind, const Format& format) {
  const bool video = kind == MediaKind::Video;
  CodecCapability made{.kind = kind, .codec = {}, .rtx_payload_type = {}, .flows = format.flows};
  made.codec.payload_type = format.payload_type;
  made.codec.name = format.name;
  made.codec.clock_rate = video ? 90000 : 48000;
  made.codec.channels = video ? 1 : 2;
  made.codec.parameters = sdp::parse_format_parameters(format.parameters);
  if (video) made.rtx_payload_type = static_cast<std::uint8_t>(format.payload_type + 1);
  return made;
}

}  // namespace

std::string_view uri_of(HeaderExtension extension) {
  switch (extension) {
    case HeaderExtension::Mid: return "urn:ietf:params:rtp-hdrext:sdes:mid";
    case HeaderExtension::StreamId: return "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    case HeaderExtension::RepairedStreamId:
      return "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    case HeaderExtension::AudioLevel: return "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    case HeaderExtension::TransportSequenceNumber:
      return "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    case HeaderExtension::AbsSendTime:
      return "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    case HeaderExtension::AbsCaptureTime:
      return "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
    case HeaderExtension::VideoOrientation: return "urn:3gpp:video-orientation";
    case HeaderExtension::PlayoutDelay:
      return "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    case HeaderExtension::DependencyDescriptor:
      return "https://aomediacodec.github.io/av1-rtp-spec/"
             "#dependency-descriptor-rtp-header-extension";
  }
  std::unreachable();
}

Capabilities Capabilities::standard() {
  Capabilities all;
  for (const Format& format : kAudioFormats) {
    all.codecs.push_back(capability(MediaKind::Audio, format));
  }
  for (const Format& format : kVideoFormats) {
    all.codecs.push_back(capability(MediaKind::Video, format));
  }
  using enum HeaderExtension;
  all.extensions = {
      {Mid, 1, Flows::Both, Flows::Both},
      {StreamId, 2, Flows::None, Flows::Publish},
      {RepairedStreamId, 3, Flows::None, Flows::Publish},
      {AudioLevel, 4, Flows::Publish, Flows::None},
      {TransportSequenceNumber, 5, Flows::Both, Flows::Both},
      {AbsSendTime, 6, Flows::None, Flows::Both},
      {AbsCaptureTime, 7, Flows::Both, Flows::Both},
      {VideoOrientation, 8, Flows::None, Flows::Both},
      {PlayoutDelay, 9, Flows::None, Flows::Subscribe},
      {DependencyDescriptor, 10, Flows::None, Flows::Both},
  };
  all.audio_publish_feedback = {{"transport-cc", ""}, {"nack", ""}};
  all.audio_subscribe_feedback = {{"transport-cc", ""}, {"nack", ""}};
  all.video_publish_feedback = {
      {"goog-remb", ""}, {"transport-cc", ""}, {"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}};
  all.video_subscribe_feedback = all.video_publish_feedback;
  return all;
}

/// Shared by negotiators, on any thread: nobody changes it.
const std::shared_ptr<const Capabilities>& Capabilities::shared_standard() {
  static const auto kStandard = std::make_shared<const Capabilities>(standard());
  return kStandard;
}

void Capabilities::forbid(std::string_view mime, Flow flow) {
  const Flows left = flow == Flow::Publish ? Flows::Subscribe : Flows::Publish;
  for (CodecCapability& each : codecs) {
    if (!sdp::text::equal_ignoring_case(sdp::mime_type(each.kind, each.codec), mime)) continue;
    if (includes(each.flows, flow)) each.flows = each.flows == Flows::Both ? left : Flows::None;
  }
}

const std::vector<sdp::RtcpFeedback>& Capabilities::feedback(MediaKind kind, Flow flow) const {
  const bool publish = flow == Flow::Publish;
  if (kind == MediaKind::Audio) return publish ? audio_publish_feedback : audio_subscribe_feedback;
  return publish ? video_publish_feedback : video_subscribe_feedback;
}

bool Capabilities::allows(const ExtensionCapability& extension, MediaKind kind, Flow flow) const {
  return includes(kind == MediaKind::Audio ? extension.audio : extension.video, flow);
}

const CodecCapability* Capabilities::find(MediaKind kind, const sdp::Codec& codec,
                                          Flow flow) const {
  const auto found = std::ranges::find_if(codecs, [&](const CodecCapability& each) {
    return each.kind == kind && includes(each.flows, flow) && sdp::same_format(each.codec, codec);
  });
  return found == codecs.end() ? nullptr : &*found;
}

}  // namespace vis::media::negotiation
