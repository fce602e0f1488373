#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "media/rtp/picture_numbers.hpp"

namespace vis::media::rtp {

/// The size that a VP9 scalability structure names for one spatial layer.
struct Vp9Resolution {
  std::uint16_t width = 0;
  std::uint16_t height = 0;

  friend bool operator==(const Vp9Resolution&, const Vp9Resolution&) = default;
};

/// The VP9 payload descriptor, RFC 9628 section 4.2 (flexible and non-flexible mode):
///
///        0 1 2 3 4 5 6 7
///       +-+-+-+-+-+-+-+-+
///       |I|P|L|F|B|E|V|Z| (REQUIRED)
///       +-+-+-+-+-+-+-+-+
///  I:   |M| PICTURE ID  | (REQUIRED)
///       +-+-+-+-+-+-+-+-+
///  M:   | EXTENDED PID  | (RECOMMENDED)
///       +-+-+-+-+-+-+-+-+
///  L:   | TID |U| SID |D| (CONDITIONALLY RECOMMENDED)
///       +-+-+-+-+-+-+-+-+
///       |   TL0PICIDX   | (CONDITIONALLY REQUIRED, only when F is 0)
///       +-+-+-+-+-+-+-+-+
///  P,F: | P_DIFF      |N| (CONDITIONALLY REQUIRED, up to 3 times)
///       +-+-+-+-+-+-+-+-+
///  V:   | SS ...        |
///       +-+-+-+-+-+-+-+-+
struct Vp9Descriptor {
  static constexpr std::size_t kMaxSpatialLayers = 8;
  static constexpr std::size_t kMaxReferences = 3;

  PictureNumbers numbers;           ///< Picture id; TL0PICIDX in non-flexible mode.
  bool inter_picture = false;       ///< P: predicted from earlier pictures.
  bool flexible = false;            ///< F.
  bool start_of_frame = false;      ///< B: of this spatial layer's frame.
  bool end_of_frame = false;        ///< E.
  bool not_reference = false;       ///< Z: no upper spatial layer refers to this frame.
  bool has_layers = false;          ///< L: the next four fields were sent.
  std::uint8_t temporal_id = 0;     ///< TID.
  std::uint8_t spatial_id = 0;      ///< SID.
  bool switching_up = false;        ///< U: a receiver may move up to this temporal layer here.
  bool inter_layer = false;         ///< D: predicted from the spatial layer below.
  std::uint8_t spatial_layers = 0;  ///< From the scalability structure; 0 without one.
  bool has_resolutions = false;
  std::array<Vp9Resolution, kMaxSpatialLayers> resolutions{};
  std::size_t size = 0;  ///< Bytes of the descriptor.

  /// Nothing when the payload ends within the descriptor or right behind it.
  static std::optional<Vp9Descriptor> parse(Bytes payload);

  /// The first packet of a picture that needs nothing before it.
  bool starts_key_frame() const {
    return !inter_picture && start_of_frame && spatial_id == 0 && !inter_layer;
  }

 private:
  void parse_layers(ByteReader& reader);
  static void skip_references(ByteReader& reader);
  void parse_scalability_structure(ByteReader& reader);
};

}  // namespace vis::media::rtp
