#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/rooms/participant.hpp"

namespace vis::core::rooms {

/// Who is in a room, in the order they came, and where each transport and track belongs. Control
/// thread; owned by the room.
class Roster final {
 public:
  std::span<const std::unique_ptr<Participant>> all() const { return participants_; }

  Participant& add(std::unique_ptr<Participant> participant);
  /// With its transports and tracks.
  std::unique_ptr<Participant> take(const ParticipantSid& participant);

  void add_transport(TransportId transport, Participant& owner) {
    by_transport_[transport] = &owner;
  }
  void add_track(Publication& publication) { by_track_[publication.info.sid] = &publication; }
  void forget_track(const TrackSid& track) { by_track_.erase(track); }

  Participant* find(const ParticipantSid& participant) const;
  Participant* find_identity(const std::string& identity) const;
  Participant* find_transport(TransportId transport) const;
  Publication* find_track(const TrackSid& track) const;

 private:
  std::vector<std::unique_ptr<Participant>> participants_;
  std::unordered_map<ParticipantSid, Participant*> by_sid_;
  std::unordered_map<std::string, Participant*> by_identity_;
  std::unordered_map<TransportId, Participant*> by_transport_;
  std::unordered_map<TrackSid, Publication*> by_track_;
};

}  // namespace vis::core::rooms
