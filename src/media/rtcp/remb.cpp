#include "media/rtcp/remb.hpp"

#include <bit>

#include "base/assert.hpp"
#include "media/rtcp/feedback.hpp"

namespace vis::media::rtcp {
namespace {

constexpr std::uint32_t kIdentifier = 0x52454D42;  // "REMB"
constexpr unsigned kMantissaBits = 18;

}  // namespace

std::optional<Remb> Remb::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  Remb remb;
  remb.sender_ssrc = FeedbackSsrcs::read(reader).sender;
  const std::uint32_t identifier = reader.u32();
  const std::size_t sources = reader.u8();
  const std::uint32_t bitrate = reader.u24();
  remb.sources = WireList<SsrcItem>{reader.take(sources * SsrcItem::kBytes)};
  if (!reader.ok() || identifier != kIdentifier) return std::nullopt;
  const unsigned exponent = bitrate >> kMantissaBits;
  const std::uint64_t mantissa = bitrate & ((1U << kMantissaBits) - 1);
  // A bitrate of more than 64 bits is nonsense, not a large number.
  if (std::bit_width(mantissa) + exponent > 64) return std::nullopt;
  remb.bitrate_bps = mantissa << exponent;
  return remb;
}

bool Remb::write(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                 std::span<const std::uint32_t> sources) {
  VIS_ASSERT(sources.size() <= 0xFF);
  if (!write_header(writer, kFormat, kPayloadSpecificFeedback,
                    FeedbackSsrcs::kBytes + 8 + sources.size() * SsrcItem::kBytes)) {
    return false;
  }
  const auto width = static_cast<unsigned>(std::bit_width(bitrate_bps));
  const unsigned exponent = width > kMantissaBits ? width - kMantissaBits : 0;
  FeedbackSsrcs{.sender = sender_ssrc, .media = 0}.write(writer);
  writer.u32(kIdentifier);
  writer.u8(static_cast<std::uint8_t>(sources.size()));
  writer.u24(static_cast<std::uint32_t>((exponent << kMantissaBits) | (bitrate_bps >> exponent)));
  for (const std::uint32_t ssrc : sources) writer.u32(ssrc);
  return true;
}

}  // namespace vis::media::rtcp
