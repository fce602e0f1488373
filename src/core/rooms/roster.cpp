#include "core/rooms/roster.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::core::rooms {
namespace {

template <typename Map, typename Key>
typename Map::mapped_type find_in(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : at->second;
}

}  // namespace

Participant& Roster::add(std::unique_ptr<Participant> participant) {
  Participant& added = *participants_.emplace_back(std::move(participant));
  by_sid_[added.sid()] = &added;
  const bool alone = by_identity_.emplace(added.identity(), &added).second;
  VIS_ASSERT(alone);
  return added;
}

std::unique_ptr<Participant> Roster::take(const ParticipantSid& participant) {
  const auto at = std::ranges::find_if(
      participants_, [&](const auto& each) { return each->sid() == participant; });
  VIS_ASSERT(at != participants_.end());
  std::unique_ptr<Participant> taken = std::move(*at);
  participants_.erase(at);
  by_sid_.erase(taken->sid());
  by_identity_.erase(taken->identity());
  for (const auto& transport : taken->transports.all()) by_transport_.erase(transport.id);
  for (const auto& publication : taken->publications.all()) forget_track(publication->info.sid);
  return taken;
}

Participant* Roster::find(const ParticipantSid& participant) const {
  return find_in(by_sid_, participant);
}

Participant* Roster::find_identity(const std::string& identity) const {
  return find_in(by_identity_, identity);
}

Participant* Roster::find_transport(TransportId transport) const {
  return find_in(by_transport_, transport);
}

Publication* Roster::find_track(const TrackSid& track) const { return find_in(by_track_, track); }

}  // namespace vis::core::rooms
