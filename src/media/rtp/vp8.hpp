#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

/// The counters of a VP8 stream that break when layers are switched or frames left out.
struct Vp8Counters {
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_picture_index = 0;
};

/// The VP8 payload descriptor, RFC 7741 section 4.2:
///
///        0 1 2 3 4 5 6 7
///       +-+-+-+-+-+-+-+-+
///       |X|R|N|S|R| PID | (REQUIRED)
///       +-+-+-+-+-+-+-+-+
///  X:   |I|L|T|K| RSV   | (OPTIONAL)
///       +-+-+-+-+-+-+-+-+
///  I:   |M| PictureID   | (OPTIONAL)
///       +-+-+-+-+-+-+-+-+
///       |   PictureID   |
///       +-+-+-+-+-+-+-+-+
///  L:   |   TL0PICIDX   | (OPTIONAL)
///       +-+-+-+-+-+-+-+-+
///  T/K: |TID|Y| KEYIDX  | (OPTIONAL)
///       +-+-+-+-+-+-+-+-+
struct Vp8Descriptor {
  static constexpr std::size_t kMaxBytes = 6;

  bool non_reference = false;       ///< N: no later frame depends on this one.
  bool start_of_partition = false;  ///< S.
  std::uint8_t partition = 0;       ///< PID.
  std::optional<std::uint16_t> picture_id;
  bool wide_picture_id = false;  ///< M: 15 bits instead of 7.
  std::optional<std::uint8_t> tl0_picture_index;
  std::optional<std::uint8_t> temporal_id;
  bool layer_sync = false;  ///< Y: depends on the base layer only, so a receiver may move up here.
  std::optional<std::uint8_t> key_index;
  bool key_frame = false;  ///< The first packet of a key frame.
  std::size_t size = 0;    ///< Bytes of the descriptor.

  /// Nothing when the payload ends within the descriptor or right behind it.
  static std::optional<Vp8Descriptor> parse(Bytes payload);

  bool starts_frame() const { return start_of_partition && partition == 0; }

  /// Overwrites the counters in a copy of the descriptor's `size` bytes. A field that is absent
  /// stays absent, and a 7-bit picture id stays one, so the size never changes.
  void rewrite(MutableBytes descriptor, Vp8Counters counters) const;
};

}  // namespace vis::media::rtp
