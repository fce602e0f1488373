#include "media/sfu/room.hpp"

#include <utility>

#include "media/sfu/transport.hpp"

namespace vis::media::sfu {

Receiver* Room::find_track(const TrackId& track) const {
  const auto found = tracks_.find(track);
  return found == tracks_.end() ? nullptr : found->second.get();
}

Receiver& Room::announce(TimePoint now, Transport& publisher, PublishConfig config) {
  const Receiver* const known = find_track(config.track);
  if (known != nullptr && &known->publisher() != &publisher) remove_track(now, config.track);
  auto& receiver = tracks_[config.track];
  if (receiver == nullptr) {
    receiver = std::make_unique<Receiver>(context_, publisher, speakers_, std::move(config));
  } else {
    receiver->set_config(std::move(config));
  }
  return *receiver;
}

void Room::bound(TimePoint now, Receiver& receiver) {
  for (Transport* const transport : transports_) transport->on_track_bound(now, receiver);
}

void Room::remove_track(TimePoint now, const TrackId& track) {
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return;
  const TrackId id = track;  // `track` may be the receiver's own.
  for (Transport* const transport : transports_) transport->on_track_gone(now, id);
  found->second->publisher().unpublish(*found->second);
  tracks_.erase(found);
}

void Room::remove_tracks_of(TimePoint now, const Transport& publisher) {
  std::vector<TrackId> gone;
  for_each_track([&](const Receiver& receiver) {
    if (&receiver.publisher() == &publisher) gone.push_back(receiver.id());
  });
  for (const TrackId& track : gone) remove_track(now, track);
}

void Room::on_speech(TimePoint now, const Transport& publisher) const {
  for_each_track([&](Receiver& receiver) {
    if (&receiver.publisher() == &publisher) receiver.on_speech(now);
  });
}

}  // namespace vis::media::sfu
