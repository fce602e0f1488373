#include "media/rtp/vp8.hpp"

namespace vis::media::rtp {

std::optional<Vp8Descriptor> Vp8Descriptor::parse(Bytes payload) {
  ByteReader reader{payload};
  Vp8Descriptor vp8;
  const std::uint8_t first = reader.u8();
  vp8.non_reference = (first & 0x20) != 0;
  vp8.start_of_partition = (first & 0x10) != 0;
  vp8.partition = first & 0x07;
  const std::uint8_t optional_fields = (first & 0x80) != 0 ? reader.u8() : 0;
  if ((optional_fields & 0x80) != 0) vp8.numbers.read_picture_id(reader);
  if ((optional_fields & 0x40) != 0) vp8.numbers.read_tl0_picture_index(reader);
  if ((optional_fields & 0x30) != 0) {
    const std::uint8_t layer = reader.u8();
    if ((optional_fields & 0x20) != 0) {
      vp8.temporal_id = static_cast<std::uint8_t>(layer >> 6);
      vp8.layer_sync = (layer & 0x20) != 0;
    }
    if ((optional_fields & 0x10) != 0) vp8.key_index = static_cast<std::uint8_t>(layer & 0x1F);
  }
  vp8.size = reader.position();
  // The payload header's P bit (RFC 7741 section 4.3) is 0 for key frames.
  const std::uint8_t frame_tag = reader.u8();
  if (!reader.ok()) return std::nullopt;
  vp8.key_frame = vp8.starts_frame() && (frame_tag & 0x01) == 0;
  return vp8;
}

}  // namespace vis::media::rtp
