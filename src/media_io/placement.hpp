#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/rooms/media_port.hpp"

namespace vis::media_io {

/// Which worker has which rooms, and of a room on several of them, which participants.
///
/// A room begins on one worker. When that has `spread` participants of it, the next ones go to the
/// least loaded worker that has none of the room yet, and once every worker has some, to the one
/// that has the fewest. So a small room stays on one core, and a large one uses them all.
/// A participant stays where it is, and a part of a room as long as the room. Pure; owned by
/// MediaIo, on its thread.
class Placement final {
 public:
  using RoomSid = core::rooms::RoomSid;
  using TransportId = core::rooms::TransportId;

  struct Options {
    unsigned workers = 1;
    std::size_t spread = 0;  ///< 0: a room stays on one worker.
  };
  explicit Placement(const Options& options) : options_(options), transports_(options.workers) {}

  std::size_t rooms() const { return rooms_.size(); }
  /// The worker where the room begins.
  unsigned open(const RoomSid& room);
  /// The workers that had a part of it.
  std::vector<unsigned> close(const RoomSid& room);
  /// The workers with a part of the room, the first one first. Empty when there is no such room.
  const std::vector<unsigned>& parts(const RoomSid& room) const;

  struct Place {
    unsigned worker = 0;
    bool is_new = false;  ///< That worker had no part of the room before.
  };
  /// Nothing when there is no such room.
  std::optional<Place> add(const RoomSid& room, const core::rooms::TransportSpec& transport);
  /// Where a transport is.
  std::optional<unsigned> find(const RoomSid& room, TransportId transport) const;
  void remove(const RoomSid& room, TransportId transport);

 private:
  struct Room {
    std::vector<unsigned> parts;
    std::vector<std::size_t> participants;  ///< Of each part.
    struct Seat {
      std::size_t part = 0;
      std::size_t transports = 0;
    };
    std::unordered_map<core::rooms::ParticipantSid, Seat> seats;
    std::unordered_map<TransportId, core::rooms::ParticipantSid> owners;
  };

  /// Of the workers that have no part of the room; nothing when all have.
  std::optional<unsigned> least_loaded(const Room& room) const;
  std::size_t choose_part(Room& room) const;

  Options options_;
  /// Of each worker. A room counts as one more, so that rooms opened together spread out.
  std::vector<std::size_t> transports_;
  std::unordered_map<RoomSid, Room> rooms_;
};

}  // namespace vis::media_io
