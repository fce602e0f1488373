#pragma once

#include <optional>

#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

/// Turns what a subscriber shows into the layer it should get. With a size: the smallest layer of
/// at least 0.9 times the wanted height (width for a portrait), so that nothing is scaled up
/// visibly. Without settings: `initial`.
LayerTarget choose_layer(const TrackInfo& track, const std::optional<TrackSettings>& settings,
                         VideoQuality initial);

}  // namespace vis::core::rooms
