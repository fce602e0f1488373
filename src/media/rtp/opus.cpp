#include "media/rtp/opus.hpp"

#include <array>
#include <cstdint>

namespace vis::media::rtp {
namespace {

constexpr Duration kLongestPacket = 120ms;

/// RFC 6716 table 2: configurations 0-11 are SILK, 12-15 hybrid, 16-31 CELT.
Duration frame_duration(std::uint8_t configuration) {
  constexpr std::array<Duration, 4> kSilk{10ms, 20ms, 40ms, 60ms};
  constexpr std::array<Duration, 2> kHybrid{10ms, 20ms};
  constexpr std::array<Duration, 4> kCelt{2500us, 5ms, 10ms, 20ms};
  if (configuration < 12) return kSilk[configuration % 4];
  if (configuration < 16) return kHybrid[configuration % 2];
  return kCelt[configuration % 4];
}

}  // namespace

std::optional<Duration> OpusPayload::duration(Bytes payload) {
  ByteReader reader{payload};
  const std::uint8_t contents = reader.u8();
  std::size_t frames = 0;
  switch (contents & 0x03) {
    case 0: frames = 1; break;
    case 1:
    case 2: frames = 2; break;
    default: frames = reader.u8() & 0x3FU; break;
  }
  if (!reader.ok()) return std::nullopt;
  const Duration total =
      static_cast<std::int64_t>(frames) * frame_duration(static_cast<std::uint8_t>(contents >> 3));
  if (frames == 0 || total > kLongestPacket) return std::nullopt;
  return total;
}

}  // namespace vis::media::rtp
