#include "media/dtls/flight.hpp"

#include <algorithm>
#include <utility>

namespace vis::media::dtls {

void Flight::replace(TimePoint now, PacketList copies) {
  copies_ = std::move(copies);
  next_ = 0;
  interval_ = kFirstInterval;
  due_ = now + interval_;
}

void Flight::clear() {
  copies_ = {};
  next_ = 0;
}

std::optional<TimePoint> Flight::due() const {
  if (next_ == copies_.size()) return std::nullopt;
  return due_;
}

Bytes Flight::take(TimePoint now) {
  interval_ = std::min(2 * interval_, kLongestInterval);
  due_ = now + interval_;
  return copies_[next_++];
}

}  // namespace vis::media::dtls
