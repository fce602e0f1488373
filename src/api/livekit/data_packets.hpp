#pragma once

#include "api/livekit/nonce_history.hpp"
#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/rpc_calls.hpp"
#include "base/bytes.hpp"
#include "base/limits/api_livekit.hpp"
#include "core/rooms/room_service.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

ByteVector packet_bytes(const proto::DataPacket& packet);

/// The data packets of one participant on their way to the others. The server says who sent a
/// packet and decides who may have it; all else stays as it came, fields that are not known
/// included. What is malformed or not allowed is dropped without an answer, as a data channel has
/// none.
///
/// Control thread; owned by the participant's session.
class DataPackets final {
 public:
  DataPackets(core::rooms::RoomService& rooms, RpcCalls& rpc) : rooms_(rooms), rpc_(rpc) {}

  /// Whose packets these are, as the room knows it now.
  struct Sender {
    const core::rooms::RoomSid& room;
    const core::rooms::ParticipantInfo& participant;
  };
  void forward(core::rooms::Now now, const Sender& sender, const core::rooms::DataReceived& data);

 private:
  bool admit(const core::rooms::ParticipantInfo& sender, const core::rooms::DataReceived& data,
             const proto::DataPacket& packet);

  core::rooms::RoomService& rooms_;
  RpcCalls& rpc_;
  NonceHistory nonces_{limits::kNoncesRemembered};
};

}  // namespace vis::api::livekit
