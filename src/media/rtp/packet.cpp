#include "media/rtp/packet.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::uint8_t kVersionMask = 0xC0;
constexpr std::uint8_t kVersion2 = 0x80;
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kExtensionBit = 0x10;
constexpr std::uint8_t kCsrcCountMask = 0x0F;

bool elements_fit(const Header& header) {
  auto it = header.elements().begin();
  while (it != std::default_sentinel) ++it;
  return !it.overrun();
}

}  // namespace

std::optional<Header> Header::parse(Bytes packet) {
  ByteReader reader{packet};
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  Header header{
      .padding = (first & kPaddingBit) != 0,
      .marker = (second & 0x80) != 0,
      .payload_type = static_cast<std::uint8_t>(second & 0x7F),
      .sequence = reader.u16(),
      .timestamp = reader.u32(),
      .ssrc = reader.u32(),
      .csrcs = reader.take(std::size_t{4} * (first & kCsrcCountMask)),
  };
  if ((first & kExtensionBit) != 0) {
    header.extension_profile = reader.u16();
    header.extension_block = reader.take(std::size_t{4} * reader.u16());
  }
  header.size = reader.position();
  if (!reader.ok() || (first & kVersionMask) != kVersion2) return std::nullopt;
  if (!elements_fit(header)) return std::nullopt;
  return header;
}

std::optional<PacketView> PacketView::parse(Bytes packet) {
  const std::optional<Header> header = Header::parse(packet);
  if (!header) return std::nullopt;
  std::size_t padding_bytes = 0;
  if (header->padding) {
    if (packet.size() == header->size) return std::nullopt;
    padding_bytes = packet.back();
    if (padding_bytes == 0 || padding_bytes > packet.size() - header->size) return std::nullopt;
  }
  return PacketView{packet, *header, padding_bytes};
}

std::optional<Bytes> PacketView::element(std::uint8_t id) const {
  for (const ExtensionElement& element : elements()) {
    if (element.id == id) return element.data;
  }
  return std::nullopt;
}

}  // namespace vis::media::rtp
