#include "media/rtcp/source_description.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {
namespace {

constexpr std::uint8_t kEndOfItems = 0;
constexpr std::uint8_t kCname = 1;

struct Chunk {
  std::uint32_t ssrc = 0;
  std::optional<std::string_view> cname = std::nullopt;
};

/// Takes one chunk off the reader, with the padding behind it.
Chunk read_chunk(ByteReader& reader) {
  Chunk chunk{.ssrc = reader.u32()};
  for (std::uint8_t type = reader.u8(); type != kEndOfItems; type = reader.u8()) {
    const Bytes text = reader.take(reader.u8());
    if (type == kCname && !chunk.cname) chunk.cname = as_text(text);
  }
  while (reader.position() % 4 != 0 && reader.ok()) reader.skip(1);
  return chunk;
}

}  // namespace

std::optional<SourceDescription> SourceDescription::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  for (std::size_t i = 0; i < packet.count && reader.ok(); ++i) read_chunk(reader);
  if (!reader.ok()) return std::nullopt;
  return SourceDescription{.chunk_count = packet.count, .chunks = packet.body};
}

std::optional<std::string_view> SourceDescription::cname(std::uint32_t ssrc) const {
  ByteReader reader{chunks};
  for (std::size_t i = 0; i < chunk_count; ++i) {
    const Chunk chunk = read_chunk(reader);
    if (chunk.ssrc == ssrc) return chunk.cname;
  }
  return std::nullopt;
}

bool SourceDescription::write(ByteWriter& writer, std::uint32_t ssrc, std::string_view cname) {
  VIS_ASSERT(cname.size() <= kMaxCname);
  constexpr std::size_t kItemHeader = 2;
  const std::size_t unpadded = sizeof ssrc + kItemHeader + cname.size();
  // At least one zero ends the items.
  const std::size_t padded = (unpadded + 4) & ~std::size_t{3};
  if (!write_header(writer, 1, kSourceDescription, padded)) return false;
  writer.u32(ssrc);
  writer.u8(kCname);
  writer.u8(static_cast<std::uint8_t>(cname.size()));
  writer.bytes(as_bytes(cname));
  writer.zeros(padded - unpadded);
  return true;
}

}  // namespace vis::media::rtcp
