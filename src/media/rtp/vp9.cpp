#include "media/rtp/vp9.hpp"

namespace vis::media::rtp {

std::optional<Vp9Descriptor> Vp9Descriptor::parse(Bytes payload) {
  ByteReader reader{payload};
  Vp9Descriptor vp9;
  const std::uint8_t first = reader.u8();
  const bool has_picture_id = (first & 0x80) != 0;
  vp9.inter_picture = (first & 0x40) != 0;
  vp9.has_layers = (first & 0x20) != 0;
  vp9.flexible = (first & 0x10) != 0;
  vp9.start_of_frame = (first & 0x08) != 0;
  vp9.end_of_frame = (first & 0x04) != 0;
  const bool has_structure = (first & 0x02) != 0;
  vp9.not_reference = (first & 0x01) != 0;

  if (has_picture_id) vp9.numbers.read_picture_id(reader);
  if (vp9.has_layers) vp9.parse_layers(reader);
  if (vp9.flexible && vp9.inter_picture) skip_references(reader);
  if (has_structure) vp9.parse_scalability_structure(reader);
  if (!reader.ok() || reader.at_end()) return std::nullopt;
  vp9.size = reader.position();
  return vp9;
}

void Vp9Descriptor::parse_layers(ByteReader& reader) {
  const std::uint8_t layer = reader.u8();
  temporal_id = static_cast<std::uint8_t>(layer >> 5);
  switching_up = (layer & 0x10) != 0;
  spatial_id = static_cast<std::uint8_t>((layer >> 1) & 0x07);
  inter_layer = (layer & 0x01) != 0;
  if (!flexible) numbers.read_tl0_picture_index(reader);
}

void Vp9Descriptor::skip_references(ByteReader& reader) {
  for (std::size_t i = 0; i < kMaxReferences; ++i) {
    const bool another = (reader.u8() & 0x01) != 0;
    if (!another) return;
  }
  // A fourth reference is not allowed: fail the reader rather than guess where the payload starts.
  reader.skip(reader.remaining() + 1);
}

/// RFC 9628 section 4.2.1: | N_S |Y|G|-|-|-|, the sizes when Y, the picture group when G.
void Vp9Descriptor::parse_scalability_structure(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  spatial_layers = static_cast<std::uint8_t>((first >> 5) + 1);
  has_resolutions = (first & 0x10) != 0;
  if (has_resolutions) {
    for (std::size_t i = 0; i < spatial_layers; ++i) {
      resolutions[i] = {.width = reader.u16(), .height = reader.u16()};
    }
  }
  const bool has_picture_group = (first & 0x08) != 0;
  if (!has_picture_group) return;
  const std::size_t pictures = reader.u8();
  for (std::size_t i = 0; i < pictures && reader.ok(); ++i) {
    const std::size_t references = (reader.u8() >> 2) & 0x03;
    reader.skip(references);
  }
}

}  // namespace vis::media::rtp
