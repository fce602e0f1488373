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
  std::optional<std::uint8_t> layer{};   ///< Nothing: it is paused, or there is nothing to send.
  std::optional<std::uint8_t> before{};  ///< The decision before this one.
  std::optional<TimePoint> lowered_at{};
  bool paused = false;  ///< There is something to send, and no room for even the least of it.
  std::optional<TimePoint> starving_since{};  ///< No room, and not paused for it yet.
};

/// Divides what a path carries among the tracks of one subscriber. Audio is not asked: its rate is
/// taken off before. The lowest layers come first, in order of priority, then higher ones in the
/// same order: better everybody small than one large and the others gone.
///
/// What is sent already stays while it fits. More of it needs room to spare, and some time after it
/// was last lowered, so that pictures do not flicker between two layers. A track without room for
/// its lowest layer is paused, after a while in which room may come back.
///
/// A pure function of its arguments; at most a few passes over the tracks.
class Allocator final {
 public:
  static constexpr double kRoomForMore = 1.15;
  static constexpr Duration kPatience = 3s;
  static constexpr Duration kStarvation = 2s;

  struct Path {
    BitRate rate;           ///< Without what audio takes.
    bool may_pause = true;  ///< False while the rate is a guess: then all get their lowest layer.
  };
  /// Decides `layer` and `paused` of each. Among equals the first is served first.
  static void allocate(TimePoint now, const Path& path, std::span<VideoDemand> demands);
  /// What is sent by that decision.
  static BitRate granted(std::span<const VideoDemand> demands);
  /// What would be sent if there were no limit.
  static BitRate wanted(std::span<const VideoDemand> demands);
};

}  // namespace vis::media::congestion
