#include "media/rtp/extensions.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::media::rtp {

std::string_view uri(HeaderExtension kind) {
  switch (kind) {
    case HeaderExtension::Mid: return "urn:ietf:params:rtp-hdrext:sdes:mid";
    case HeaderExtension::Rid: return "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    case HeaderExtension::RepairedRid:
      return "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    case HeaderExtension::AudioLevel: return "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    case HeaderExtension::TransportWideCc:
      return "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    case HeaderExtension::AbsSendTime:
      return "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    case HeaderExtension::VideoOrientation: return "urn:3gpp:video-orientation";
    case HeaderExtension::PlayoutDelay:
      return "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    case HeaderExtension::DependencyDescriptor:
      return "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-"
             "extension";
    case HeaderExtension::AbsCaptureTime:
      return "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
  }
  std::unreachable();
}

std::optional<HeaderExtension> header_extension_from_uri(std::string_view text) {
  for (const HeaderExtension kind : kHeaderExtensions) {
    if (uri(kind) == text) return kind;
  }
  return std::nullopt;
}

bool ExtensionMap::add(HeaderExtension kind, std::uint8_t id) {
  if (id == 0 || has(kind) || this->kind(id)) return false;
  ids_[static_cast<std::size_t>(kind)] = id;
  if (id < kinds_.size()) kinds_[id] = static_cast<std::uint8_t>(kind);
  return true;
}

std::optional<HeaderExtension> ExtensionMap::kind_of_large(std::uint8_t id) const {
  const auto at = std::ranges::find(ids_, id);
  if (at == ids_.end()) return std::nullopt;
  return static_cast<HeaderExtension>(at - ids_.begin());
}

std::optional<AudioLevel> AudioLevel::parse(Bytes element) {
  if (element.size() != kBytes) return std::nullopt;
  return AudioLevel{.voice = (element[0] & 0x80) != 0,
                    .level = static_cast<std::uint8_t>(element[0] & 0x7F)};
}

void AudioLevel::write(ByteWriter& writer) const {
  writer.u8(static_cast<std::uint8_t>((voice ? 0x80 : 0) | (level & 0x7F)));
}

std::optional<VideoOrientation> VideoOrientation::parse(Bytes element) {
  if (element.size() != kBytes) return std::nullopt;
  return VideoOrientation{.back_camera = (element[0] & 0x08) != 0,
                          .flipped = (element[0] & 0x04) != 0,
                          .quarter_turns = static_cast<std::uint8_t>(element[0] & 0x03)};
}

void VideoOrientation::write(ByteWriter& writer) const {
  writer.u8(static_cast<std::uint8_t>((back_camera ? 0x08 : 0) | (flipped ? 0x04 : 0) |
                                      (quarter_turns & 0x03)));
}

std::optional<PlayoutDelay> PlayoutDelay::parse(Bytes element) {
  if (element.size() != kBytes) return std::nullopt;
  const std::uint32_t both = ByteReader{element}.u24();
  const PlayoutDelay delay{.min = (both >> 12) * kStep, .max = (both & 0xFFF) * kStep};
  if (delay.min > delay.max) return std::nullopt;
  return delay;
}

void PlayoutDelay::write(ByteWriter& writer) const {
  VIS_ASSERT(min >= std::chrono::milliseconds{0} && min <= max && max <= kMax);
  writer.u24(static_cast<std::uint32_t>(((min / kStep) << 12) | (max / kStep)));
}

std::optional<AbsCaptureTime> AbsCaptureTime::parse(Bytes element) {
  if (element.size() != kBytes && element.size() != kBytesWithOffset) return std::nullopt;
  ByteReader reader{element};
  AbsCaptureTime time{.ntp = reader.u64()};
  if (!reader.at_end()) time.clock_offset = static_cast<std::int64_t>(reader.u64());
  return time;
}

void AbsCaptureTime::write(ByteWriter& writer) const {
  writer.u64(ntp);
  if (clock_offset) writer.u64(static_cast<std::uint64_t>(*clock_offset));
}

std::optional<std::uint16_t> parse_transport_sequence(Bytes element) {
  if (element.size() != kTransportSequenceBytes) return std::nullopt;
  return ByteReader{element}.u16();
}

std::optional<std::uint32_t> parse_abs_send_time(Bytes element) {
  if (element.size() != kAbsSendTimeBytes) return std::nullopt;
  return ByteReader{element}.u24();
}

std::uint32_t abs_send_time(TimePoint now) {
  constexpr std::chrono::nanoseconds kWrap = std::chrono::seconds{64};
  const auto within =
      static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::nanoseconds{1}) %
      static_cast<std::uint64_t>(kWrap.count());
  return static_cast<std::uint32_t>((within << 18) / 1'000'000'000U);
}

std::optional<std::string_view> parse_stream_id(Bytes element) {
  const bool visible =
      std::ranges::all_of(element, [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; });
  if (element.empty() || !visible) return std::nullopt;
  return as_text(element);
}

ExtensionValues ExtensionValues::read(const ExtensionElements& elements, const ExtensionMap& map) {
  ExtensionValues values;
  std::uint32_t seen = 0;
  for (const ExtensionElement& element : elements) {
    const std::optional<HeaderExtension> kind = map.kind(element.id);
    if (!kind) continue;
    const std::uint32_t bit = 1U << static_cast<unsigned>(*kind);
    if ((seen & bit) != 0) continue;
    seen |= bit;
    switch (*kind) {
      case HeaderExtension::Mid: values.mid = parse_stream_id(element.data); break;
      case HeaderExtension::Rid: values.rid = parse_stream_id(element.data); break;
      case HeaderExtension::RepairedRid: values.repaired_rid = parse_stream_id(element.data); break;
      case HeaderExtension::AudioLevel: values.audio_level = AudioLevel::parse(element.data); break;
      case HeaderExtension::TransportWideCc:
        values.transport_sequence = parse_transport_sequence(element.data);
        break;
      case HeaderExtension::AbsSendTime:
        values.abs_send_time = parse_abs_send_time(element.data);
        break;
      case HeaderExtension::VideoOrientation:
        values.video_orientation = VideoOrientation::parse(element.data);
        break;
      case HeaderExtension::PlayoutDelay:
        values.playout_delay = PlayoutDelay::parse(element.data);
        break;
      case HeaderExtension::DependencyDescriptor:
        values.dependency_descriptor = element.data;
        break;
      case HeaderExtension::AbsCaptureTime:
        values.abs_capture_time = AbsCaptureTime::parse(element.data);
        break;
    }
  }
  return values;
}

}  // namespace vis::media::rtp
