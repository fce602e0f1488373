#include "core/rooms/quality_demand.hpp"

#include <utility>

namespace vis::core::rooms {
namespace {

int rank(VideoQuality quality) {
  switch (quality) {
    case VideoQuality::Off: return 0;
    case VideoQuality::Low: return 1;
    case VideoQuality::Medium: return 2;
    case VideoQuality::High: return 3;
  }
  std::unreachable();
}

}  // namespace

bool is_higher(VideoQuality left, VideoQuality right) { return rank(left) > rank(right); }

std::optional<VideoQuality> QualityDemand::want(VideoQuality highest) {
  wanted_ = highest;
  if (is_higher(told_, wanted_)) return std::nullopt;
  lower_since_.reset();
  if (told_ == wanted_) return std::nullopt;
  told_ = wanted_;
  return told_;
}

std::optional<VideoQuality> QualityDemand::on_tick(TimePoint now) {
  if (!is_higher(told_, wanted_)) return std::nullopt;
  if (!lower_since_) lower_since_ = now;
  if (now - *lower_since_ < kLowerAfter) return std::nullopt;
  lower_since_.reset();
  told_ = wanted_;
  return told_;
}

VideoQuality QualityCounts::highest() const {
  VideoQuality highest = VideoQuality::Off;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto quality = static_cast<VideoQuality>(i);
    if (counts_[i] > 0 && is_higher(quality, highest)) highest = quality;
  }
  return highest;
}

}  // namespace vis::core::rooms
