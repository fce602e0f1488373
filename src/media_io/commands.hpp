#pragma once

#include <variant>

#include "base/bytes.hpp"
#include "core/rooms/media_port.hpp"

namespace vis::media_io {

// What a media worker is told, as values in its mailbox.

struct OpenRoom {
  core::rooms::RoomSid room;
};
struct CloseRoom {
  core::rooms::RoomSid room;
};
struct RoomCommand {
  core::rooms::RoomSid room;
  core::rooms::MediaCommand command;
};
/// SCTP of the data loop, to leave inside the transport's DTLS.
struct SctpPacket {
  core::rooms::TransportId transport{};
  ByteVector packet;
};
struct StopWorker {};

using WorkerCommand = std::variant<OpenRoom, CloseRoom, RoomCommand, SctpPacket, StopWorker>;

/// An event of a room, on its way to the control thread.
struct RoomEvent {
  core::rooms::RoomSid room;
  core::rooms::MediaEvent event;
};

}  // namespace vis::media_io
