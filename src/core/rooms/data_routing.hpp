#pragma once

#include <cstdint>

#include "core/rooms/connecting.hpp"
#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// Messages between the people of a room over their data channels: to those who are named, or to
/// all but the sender, never back to it. Reliable ones wait a moment for a receiver that is still
/// connecting; lossy ones do not. Control thread; owned by the Room.
class DataRouting final {
 public:
  DataRouting(RoomState& room, Connecting& connecting) : room_(room), connecting_(connecting) {}

  void send(Now now, RoomService::DataMessage message);
  /// The receiver became ACTIVE, or its channels opened.
  void on_receiver_changed(Now now, Participant& receiver);
  void on_received(const Participant& sender, DataReceived data);
  /// Drops what has waited too long.
  void on_tick(Now now);

  /// Whether the packet is new. A client numbers its reliable packets from 1; 0 is unnumbered.
  static bool accept_sequence(Participant& sender, std::uint32_t sequence);

 private:
  RoomState& room_;
  Connecting& connecting_;
};

}  // namespace vis::core::rooms
