#pragma once

#include <cstdint>
#include <string>

#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// The transports of the people in a room: opened when they have joined, negotiated by passing
/// descriptions between client and media, restarted on a resume. Control thread; owned by the Room.
class Connecting final {
 public:
  explicit Connecting(RoomState& room) : room_(room) {}

  void open(Participant& participant);
  /// A Subscriber transport that nobody waits for is offered only when there is something to send.
  void offer_downlink(Participant& participant);
  void restart(Participant& participant);
  void close(Participant& participant);

  void apply_offer(const Participant& participant, std::string sdp, std::uint32_t offer_id);
  void apply_answer(Participant& participant, std::string sdp);
  void add_candidate(const Participant& participant, TransportRole role, std::string candidate);

  void on_description(Participant& participant, LocalDescription description);
  void on_candidate(Participant& participant, LocalCandidate candidate);
  void on_sections_needed(const Participant& participant, const SectionsNeeded& needed);

 private:
  TransportSpec spec(const Participant& participant, const TransportSet::Transport& transport);

  RoomState& room_;
};

/// Whether a subscriber's tracks of one stream name share an msid stream.
bool syncs_streams(const RoomState& room, const Participant& subscriber);

}  // namespace vis::core::rooms
