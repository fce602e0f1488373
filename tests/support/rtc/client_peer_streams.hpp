#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/rtp/extensions.hpp"
#include "media/rtp/nack_generator.hpp"
#include "media/rtp/receive_statistics.hpp"
#include "media/rtp/sequence.hpp"
#include "media/srtp/inbound_context.hpp"
#include "media/srtp/outbound_context.hpp"
#include "support/rtc/client_peer.hpp"

/// What a ClientPeer keeps of each stream; for its own files alone.
namespace vis::test {

inline constexpr std::uint32_t kVideoClock = 90'000;
inline constexpr std::uint32_t kAudioClock = 48'000;
/// The source of the peer's feedback.
inline constexpr std::uint32_t kFeedbackSsrc = 0x5151;

struct ClientPeer::SendLayer {
  static constexpr std::size_t kHistory = 512;

  PeerLayer layer;
  bool enabled = true;
  std::int64_t next_sequence = 100;
  std::int64_t next_rtx = 500;
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_picture_index = 0;
  std::uint32_t timestamp_base = 0;
  bool key_frame_wanted = true;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  media::srtp::OutboundStream stream;
  media::srtp::OutboundStream rtx_stream;
  struct Sent {
    std::int64_t sequence = -1;
    std::uint32_t timestamp = 0;
    bool marker = false;
    ByteVector payload;
    ByteVector dependency_descriptor;
  };
  std::vector<Sent> history = std::vector<Sent>(kHistory);
};

struct ClientPeer::SendTrack {
  std::string mid;
  media::sdp::MediaKind kind = media::sdp::MediaKind::Video;
  media::rtp::ExtensionMap extensions;
  std::uint8_t payload_type = 0;
  std::uint8_t rtx_payload_type = 0;
  std::vector<SendLayer> layers;

  bool video() const { return kind == media::sdp::MediaKind::Video; }
  std::uint32_t clock_rate() const { return video() ? kVideoClock : kAudioClock; }
  /// The track's clock: every layer adds a base of its own.
  std::uint32_t ticks_at(TimePoint now) const {
    return static_cast<std::uint32_t>(now.time_since_epoch() / 1us * (clock_rate() / 1000) / 1000);
  }
};

struct ClientPeer::Outgoing {
  TimePoint now;
  SendTrack& track;
  SendLayer& layer;
  Bytes payload{};
  bool marker = false;
  std::uint32_t timestamp = 0;
  std::uint8_t level_dbov = 127;
  Bytes dependency_descriptor{};
  Bytes orientation{};
  bool lost = false;
  std::optional<std::uint16_t> repeats{};  ///< Goes out as the retransmission of this one.
};

struct ClientPeer::Arrival {
  TimePoint now;
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  Bytes payload;
  std::uint8_t payload_type = 0;
  bool marker = false;
  bool recovered = false;
  std::optional<media::rtp::VideoOrientation> orientation{};
};

struct ClientPeer::ReceiveStream {
  media::srtp::InboundStream srtp;
  std::uint32_t repairs = 0;  ///< The source that this one retransmits for; 0 = it is its own.
  bool video = false;
  bool vp8 = false;
  media::rtp::SequenceUnwrapper unwrapper;
  media::rtp::ReceiveStatistics statistics{kVideoClock};
  media::rtp::NackGenerator nacks;
  std::vector<std::int64_t> seen = std::vector<std::int64_t>(2048, -1);
  std::optional<std::uint32_t> last_timestamp;
  std::optional<std::uint16_t> last_picture_id;
};

}  // namespace vis::test
