#include "media/sfu/layer_filter.hpp"

#include <bit>
#include <utility>

namespace vis::media::sfu {
namespace {

using rtp::LayerSet;

constexpr std::size_t spatial_of(LayerSet quality) {
  return static_cast<std::size_t>(std::countr_zero(quality)) / limits::kTemporalLayers;
}

/// The highest temporal layer of one spatial layer that is at most `temporal`, else the lowest.
LayerSet choose_temporal(LayerSet layers, std::size_t spatial, std::size_t temporal) {
  const LayerSet of_use = layers & ~rtp::temporal_layers_from(spatial, temporal + 1);
  return of_use != 0 ? std::bit_floor(of_use) : layers & (~layers + 1);
}

}  // namespace

LayerSet LayerFilter::spatial_layer_of(LayerSet quality) {
  return rtp::spatial_layer(spatial_of(quality));
}

LayerSet LayerFilter::choose(LayerSet offered, Wish wish) {
  for (std::size_t spatial = wish.spatial + std::size_t{1}; spatial-- > 0;) {
    const LayerSet layers = offered & rtp::spatial_layer(spatial);
    if (layers != 0) return choose_temporal(layers, spatial, wish.temporal);
  }
  for (std::size_t spatial = wish.spatial; spatial < limits::kSpatialLayers; ++spatial) {
    const LayerSet layers = offered & rtp::spatial_layer(spatial);
    if (layers != 0) return choose_temporal(layers, spatial, wish.temporal);
  }
  return rtp::layer_bit(0, 0);
}

void LayerFilter::begin(const LayerMarks& marks) {
  offered_ = marks.offered;
  withheld_ = 0;
  wanted_ = choose(offered_, wish_);
  move_to(wanted_);
}

void LayerFilter::move_to(LayerSet quality) {
  current_ = quality;
  spatial_ = static_cast<std::uint8_t>(spatial_of(quality));
}

void LayerFilter::review(const LayerMarks& marks) {
  offered_ = marks.offered;
  const LayerSet before = std::exchange(wanted_, choose(offered_, wish_));
  // A key frame, or one that depends on the base layer alone, makes good what was withheld.
  if (marks.switches == rtp::kAllLayers) {
    withheld_ = 0;
  } else if (marks.syncs) {
    withheld_ &= ~marks.switches;
  }
  const LayerSet best = reachable();
  // Spatial layers change with a whole picture.
  if (marks.starts_frame && (spatial_of(best) == spatial_ || marks.spatial == 0)) move_to(best);
  if (wanted_ != before && needs_key_frame()) asks_ = true;
}

LayerSet LayerFilter::reachable() const {
  if ((withheld_ & wanted_) == 0) return wanted_;
  // On the way up: further temporal layers, as they can be had.
  const LayerSet way = offered_ & spatial_layer_of(wanted_) & (wanted_ - 1) & ~withheld_;
  const LayerSet best = std::bit_floor(way);
  return best != 0 && (spatial_layer_of(wanted_) & current_) != 0 && best > current_ ? best
                                                                                     : current_;
}

}  // namespace vis::media::sfu
