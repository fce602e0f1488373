#include "core/rooms/subscription_rules.hpp"

#include <cstddef>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {
namespace {

template <typename Grants, typename Key>
bool grants_track(const Grants& grants, const Key& key, const TrackSid& track) {
  const auto grant = grants.find(key);
  return grant != grants.end() &&
         (grant->second.all_tracks || grant->second.tracks.contains(track));
}

}  // namespace

Result<void> SubscriptionRules::set(const SubscriptionPermission& permission) {
  std::size_t tracks = 0;
  for (const auto& grant : permission.grants) tracks += grant.tracks.size();
  if (permission.grants.size() > limits::kPermissionGrants || tracks > limits::kPermissionTracks) {
    return fail(Errc::LimitExceeded, "too many subscription permissions");
  }

  all_participants_ = permission.all_participants;
  by_participant_.clear();
  by_identity_.clear();
  for (const auto& named : permission.grants) {
    Grant& grant = named.participant.empty() ? by_identity_[named.identity]
                                             : by_participant_[named.participant];
    grant.all_tracks = grant.all_tracks || named.all_tracks;
    grant.tracks.insert(named.tracks.begin(), named.tracks.end());
  }
  return {};
}

bool SubscriptionRules::allows(const Subscriber& subscriber, const TrackSid& track) const {
  return all_participants_ || grants_track(by_participant_, subscriber.participant, track) ||
         grants_track(by_identity_, subscriber.identity, track);
}

}  // namespace vis::core::rooms
