#pragma once

#include <variant>

#include "base/bytes.hpp"
#include "core/rooms/media_port.hpp"
#include "media/sfu/neighbourhood.hpp"

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
/// Another worker can be reached. What `ways` refers to outlives the worker.
struct ConnectWorker {
  unsigned worker = 0;
  media::sfu::Neighbour::Ways ways;
};
/// Another worker has a part of the room as well.
struct SpreadRoom {
  core::rooms::RoomSid room;
  unsigned worker = 0;
};
/// Of another worker's engine for this one's.
struct NeighbourMail {
  unsigned from = 0;
  media::sfu::NeighbourMessage message;
};
struct StopWorker {};

using WorkerCommand = std::variant<OpenRoom, CloseRoom, RoomCommand, SctpPacket, ConnectWorker,
                                   SpreadRoom, NeighbourMail, StopWorker>;

/// An event of a room, on its way to the control thread.
struct RoomEvent {
  core::rooms::RoomSid room;
  core::rooms::MediaEvent event;
};

}  // namespace vis::media_io
