#include "media/congestion/allocator.hpp"

#include <algorithm>
#include <utility>

namespace vis::media::congestion {
namespace {

using Level = std::optional<std::uint8_t>;

constexpr std::array kOrder{Priority::ScreenShare, Priority::Focus, Priority::Other};

BitRate rate_of(const VideoDemand& demand, Level level) {
  return level ? demand.layers[*level] : BitRate{};
}

/// The next layer above that is there and of use.
Level layer_above(const VideoDemand& demand, Level level) {
  const std::size_t end =
      std::min<std::size_t>(demand.max_layer + std::size_t{1}, VideoDemand::kLayers);
  for (std::size_t next = level ? *level + std::size_t{1} : 0; next < end; ++next) {
    if (demand.layers[next] > BitRate{}) return static_cast<std::uint8_t>(next);
  }
  return std::nullopt;
}

/// Without a layer that the subscriber has use for, the smallest there is.
Level lowest_layer(const VideoDemand& demand) {
  if (const Level useful = layer_above(demand, std::nullopt)) return useful;
  for (std::uint8_t layer = 0; layer < VideoDemand::kLayers; ++layer) {
    if (demand.layers[layer] > BitRate{}) return layer;
  }
  return std::nullopt;
}

/// What is left of the decision before where the subscriber may have asked for less, and the
/// publisher have ceased to send some layers: having less than this is for want of room.
Level kept_at_best(const VideoDemand& demand) {
  Level best;
  for (Level next = lowest_layer(demand); next && next <= demand.before;
       next = layer_above(demand, next)) {
    best = next;
  }
  return best;
}

/// A budget that is being given away.
class Budget final {
 public:
  Budget(TimePoint now, BitRate rate) : now_(now), left_(rate) {}

  /// Lets the demand have that layer in place of the one it has got so far, if there is room.
  bool grant(VideoDemand& demand, Level layer) {
    const BitRate cost = rate_of(demand, layer) - rate_of(demand, demand.layer);
    const bool more = layer > demand.before;
    if (more && !is_patient(demand)) return false;
    if (cost * (more ? Allocator::kRoomForMore : 1.0) > left_) return false;
    force(demand, layer);
    return true;
  }
  /// The same, if there is room or not.
  void force(VideoDemand& demand, Level layer) {
    left_ = left_ - rate_of(demand, layer) + rate_of(demand, demand.layer);
    demand.layer = layer;
  }

 private:
  bool is_patient(const VideoDemand& demand) const {
    return !demand.lowered_at || now_ - *demand.lowered_at >= Allocator::kPatience;
  }

  TimePoint now_;
  BitRate left_;
};

template <typename Act>
void in_order(std::span<VideoDemand> demands, Act act) {
  for (const Priority priority : kOrder) {
    for (VideoDemand& demand : demands) {
      if (demand.priority == priority) act(demand);
    }
  }
}

/// Whether a track that does not fit is sent all the same: what was sent is not taken away for a
/// moment's want of room.
bool is_kept(TimePoint now, const Allocator::Path& path, VideoDemand& demand) {
  if (!path.may_pause) return true;
  if (demand.paused || !demand.before) return false;
  if (!demand.starving_since) demand.starving_since = now;
  return now - *demand.starving_since < Allocator::kStarvation;
}

void serve_lowest(TimePoint now, const Allocator::Path& path, Budget& budget, VideoDemand& demand) {
  const Level lowest = lowest_layer(demand);
  if (!lowest) {
    demand.paused = false;
  } else if (budget.grant(demand, lowest)) {
    demand.paused = false;
    demand.starving_since.reset();
  } else if (is_kept(now, path, demand)) {
    demand.paused = false;
    budget.force(demand, lowest);
  } else {
    demand.paused = true;
    demand.starving_since.reset();
  }
}

}  // namespace

void Allocator::allocate(TimePoint now, const Path& path, std::span<VideoDemand> demands) {
  for (VideoDemand& demand : demands) demand.before = std::exchange(demand.layer, std::nullopt);
  Budget budget{now, path.rate};
  in_order(demands, [&](VideoDemand& demand) { serve_lowest(now, path, budget, demand); });
  in_order(demands, [&](VideoDemand& demand) {
    if (!demand.layer) return;
    Level next = layer_above(demand, demand.layer);
    while (next && budget.grant(demand, next)) next = layer_above(demand, next);
  });
  for (VideoDemand& demand : demands) {
    if (demand.layer < kept_at_best(demand)) demand.lowered_at = now;
  }
}

BitRate Allocator::granted(std::span<const VideoDemand> demands) {
  BitRate sum;
  for (const VideoDemand& demand : demands) sum = sum + rate_of(demand, demand.layer);
  return sum;
}

BitRate Allocator::wanted(std::span<const VideoDemand> demands) {
  BitRate sum;
  for (const VideoDemand& demand : demands) {
    Level top = lowest_layer(demand);
    while (const Level above = layer_above(demand, top)) top = above;
    sum = sum + rate_of(demand, top);
  }
  return sum;
}

}  // namespace vis::media::congestion
