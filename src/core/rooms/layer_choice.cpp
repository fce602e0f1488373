#include "core/rooms/layer_choice.hpp"

#include <cstdint>

namespace vis::core::rooms {
namespace {

/// Compared in whole numbers: layer >= 0.9 * wanted.
bool is_large_enough(std::uint32_t layer, std::uint32_t wanted) {
  return std::uint64_t{layer} * 10 >= std::uint64_t{wanted} * 9;
}

VideoQuality quality_for_size(const TrackInfo& track, std::uint32_t width, std::uint32_t height) {
  for (const VideoLayer& layer : track.layers) {
    const bool portrait = layer.width < layer.height;
    if (portrait ? is_large_enough(layer.width, width) : is_large_enough(layer.height, height)) {
      return layer.quality;
    }
  }
  return VideoQuality::High;
}

}  // namespace

LayerTarget choose_layer(const TrackInfo& track, const std::optional<TrackSettings>& settings,
                         VideoQuality initial) {
  if (!settings) {
    return {.quality = track.kind == TrackKind::Video ? initial : VideoQuality::High};
  }
  LayerTarget target{.disabled = settings->disabled || settings->quality == VideoQuality::Off,
                     .fps = settings->fps};
  if (track.kind == TrackKind::Audio) return target;
  if (settings->width > 0 && settings->height > 0) {
    target.quality = quality_for_size(track, settings->width, settings->height);
  } else if (settings->quality != VideoQuality::Off) {
    target.quality = settings->quality;
  }
  return target;
}

}  // namespace vis::core::rooms
