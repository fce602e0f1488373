#pragma once

#include <cstdint>

#include "base/limits/media_rtp.hpp"

namespace vis::media::rtp {

/// A set of the qualities in which a scalable stream can be decoded (decode targets), one bit for
/// each pair of a spatial and a temporal layer. Whether a frame is part of what a subscriber gets
/// is one AND of two such sets.
using LayerSet = std::uint32_t;

static_assert(limits::kSpatialLayers * limits::kTemporalLayers == 32);
inline constexpr LayerSet kAllLayers = 0xFFFF'FFFF;
inline constexpr LayerSet kAllTemporalLayers = 0xFF;

constexpr LayerSet layer_bit(std::size_t spatial, std::size_t temporal) {
  return LayerSet{1} << (spatial * limits::kTemporalLayers + temporal);
}
/// All temporal layers of one spatial layer, from `temporal` up.
constexpr LayerSet temporal_layers_from(std::size_t spatial, std::size_t temporal) {
  return ((kAllTemporalLayers << temporal) & kAllTemporalLayers)
         << (spatial * limits::kTemporalLayers);
}
constexpr LayerSet spatial_layer(std::size_t spatial) { return temporal_layers_from(spatial, 0); }

}  // namespace vis::media::rtp
