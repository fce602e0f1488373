#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/limits/media_rtp.hpp"
#include "media/rtp/layer_set.hpp"

namespace vis::media::rtp {

/// Which layer frames made from one template belong to.
struct DependencyTemplate {
  std::uint8_t spatial_id = 0;
  std::uint8_t temporal_id = 0;

  friend bool operator==(const DependencyTemplate&, const DependencyTemplate&) = default;
};

/// What a frame is to the decode targets of its stream.
struct FrameIndications {
  LayerSet present = 0;   ///< The targets that it is part of.
  LayerSet switches = 0;  ///< Of these, the ones that can be decoded from this frame on.
};

/// The template structure that a key frame attaches and the frames after it refer to. Kept by
/// whoever reads the stream, one per source: the small part that choosing layers needs.
struct DependencyStructure {
  std::uint8_t template_id_offset = 0;
  std::uint8_t template_count = 0;
  std::uint8_t decode_target_count = 0;
  std::uint8_t chain_count = 0;
  std::uint8_t max_spatial_id = 0;
  std::uint8_t max_temporal_id = 0;
  std::array<DependencyTemplate, limits::kDependencyTemplates> templates{};
  /// The highest layer that each decode target contains.
  std::array<DependencyTemplate, limits::kDecodeTargets> decode_targets{};
  std::array<FrameIndications, limits::kDependencyTemplates> indications{};  ///< By template.
  LayerSet active = 0;             ///< The decode targets that are sent at present.
  std::uint16_t frame_number = 0;  ///< Of the frame that said so last.
  /// Width and height of each spatial layer, where sent.
  bool has_resolutions = false;
  std::array<std::array<std::uint32_t, 2>, limits::kSpatialLayers> resolutions{};

  /// Nothing when no template has this id.
  std::optional<DependencyTemplate> find(std::uint8_t template_id) const;
  std::optional<std::size_t> index_of(std::uint8_t template_id) const;
  /// Decode targets as bits, first one lowest, as sets of layers.
  LayerSet layers_of(std::uint32_t targets) const;
};

/// The dependency descriptor header extension (RTP payload format for AV1, appendix A.8). The
/// first three bytes, alone on most packets:
///
///      0                   1                   2
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |S|E|template id|          frame number         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct DependencyDescriptor {
  static constexpr std::size_t kMandatoryBytes = 3;

  bool start_of_frame = false;
  bool end_of_frame = false;
  std::uint8_t template_id = 0;
  std::uint16_t frame_number = 0;
  bool has_structure = false;  ///< On the first packet of a key frame, and only there.
  std::optional<std::uint32_t> active_decode_targets;  ///< One bit each, when sent.
  /// The frame's template is known; the next three fields are set.
  bool has_layers = false;
  std::uint8_t spatial_id = 0;
  std::uint8_t temporal_id = 0;
  FrameIndications indications{};

  /// Where the frame number stands, for whoever renumbers frames.
  static constexpr std::size_t kFrameNumberAt = 1;

  /// Reads the descriptor. A structure that it attaches is written to `structure`, which otherwise
  /// is the one last attached and is needed to read what follows it; one that comes late, after a
  /// newer one, is not. On failure (a field past the end, a count over its limit) nothing is
  /// returned and `structure` is left as it was.
  static std::optional<DependencyDescriptor> parse(Bytes element, DependencyStructure& structure);

  bool starts_key_frame() const { return start_of_frame && has_structure; }
};

}  // namespace vis::media::rtp
