#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "media/rtp/picture_numbers.hpp"

namespace vis::media::rtp {

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
  PictureNumbers numbers;           ///< PictureID, TL0PICIDX.
  std::optional<std::uint8_t> temporal_id;
  bool layer_sync = false;  ///< Y: depends on the base layer only, so a receiver may move up here.
  std::optional<std::uint8_t> key_index;
  bool key_frame = false;  ///< The first packet of a key frame.
  std::size_t size = 0;    ///< Bytes of the descriptor.

  /// Nothing when the payload ends within the descriptor or right behind it.
  static std::optional<Vp8Descriptor> parse(Bytes payload);

  bool starts_frame() const { return start_of_partition && partition == 0; }
};

}  // namespace vis::media::rtp
