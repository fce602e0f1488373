#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

/// The counters of a VP8 or VP9 payload descriptor (RFC 7741, RFC 9628), which break when streams
/// are switched or frames left out, and where in the descriptor they stand.
struct PictureNumbers {
  /// Bytes of a descriptor up to its last counter, at the most.
  static constexpr std::size_t kMaxHeadBytes = 5;
  static constexpr std::uint16_t kPictureIdMask = 0x7FFF;

  std::optional<std::uint16_t> picture_id{};
  bool wide_picture_id = false;  ///< 15 bits instead of 7.
  std::optional<std::uint8_t> tl0_picture_index{};
  std::uint8_t picture_id_at = 0;
  std::uint8_t tl0_picture_index_at = 0;

  void read_picture_id(ByteReader& reader) {
    picture_id_at = static_cast<std::uint8_t>(reader.position());
    const std::uint8_t high = reader.u8();
    wide_picture_id = (high & 0x80) != 0;
    picture_id = static_cast<std::uint16_t>(high & 0x7F);
    if (wide_picture_id) {
      picture_id = static_cast<std::uint16_t>((high & 0x7F) << 8 | reader.u8());
    }
  }
  void read_tl0_picture_index(ByteReader& reader) {
    tl0_picture_index_at = static_cast<std::uint8_t>(reader.position());
    tl0_picture_index = reader.u8();
  }

  /// Bytes up to the last counter; 0 without any.
  std::size_t head_size() const {
    if (tl0_picture_index) return tl0_picture_index_at + std::size_t{1};
    return picture_id ? picture_id_at + (wide_picture_id ? std::size_t{2} : std::size_t{1}) : 0;
  }

  /// Overwrites the counters in a copy of the descriptor's first `head_size` bytes. One that is
  /// absent stays absent, and a 7-bit picture id stays one, so the size never changes.
  void rewrite(MutableBytes head, std::uint16_t new_picture_id, std::uint8_t new_tl0) const {
    if (picture_id && wide_picture_id) {
      head[picture_id_at] = static_cast<std::uint8_t>(0x80 | (new_picture_id >> 8));
      head[picture_id_at + 1U] = static_cast<std::uint8_t>(new_picture_id);
    } else if (picture_id) {
      head[picture_id_at] = static_cast<std::uint8_t>(new_picture_id & 0x7F);
    }
    if (tl0_picture_index) head[tl0_picture_index_at] = new_tl0;
  }
};

}  // namespace vis::media::rtp
