#include "media/rtcp/packet.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {

std::optional<Packet> Packet::parse(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  Packet packet{.count = static_cast<std::uint8_t>(first & 0x1F), .type = reader.u8()};
  packet.body = reader.take(std::size_t{4} * reader.u16());
  if (!reader.ok() || (first >> 6) != 2) return std::nullopt;
  const bool padded = (first & 0x20) != 0;
  if (!padded) return packet;
  if (packet.body.empty()) return std::nullopt;
  const std::size_t padding = packet.body.back();
  if (padding == 0 || padding > packet.body.size()) return std::nullopt;
  packet.body = packet.body.first(packet.body.size() - padding);
  return packet;
}

bool write_header(ByteWriter& writer, std::uint8_t count, std::uint8_t type,
                  std::size_t body_bytes) {
  VIS_ASSERT(body_bytes % 4 == 0 && count <= kMaxCount);
  if (writer.remaining() < kHeaderBytes + body_bytes) return false;
  writer.u8(static_cast<std::uint8_t>(0x80 | count));
  writer.u8(type);
  writer.u16(static_cast<std::uint16_t>(body_bytes / 4));
  return true;
}

}  // namespace vis::media::rtcp
