#include "media/sfu/room.hpp"

#include <algorithm>
#include <utility>

#include "media/sfu/transport.hpp"

namespace vis::media::sfu {

Receiver* Room::find_track(const TrackId& track) const {
  const auto found = tracks_.find(track);
  return found == tracks_.end() ? nullptr : found->second.get();
}

Receiver* Room::find_backup(const TrackId& track) const {
  const auto found = backups_.find(track);
  return found == backups_.end() ? nullptr : found->second.get();
}

Receiver& Room::announce(TimePoint now, Transport& publisher, PublishConfig config) {
  const Receiver* const known = find_track(config.track);
  if (known != nullptr && known->publisher() != &publisher) remove_track(now, config.track);
  if (!config.backup_cid.empty()) announce_backup(publisher, config);
  auto& receiver = tracks_[config.track];
  if (receiver == nullptr) {
    receiver = std::make_unique<Receiver>(context_, publisher, speakers_, std::move(config));
  } else {
    receiver->set_config(std::move(config));
    tell_others(*receiver);
  }
  return *receiver;
}

void Room::announce_backup(Transport& publisher, const PublishConfig& config) {
  PublishConfig own = config;
  own.cid = config.backup_cid;
  own.codecs = {config.backup_codec};
  own.backup = true;
  auto& backup = backups_[config.track];
  if (backup == nullptr) {
    backup = std::make_unique<Receiver>(context_, publisher, speakers_, std::move(own));
  } else {
    backup->set_config(std::move(own));
    tell_others(*backup);
  }
}

void Room::bound(TimePoint now, Receiver& receiver) {
  for (Transport* const transport : transports_) transport->on_track_bound(now, receiver);
}

void Room::remove_track(TimePoint now, const TrackId& track) {
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return;
  const TrackId id = track;  // `track` may be the receiver's own.
  for (Transport* const transport : transports_) transport->on_track_gone(now, id);
  withdraw(*found->second);
  tracks_.erase(found);
  remove_backup(now, id);
}

void Room::remove_backup(TimePoint now, const TrackId& track) {
  const auto found = backups_.find(track);
  if (found == backups_.end()) return;
  const TrackId id = track;  // `track` may be the receiver's own.
  for (Transport* const transport : transports_) transport->on_backup_gone(now, id);
  withdraw(*found->second);
  backups_.erase(found);
}

void Room::withdraw(Receiver& receiver) const {
  Transport* const publisher = receiver.publisher();
  if (publisher == nullptr) return;
  publisher->unpublish(receiver);
  for (Neighbour* const other : others_) {
    other->post(TrackWithdrawn{.room = id_, .track = receiver.number()});
  }
}

void Room::remove_tracks_of(TimePoint now, const Transport& publisher) {
  std::vector<TrackId> gone;
  for_each_track([&](const Receiver& receiver) {
    if (receiver.publisher() == &publisher && !receiver.is_backup()) gone.push_back(receiver.id());
  });
  for (const TrackId& track : gone) remove_track(now, track);
}

void Room::set_muted(TimePoint now, const TrackId& track, bool muted) const {
  for (Receiver* const receiver : {find_track(track), find_backup(track)}) {
    // Of a remote one its home tells when it is.
    if (receiver == nullptr || receiver->is_remote()) continue;
    receiver->set_muted(now, muted);
    for (Neighbour* const other : others_) {
      other->post(TrackMuteChanged{.track = receiver->number(), .muted = muted});
    }
  }
}

void Room::on_speech(TimePoint now, TransportId publisher) const {
  for_each_track([&](Receiver& receiver) {
    if (receiver.publisher_id() == publisher) receiver.on_speech(now);
  });
}

// ---- other workers ----

void Room::spread_to(Neighbour& other) {
  if (std::ranges::find(others_, &other) != others_.end()) return;
  others_.push_back(&other);
  for_each_track([&](const Receiver& receiver) { announce_to(other, receiver); });
}

void Room::tell_others(const Receiver& receiver) const {
  for (Neighbour* const other : others_) announce_to(*other, receiver);
}

void Room::announce_to(Neighbour& other, const Receiver& receiver) const {
  if (receiver.is_remote() || !receiver.bound()) return;
  other.post(TrackAnnounced{.room = id_,
                            .track = receiver.number(),
                            .publisher = receiver.publisher_id(),
                            .config = receiver.config(),
                            .muted = receiver.muted(),
                            .section = *receiver.section()});
}

void Room::tell_others_of_speech(TransportId publisher) const {
  for (Neighbour* const other : others_) {
    other->post(PublisherSpeaks{.room = id_, .publisher = publisher});
  }
}

void Room::on_announced(TimePoint now, Neighbour& home, TrackAnnounced announced) {
  const TrackId track = announced.config.track;
  Receiver* receiver = home.track(announced.track);
  if (receiver == nullptr) {
    const bool backup = announced.config.backup;
    if (backup) {
      remove_backup(now, track);
    } else {
      remove_track(now, track);
    }
    const Receiver::Home where{
        .engine = home, .number = announced.track, .publisher = announced.publisher};
    auto made = std::make_unique<Receiver>(context_, where, speakers_, std::move(announced.config));
    receiver = made.get();
    (backup ? backups_ : tracks_)[track] = std::move(made);
  } else if (receiver->config() != announced.config) {
    receiver->set_config(std::move(announced.config));
  }
  const bool codec_known =
      receiver->bound() && receiver->codec().codec == announced.section.codecs.front().codec;
  receiver->bind(announced.section);
  receiver->set_muted(now, announced.muted);
  if (!codec_known) bound(now, *receiver);
}

}  // namespace vis::media::sfu
