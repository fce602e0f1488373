#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "media/rtp/dependency_descriptor.hpp"
#include "media/rtp/layer_set.hpp"
#include "media/rtp/picture_numbers.hpp"
#include "media/rtp/sequence.hpp"
#include "media/rtp/vp8.hpp"
#include "media/rtp/vp9.hpp"

namespace vis::media::sfu {

/// The codecs whose payloads the engine knows something about.
enum class CodecKind : std::uint8_t { Opus, Red, Vp8, Vp9, H264, Av1, H265, Other };

/// From a mime type in lower case, such as `video/vp8`.
CodecKind codec_kind(std::string_view mime_type);

/// Where a packet stands among the layers of its stream. One of a stream without layers belongs to
/// all sets.
struct LayerMarks {
  rtp::LayerSet present = rtp::kAllLayers;       ///< The qualities that it is part of.
  rtp::LayerSet switches = 0;                    ///< Those that can be decoded from this packet on.
  rtp::LayerSet offered = rtp::layer_bit(0, 0);  ///< All that the stream has at present.
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  bool starts_frame = false;  ///< Of its spatial layer; not known of every codec.
  bool ends_frame = false;
  /// It refers to nothing but frames of the base layer, so that whoever has these can take it.
  bool syncs = false;
};

/// What forwarding needs to know of one payload.
struct PayloadInfo {
  bool starts_key_frame = false;  ///< A decoder can begin with this packet.
  LayerMarks layers;
  rtp::PictureNumbers numbers;
  /// The picture id in 64 bits, of pictures that may be renumbered one by one (VP8).
  std::optional<std::int64_t> picture;
  /// The dependency descriptor's, where there is one.
  std::optional<std::uint16_t> frame_number;
};

/// Reads what one stream's packets say of themselves, by their payload descriptors and by the
/// dependency descriptor, which goes before. Keeps what later packets refer to. Owned by the
/// stream's Layer.
///
/// Of payloads that are encrypted end to end nothing is required: what cannot be read is no key
/// frame, and where there is a dependency descriptor, it alone tells key frames.
class PayloadInspector final {
 public:
  PayloadInspector(CodecKind codec, bool encrypted) : codec_(codec), encrypted_(encrypted) {}

  struct Packet {
    Bytes payload;
    Bytes dependency_descriptor{};  ///< The header extension's element; empty without one.
  };
  /// Nothing for a malformed descriptor: such a packet is dropped, for it may crash a receiver.
  std::optional<PayloadInfo> inspect(const Packet& packet);
  /// The same for a packet that was inspected before; nothing is learned from it.
  std::optional<PayloadInfo> recall(const Packet& packet) const;

 private:
  std::optional<PayloadInfo> read_payload(Bytes payload) const;
  PayloadInfo read_vp8(const rtp::Vp8Descriptor& vp8) const;
  PayloadInfo read_vp9(const rtp::Vp9Descriptor& vp9) const;
  bool read_descriptor(Bytes element, rtp::DependencyStructure& structure, PayloadInfo& info) const;

  CodecKind codec_;
  bool encrypted_;
  rtp::DependencyStructure structure_;
  rtp::Unwrapper<std::uint16_t> pictures_;
  /// Layers seen, where nothing announces them.
  std::uint8_t spatial_layers_ = 1;
  std::uint8_t temporal_layers_ = 1;
};

}  // namespace vis::media::sfu
