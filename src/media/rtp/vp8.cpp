#include "media/rtp/vp8.hpp"

#include "base/assert.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::size_t kPictureIdAt = 2;

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(Bytes payload) {
  ByteReader reader{payload};
  Vp8Descriptor vp8;
  const std::uint8_t first = reader.u8();
  vp8.non_reference = (first & 0x20) != 0;
  vp8.start_of_partition = (first & 0x10) != 0;
  vp8.partition = first & 0x07;
  const std::uint8_t optional_fields = (first & 0x80) != 0 ? reader.u8() : 0;
  if ((optional_fields & 0x80) != 0) {
    const std::uint8_t high = reader.u8();
    vp8.wide_picture_id = (high & 0x80) != 0;
    vp8.picture_id = static_cast<std::uint16_t>(high & 0x7F);
    if (vp8.wide_picture_id) {
      vp8.picture_id = static_cast<std::uint16_t>((high & 0x7F) << 8 | reader.u8());
    }
  }
  if ((optional_fields & 0x40) != 0) vp8.tl0_picture_index = reader.u8();
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

void Vp8Descriptor::rewrite(MutableBytes descriptor, Vp8Counters counters) const {
  VIS_ASSERT(descriptor.size() == size);
  std::size_t at = kPictureIdAt;
  if (picture_id && wide_picture_id) {
    descriptor[at++] = static_cast<std::uint8_t>(0x80 | (counters.picture_id >> 8));
    descriptor[at++] = static_cast<std::uint8_t>(counters.picture_id);
  } else if (picture_id) {
    descriptor[at++] = static_cast<std::uint8_t>(counters.picture_id & 0x7F);
  }
  if (tl0_picture_index) descriptor[at] = counters.tl0_picture_index;
}

}  // namespace vis::media::rtp
