#include "core/rooms/subscription.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace vis::core::rooms {

Subscription* Subscriptions::find(const TrackSid& track) {
  const auto at = entries_.find(track);
  return at == entries_.end() ? nullptr : &at->second;
}

const Subscription* Subscriptions::find(const TrackSid& track) const {
  const auto at = entries_.find(track);
  return at == entries_.end() ? nullptr : &at->second;
}

bool Subscriptions::is_live(const TrackSid& track) const {
  const Subscription* subscription = find(track);
  return subscription != nullptr && subscription->live();
}

bool Subscriptions::any_bound() const {
  return std::ranges::any_of(
      entries_, [](const auto& entry) { return entry.second.state == Subscription::State::Bound; });
}

bool Subscriptions::is_bound(const TrackSid& track) const {
  const Subscription* subscription = find(track);
  return subscription != nullptr && subscription->state == Subscription::State::Bound;
}

void Subscriptions::set_requested(const TrackSid& track, TimePoint now) {
  Subscription& subscription = entry(track);
  subscription.state = Subscription::State::Requested;
  subscription.requested_since = now;
  awaited_.insert(track);
}

void Subscriptions::set_state(const TrackSid& track, Subscription::State state) {
  VIS_ASSERT(state != Subscription::State::Requested);
  entry(track).state = state;
  awaited_.erase(track);
}

void Subscriptions::erase(const TrackSid& track) {
  entries_.erase(track);
  awaited_.erase(track);
}

}  // namespace vis::core::rooms
