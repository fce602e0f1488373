#include "media/rtcp/goodbye.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {

std::optional<Goodbye> Goodbye::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  Goodbye goodbye;
  goodbye.sources = WireList<SsrcItem>{reader.take(packet.count * SsrcItem::kBytes)};
  if (!reader.at_end()) goodbye.reason = as_text(reader.take(reader.u8()));
  if (!reader.ok()) return std::nullopt;
  return goodbye;
}

bool Goodbye::write(ByteWriter& writer, std::span<const std::uint32_t> sources) {
  VIS_ASSERT(sources.size() <= kMaxCount);
  if (!write_header(writer, static_cast<std::uint8_t>(sources.size()), kGoodbye,
                    sources.size() * SsrcItem::kBytes)) {
    return false;
  }
  for (const std::uint32_t ssrc : sources) writer.u32(ssrc);
  return true;
}

}  // namespace vis::media::rtcp
