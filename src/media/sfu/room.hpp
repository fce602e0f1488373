#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/neighbourhood.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {

class Transport;

/// The tracks of one room, and the transports that publish and receive them. Of a room on several
/// workers, the part on this one: with the transports that are here, and with all tracks, of which
/// those that are published elsewhere are remote. Owned by the engine.
class Room final {
 public:
  Room(EngineContext& context, RoomId id, std::size_t max_speakers)
      : context_(context), id_(std::move(id)), speakers_(max_speakers) {}

  const RoomId& id() const { return id_; }

  void add_transport(Transport& transport) { transports_.push_back(&transport); }
  void remove_transport(Transport& transport) { std::erase(transports_, &transport); }
  const std::vector<Transport*>& transports() const { return transports_; }

  Receiver* find_track(const TrackId& track) const;
  /// The track in its publisher's backup codec.
  Receiver* find_backup(const TrackId& track) const;
  /// What a subscriber is to be sent.
  Receiver* find(const SubscribeConfig& config) const {
    return config.backup ? find_backup(config.track) : find_track(config.track);
  }
  /// The announced track; announced again, its config is replaced, or, over another transport, the
  /// track itself.
  Receiver& announce(TimePoint now, Transport& publisher, PublishConfig config);
  /// The track's codec is settled: subscribers that wait for it may be offered it.
  void bound(TimePoint now, Receiver& receiver);
  /// The publisher no longer sends the track: it goes, and whoever receives it is told by SDP.
  void remove_track(TimePoint now, const TrackId& track);
  void remove_tracks_of(TimePoint now, const Transport& publisher);
  void set_muted(TimePoint now, const TrackId& track, bool muted) const;
  /// Whoever publishes over this transport speaks.
  void on_speech(TimePoint now, TransportId publisher) const;
  /// The track goes on in its first codec alone.
  void remove_backup(TimePoint now, const TrackId& track);

  // ---- other workers ----

  /// Another engine has a part of the room: it is told of the tracks that are published here.
  void spread_to(Neighbour& other);
  /// A track published here is negotiated, or has changed since: the other parts are told.
  void tell_others(const Receiver& receiver) const;
  void tell_others_of_speech(TransportId publisher) const;
  /// What another part tells of a track that is published there.
  void on_announced(TimePoint now, Neighbour& home, TrackAnnounced announced);

  template <typename Visit>
  void for_each_track(Visit visit) const {
    for (const auto& [id, receiver] : tracks_) visit(*receiver);
    for (const auto& [id, receiver] : backups_) visit(*receiver);
  }

 private:
  void announce_to(Neighbour& other, const Receiver& receiver) const;
  void announce_backup(Transport& publisher, const PublishConfig& config);
  /// Those who receive it know already. Other parts of the room are told.
  void withdraw(Receiver& receiver) const;

  EngineContext& context_;
  RoomId id_;
  std::vector<Transport*> transports_;
  std::vector<Neighbour*> others_;  ///< With a part of the room.
  SpeakerSelection speakers_;
  std::unordered_map<TrackId, std::unique_ptr<Receiver>> tracks_;
  std::unordered_map<TrackId, std::unique_ptr<Receiver>> backups_;
};

}  // namespace vis::media::sfu
