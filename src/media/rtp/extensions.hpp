#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/rtp/packet.hpp"

namespace vis::media::rtp {

/// The header extensions this server understands.
enum class HeaderExtension : std::uint8_t {
  Mid,                   ///< RFC 9143: which m= section a packet belongs to.
  Rid,                   ///< RFC 8852: which simulcast layer.
  RepairedRid,           ///< RFC 8852: which layer an RTX packet repairs.
  AudioLevel,            ///< RFC 6464.
  TransportWideCc,       ///< draft-holmer-rmcat-transport-wide-cc-extensions-01.
  AbsSendTime,           ///< The WebRTC experiment "abs-send-time".
  VideoOrientation,      ///< 3GPP TS 26.114 (CVO).
  PlayoutDelay,          ///< The WebRTC experiment "playout-delay".
  DependencyDescriptor,  ///< RTP payload format for AV1, appendix A.
  AbsCaptureTime,        ///< The WebRTC experiment "abs-capture-time".
};
inline constexpr std::array kHeaderExtensions{
    HeaderExtension::Mid,
    HeaderExtension::Rid,
    HeaderExtension::RepairedRid,
    HeaderExtension::AudioLevel,
    HeaderExtension::TransportWideCc,
    HeaderExtension::AbsSendTime,
    HeaderExtension::VideoOrientation,
    HeaderExtension::PlayoutDelay,
    HeaderExtension::DependencyDescriptor,
    HeaderExtension::AbsCaptureTime,
};

/// The URI that names the extension in `a=extmap`.
std::string_view uri(HeaderExtension kind);
std::optional<HeaderExtension> header_extension_from_uri(std::string_view uri);

/// The ids that one media section negotiated for the extensions (RFC 8285 section 5). A small
/// value; two subscribers with equal maps can share one HeaderTemplate.
class ExtensionMap final {
 public:
  /// Nothing is added, and false returned, when the id is 0 or taken or the kind already has one.
  bool add(HeaderExtension kind, std::uint8_t id);

  /// 0 when not negotiated.
  std::uint8_t id(HeaderExtension kind) const { return ids_[static_cast<std::size_t>(kind)]; }
  bool has(HeaderExtension kind) const { return id(kind) != 0; }
  std::optional<HeaderExtension> kind(std::uint8_t id) const {
    if (id >= kinds_.size()) return kind_of_large(id);
    if (kinds_[id] == kNone) return std::nullopt;
    return static_cast<HeaderExtension>(kinds_[id]);
  }

  /// `a=extmap-allow-mixed`: whether the receiver takes the two-byte form at all.
  void allow_two_byte(bool allowed) { two_byte_allowed_ = allowed; }
  bool two_byte_allowed() const { return two_byte_allowed_; }

  friend bool operator==(const ExtensionMap&, const ExtensionMap&) = default;

 private:
  static constexpr std::uint8_t kNone = 0xFF;
  static constexpr std::size_t kSmallIds = 16;  ///< Those that the one-byte form has.
  static constexpr std::array<std::uint8_t, kSmallIds> no_kinds() {
    std::array<std::uint8_t, kSmallIds> none{};
    none.fill(kNone);
    return none;
  }
  std::optional<HeaderExtension> kind_of_large(std::uint8_t id) const;

  std::array<std::uint8_t, kHeaderExtensions.size()> ids_{};
  std::array<std::uint8_t, kSmallIds> kinds_ = no_kinds();  ///< By id, as `ids_` is by kind.
  bool two_byte_allowed_ = true;
};

/// RFC 6464: |V| level (7 bit) |, the level in -dBov, so 0 is the loudest and 127 is silence.
struct AudioLevel {
  static constexpr std::size_t kBytes = 1;
  bool voice = false;
  std::uint8_t level = 127;

  static std::optional<AudioLevel> parse(Bytes element);
  void write(ByteWriter& writer) const;
  friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};

/// 3GPP TS 26.114: |0 0 0 0 C F R1 R0|.
struct VideoOrientation {
  static constexpr std::size_t kBytes = 1;
  bool back_camera = false;
  bool flipped = false;
  std::uint8_t quarter_turns = 0;  ///< Clockwise turns of 90 degrees that show it upright.

  static std::optional<VideoOrientation> parse(Bytes element);
  void write(ByteWriter& writer) const;
  friend bool operator==(const VideoOrientation&, const VideoOrientation&) = default;
};

/// | min (12 bit) | max (12 bit) |, each in steps of 10 ms.
struct PlayoutDelay {
  static constexpr std::size_t kBytes = 3;
  static constexpr std::chrono::milliseconds kStep{10};
  static constexpr std::chrono::milliseconds kMax = 0xFFF * kStep;
  std::chrono::milliseconds min{0};
  std::chrono::milliseconds max{0};

  static std::optional<PlayoutDelay> parse(Bytes element);
  void write(ByteWriter& writer) const;
  friend bool operator==(const PlayoutDelay&, const PlayoutDelay&) = default;
};

/// An NTP time in 32.32 fixed point, and optionally the capturer's estimate of how far the
/// sender's clock is from its own.
struct AbsCaptureTime {
  static constexpr std::size_t kBytes = 8;
  static constexpr std::size_t kBytesWithOffset = 16;
  std::uint64_t ntp = 0;
  std::optional<std::int64_t> clock_offset = std::nullopt;

  static std::optional<AbsCaptureTime> parse(Bytes element);
  void write(ByteWriter& writer) const;
  friend bool operator==(const AbsCaptureTime&, const AbsCaptureTime&) = default;
};

inline constexpr std::size_t kTransportSequenceBytes = 2;
inline constexpr std::size_t kAbsSendTimeBytes = 3;

/// The 16-bit sequence number that counts all packets of a transport.
std::optional<std::uint16_t> parse_transport_sequence(Bytes element);
/// Seconds in 6.18 fixed point; wraps every 64 s.
std::optional<std::uint32_t> parse_abs_send_time(Bytes element);
std::uint32_t abs_send_time(TimePoint now);
/// A MID or RID: visible ASCII without spaces, 1 to 255 characters.
std::optional<std::string_view> parse_stream_id(Bytes element);

/// Everything known that one packet carries, read in a single walk. Of an extension that comes
/// twice the first one counts; a value of the wrong size counts as absent. The text and the
/// descriptor point into the packet.
struct ExtensionValues {
  std::optional<std::string_view> mid;
  std::optional<std::string_view> rid;
  std::optional<std::string_view> repaired_rid;
  std::optional<AudioLevel> audio_level;
  std::optional<std::uint16_t> transport_sequence;
  std::optional<std::uint32_t> abs_send_time;
  std::optional<VideoOrientation> video_orientation;
  std::optional<PlayoutDelay> playout_delay;
  Bytes dependency_descriptor;  ///< Empty when absent.
  std::optional<AbsCaptureTime> abs_capture_time;

  static ExtensionValues read(const ExtensionElements& elements, const ExtensionMap& map);
};

}  // namespace vis::media::rtp
