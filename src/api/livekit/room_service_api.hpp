#pragma once

#include <expected>
#include <string>
#include <utility>
#include <variant>

#include "api/livekit/messages.hpp"
#include "api/livekit/nonce_history.hpp"
#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/rpc_calls.hpp"
#include "api/livekit/twirp.hpp"
#include "base/limits/api_livekit.hpp"
#include "base/task.hpp"
#include "core/rooms/room_service.hpp"
#include "core/store.hpp"

namespace vis::api::livekit {

/// `livekit.RoomService`: rooms and the people in them, for servers of customers. Each call needs
/// the grant that the protocol names; those about one room, a token for that room. What a call has
/// changed is durable when it returns; Unavailable says that it is not yet, though it has happened.
///
/// Control thread; owned by the Door.
class RoomServiceApi final {
 public:
  struct Ports {
    rooms::RoomService& rooms;
    core::Store& store;
    RpcCalls& rpc;
    Clock now;
  };
  explicit RoomServiceApi(Ports ports) : ports_(std::move(ports)) {}

  void add_to(TwirpServer& server);

  Task<Result<proto::Room>> create_room(Caller caller, proto::CreateRoomRequest request);
  Task<Result<proto::ListRoomsResponse>> list_rooms(Caller caller, proto::ListRoomsRequest request);
  Task<Result<proto::DeleteRoomResponse>> delete_room(Caller caller,
                                                      proto::DeleteRoomRequest request);
  Task<Result<proto::Room>> update_room_metadata(Caller caller,
                                                 proto::UpdateRoomMetadataRequest request);

  Task<Result<proto::ListParticipantsResponse>> list_participants(
      Caller caller, proto::ListParticipantsRequest request);
  Task<Result<proto::ParticipantInfo>> get_participant(Caller caller,
                                                       proto::RoomParticipantIdentity request);
  Task<Result<proto::RemoveParticipantResponse>> remove_participant(
      Caller caller, proto::RoomParticipantIdentity request);
  Task<Result<proto::ParticipantInfo>> update_participant(Caller caller,
                                                          proto::UpdateParticipantRequest request);
  Task<Result<proto::MuteRoomTrackResponse>> mute_published_track(
      Caller caller, proto::MuteRoomTrackRequest request);
  Task<Result<proto::UpdateSubscriptionsResponse>> update_subscriptions(
      Caller caller, proto::UpdateSubscriptionsRequest request);

  Task<Result<proto::SendDataResponse>> send_data(Caller caller, proto::SendDataRequest request);
  /// The failure is an Error of the request, or what became of the call.
  using RpcError = std::variant<Error, RpcFailure>;
  Task<std::expected<proto::PerformRpcResponse, RpcError>> perform_rpc(
      Caller caller, proto::PerformRpcRequest request);

 private:
  /// Waits until what has been written so far cannot be lost.
  Task<Result<void>> make_durable();

  Ports ports_;
  NonceHistory nonces_{limits::kServerNoncesRemembered};
};

}  // namespace vis::api::livekit
