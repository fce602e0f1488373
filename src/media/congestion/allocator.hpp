#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "media/congestion/bit_rate.hpp"

namespace vis::media::congestion {

/// Who is served first when there is not enough for all.
enum class Priority : std::uint8_t { ScreenShare, Focus, Other };

/// A video track on its way to one subscriber.
struct VideoDemand {
  static constexpr std::size_t kLayers = 3;

  Priority priority = Priority::Other;  ///< Focus: who speaks, and who is pinned.
  /// What each layer takes at present; zero of one that is not there.
  std::array<BitRate, kLayers> layers{};
  std::uint8_t max_layer = kLayers - 1;  ///< What the subscriber has use for.

  // ---- what the allocator decides, and remembers ----
  std::optional<std::uint8_t> layer{};   ///< Nothing: paused.
  std::optional<std::uint8_t> before{};  ///< The decision before this one.
  std::optional<TimePoint> lowered_at{};
};

/// Divides what a path carries among the tracks of one subscriber. Audio is not asked: its rate is
/// taken off before. The lowest layers come first, in order of priority, then higher ones in the
/// same order: better everybody small than one large and the others gone.
///
/// What is sent already stays while it fits. More of it needs room to spare, and some time after it
/// was last lowered, so that pictures do not flicker between two layers.
///
/// A pure function of its arguments; at most a few passes over the tracks.
class Allocator final {
 public:
  static constexpr double kRoomForMore = 1.15;
  static constexpr Duration kPatience = 3s;

  /// Decides `layer` of each, for `budget` without what audio takes. Among equals the first is
  /// served first.
  static void allocate(TimePoint now, BitRate budget, std::span<VideoDemand> demands);
  /// What would be sent if there were no limit.
  static BitRate wanted(std::span<const VideoDemand> demands);
};

}  // namespace vis::media::congestion
