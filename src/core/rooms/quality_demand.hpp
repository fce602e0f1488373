#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// Which quality of one video its publisher should send, from what its subscribers want. A rise is
/// told at once, a fall only after it has lasted, so that layers are not stopped and started by
/// somebody who scrolls. Pure; owned by the publication.
class QualityDemand final {
 public:
  static constexpr Duration kLowerAfter = 5s;

  /// A publisher that has been told nothing sends everything, ...
  QualityDemand() = default;
  /// ... or what is said here.
  explicit QualityDemand(VideoQuality untold) : told_(untold), wanted_(untold) {}

  /// The highest quality that any subscriber wants now; `Off` when there is none. Returns what the
  /// publisher is to be told, if anything.
  std::optional<VideoQuality> want(VideoQuality highest);
  std::optional<VideoQuality> on_tick(TimePoint now);

  VideoQuality told() const { return told_; }

 private:
  VideoQuality told_ = VideoQuality::High;
  VideoQuality wanted_ = VideoQuality::High;
  std::optional<TimePoint> lower_since_;
};

/// `Off` is the least of all qualities, though its number is the greatest.
bool is_higher(VideoQuality left, VideoQuality right);

/// How many subscribers want each quality of a video, so that in a room of thousands one who comes
/// or goes costs the same as in a small one. Pure; owned by the publication.
class QualityCounts final {
 public:
  void add(VideoQuality quality) { ++count(quality); }
  void remove(VideoQuality quality) { --count(quality); }
  /// The highest that anybody wants; `Off` when there is nobody.
  VideoQuality highest() const;

 private:
  std::uint32_t& count(VideoQuality quality) { return counts_[std::to_underlying(quality)]; }

  std::array<std::uint32_t, 4> counts_{};
};

}  // namespace vis::core::rooms
