#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "media/sdp/codec.hpp"

namespace vis::media::negotiation {

/// Which way a track flows, seen from the client.
enum class Flow : std::uint8_t { Publish, Subscribe };
/// For which flows something may be negotiated.
enum class Flows : std::uint8_t { None, Publish, Subscribe, Both };
constexpr bool includes(Flows flows, Flow flow) {
  return flows == Flows::Both ||
         flows == (flow == Flow::Publish ? Flows::Publish : Flows::Subscribe);
}

/// The RTP header extensions that we take part in.
enum class HeaderExtension : std::uint8_t {
  Mid,
  StreamId,
  RepairedStreamId,
  AudioLevel,
  TransportSequenceNumber,
  AbsSendTime,
  AbsCaptureTime,
  VideoOrientation,
  PlayoutDelay,
  DependencyDescriptor,
};
inline constexpr std::size_t kHeaderExtensions = 10;
std::string_view uri_of(HeaderExtension extension);

/// The ids agreed for one section; 0 where an extension is not used.
struct ExtensionIds {
  std::array<std::uint8_t, kHeaderExtensions> ids{};

  std::uint8_t& operator[](HeaderExtension extension) {
    return ids[static_cast<std::size_t>(extension)];
  }
  std::uint8_t operator[](HeaderExtension extension) const {
    return ids[static_cast<std::size_t>(extension)];
  }
  friend bool operator==(const ExtensionIds&, const ExtensionIds&) = default;
};

/// That of opus in our offers, and of what is inside RED wherever we send it.
inline constexpr std::uint8_t kOpusPayloadType = 111;

/// A format that we forward. The payload types are those of our own offers; in answers the offer's
/// are used.
struct CodecCapability {
  sdp::MediaKind kind = sdp::MediaKind::Audio;
  sdp::Codec codec;
  std::optional<std::uint8_t> rtx_payload_type;  ///< Absent: no retransmission format.
  Flows flows = Flows::Both;
};

struct ExtensionCapability {
  HeaderExtension extension = HeaderExtension::Mid;
  std::uint8_t id = 0;  ///< In our own offers; the same for every section, as BUNDLE asks.
  Flows audio = Flows::None;
  Flows video = Flows::None;
};

/// What this server can negotiate. Visible lists, to be cut down for a room or a client.
struct Capabilities {
  std::vector<CodecCapability> codecs;
  std::vector<ExtensionCapability> extensions;
  std::vector<sdp::RtcpFeedback> audio_publish_feedback;
  std::vector<sdp::RtcpFeedback> audio_subscribe_feedback;
  std::vector<sdp::RtcpFeedback> video_publish_feedback;
  std::vector<sdp::RtcpFeedback> video_subscribe_feedback;

  /// Everything that the server can do: opus, RED, VP8, H264, VP9, AV1 with RTX. Paths are
  /// estimated by transport-cc, both ways, and by REMB with clients that know nothing else.
  static Capabilities standard();
  /// The same, shared by the negotiators of all clients that may use everything.
  static const std::shared_ptr<const Capabilities>& shared_standard();

  /// Takes a codec out of one flow, for a room or a device that may not use it. `mime` as in
  /// `video/H264`, in any case.
  void forbid(std::string_view mime, Flow flow);

  const std::vector<sdp::RtcpFeedback>& feedback(sdp::MediaKind kind, Flow flow) const;
  bool allows(const ExtensionCapability& extension, sdp::MediaKind kind, Flow flow) const;
  /// The capability for that format in that flow, or null.
  const CodecCapability* find(sdp::MediaKind kind, const sdp::Codec& codec, Flow flow) const;
};

}  // namespace vis::media::negotiation
