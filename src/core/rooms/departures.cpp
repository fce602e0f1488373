#include "core/rooms/departures.hpp"

#include <utility>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {

void Departures::add(TimePoint now, const ParticipantInfo& departed) {
  // Descriptive texts may be large and nobody reads them of somebody who is gone.
  ParticipantInfo brief = departed;
  brief.metadata.clear();
  brief.attributes.clear();
  departures_.push_back({.at = now, .participant = std::move(brief)});
  if (departures_.size() <= limits::kDeparturesRemembered) return;
  forgotten_until_ = departures_.front().at;
  departures_.pop_front();
}

std::optional<std::vector<ParticipantInfo>> Departures::since(TimePoint from) const {
  if (forgotten_until_ && *forgotten_until_ >= from) return std::nullopt;
  std::vector<ParticipantInfo> left;
  for (const Departure& departure : departures_) {
    if (departure.at >= from) left.push_back(departure.participant);
  }
  return left;
}

}  // namespace vis::core::rooms
