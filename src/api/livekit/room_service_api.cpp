#include "api/livekit/room_service_api.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "api/livekit/data_packets.hpp"
#include "base/limits/media_sctp.hpp"

namespace vis::api::livekit {
namespace {

constexpr std::string_view kService = "livekit.RoomService";

std::unexpected<Error> denied() { return fail(Errc::Unauthenticated, "permissions denied"); }

/// The project of a caller with this right.
Result<core::ProjectId> project_with(const Caller& caller, bool VideoGrant::* right) {
  if (!caller || !caller->claims.video || !((*caller->claims.video).*right)) return denied();
  return caller->project;
}

/// The project of a caller who may administrate this room.
Result<core::ProjectId> project_of_admin(const Caller& caller, const std::string& room) {
  auto project = project_with(caller, &VideoGrant::room_admin);
  if (project && caller->claims.video->room != room) return denied();
  return project;
}

/// Names a participant in a room that the caller may administrate.
Result<rooms::RoomService::ParticipantRef> participant_ref(const Caller& caller,
                                                           const auto& request) {
  auto project = project_of_admin(caller, request.room());
  if (!project) return std::unexpected(project.error());
  return rooms::RoomService::ParticipantRef{
      .project = std::move(*project), .room_name = request.room(), .identity = request.identity()};
}

rooms::DataChannel channel_of(proto::DataPacket::Kind kind) {
  return kind == proto::DataPacket::LOSSY ? rooms::DataChannel::Lossy
                                          : rooms::DataChannel::Reliable;
}

/// The packet that the receivers get: from nobody.
proto::DataPacket packet_of(proto::SendDataRequest& request) {
  proto::DataPacket packet;
  packet.set_kind(request.kind());
  *packet.mutable_destination_identities() = request.destination_identities();
  proto::UserPacket& user = *packet.mutable_user();
  user.set_payload(std::move(*request.mutable_data()));
  *user.mutable_destination_sids() = request.destination_sids();
  *user.mutable_destination_identities() = request.destination_identities();
  if (request.has_topic()) user.set_topic(request.topic());
  user.set_nonce(request.nonce());
  return packet;
}

Result<void> check_size(const proto::DataPacket& packet) {
  const proto::UserPacket& user = packet.user();
  const auto receivers = static_cast<std::size_t>(user.destination_identities_size()) +
                         static_cast<std::size_t>(user.destination_sids_size());
  if (receivers > limits::kDataDestinations) {
    return fail(Errc::InvalidArgument, "too many destinations");
  }
  if (packet.ByteSizeLong() > limits::kSctpMessageBytes) {
    return fail(Errc::InvalidArgument, "data is longer than a data channel carries");
  }
  return {};
}

}  // namespace

void RoomServiceApi::add_to(TwirpServer& server) {
  const auto add = [&](std::string_view name, auto function) {
    server.add(kService, name, twirp_method(*this, function));
  };
  add("CreateRoom", &RoomServiceApi::create_room);
  add("ListRooms", &RoomServiceApi::list_rooms);
  add("DeleteRoom", &RoomServiceApi::delete_room);
  add("UpdateRoomMetadata", &RoomServiceApi::update_room_metadata);
  add("ListParticipants", &RoomServiceApi::list_participants);
  add("GetParticipant", &RoomServiceApi::get_participant);
  add("RemoveParticipant", &RoomServiceApi::remove_participant);
  add("UpdateParticipant", &RoomServiceApi::update_participant);
  add("MutePublishedTrack", &RoomServiceApi::mute_published_track);
  add("UpdateSubscriptions", &RoomServiceApi::update_subscriptions);
  add("SendData", &RoomServiceApi::send_data);
  add("PerformRpc", &RoomServiceApi::perform_rpc);
}

// ---- rooms ----

Task<Result<proto::Room>> RoomServiceApi::create_room(Caller caller,
                                                      proto::CreateRoomRequest request) {
  const auto project = project_with(caller, &VideoGrant::room_create);
  if (!project) co_return std::unexpected(project.error());
  const auto room =
      ports_.rooms.create_room(ports_.now(), *project, request.name(), from_proto(request));
  if (!room) co_return std::unexpected(room.error());
  if (auto durable = co_await make_durable(); !durable) co_return std::unexpected(durable.error());
  co_return to_proto(*room);
}

Task<Result<proto::ListRoomsResponse>> RoomServiceApi::list_rooms(Caller caller,
                                                                  proto::ListRoomsRequest request) {
  const auto project = project_with(caller, &VideoGrant::room_list);
  if (!project) co_return std::unexpected(project.error());
  const std::vector<std::string> names(request.names().begin(), request.names().end());
  proto::ListRoomsResponse response;
  for (const rooms::RoomInfo& room : ports_.rooms.list_rooms(*project, names)) {
    *response.add_rooms() = to_proto(room);
  }
  co_return response;
}

Task<Result<proto::DeleteRoomResponse>> RoomServiceApi::delete_room(
    Caller caller, proto::DeleteRoomRequest request) {
  const auto project = project_with(caller, &VideoGrant::room_create);
  if (!project) co_return std::unexpected(project.error());
  const auto deleted = ports_.rooms.delete_room(ports_.now(), *project, request.room());
  if (!deleted) co_return std::unexpected(deleted.error());
  if (auto durable = co_await make_durable(); !durable) co_return std::unexpected(durable.error());
  co_return proto::DeleteRoomResponse{};
}

Task<Result<proto::Room>> RoomServiceApi::update_room_metadata(
    Caller caller, proto::UpdateRoomMetadataRequest request) {
  const auto project = project_of_admin(caller, request.room());
  if (!project) co_return std::unexpected(project.error());
  const auto room =
      ports_.rooms.update_room_metadata(ports_.now(), *project, request.room(), request.metadata());
  if (!room) co_return std::unexpected(room.error());
  if (auto durable = co_await make_durable(); !durable) co_return std::unexpected(durable.error());
  co_return to_proto(*room);
}

// ---- participants ----

Task<Result<proto::ListParticipantsResponse>> RoomServiceApi::list_participants(
    Caller caller, proto::ListParticipantsRequest request) {
  const auto project = project_of_admin(caller, request.room());
  if (!project) co_return std::unexpected(project.error());
  proto::ListParticipantsResponse response;
  // A room that does not exist is, to this protocol, a room with nobody in it.
  const auto all = ports_.rooms.list_participants(*project, request.room());
  if (!all) co_return response;
  for (const rooms::ParticipantInfo& each : *all) *response.add_participants() = to_proto(each);
  co_return response;
}

Task<Result<proto::ParticipantInfo>> RoomServiceApi::get_participant(
    Caller caller, proto::RoomParticipantIdentity request) {
  const auto ref = participant_ref(caller, request);
  if (!ref) co_return std::unexpected(ref.error());
  const auto participant = ports_.rooms.find_participant(*ref);
  if (!participant) co_return std::unexpected(participant.error());
  co_return to_proto(*participant);
}

Task<Result<proto::RemoveParticipantResponse>> RoomServiceApi::remove_participant(
    Caller caller, proto::RoomParticipantIdentity request) {
  const auto ref = participant_ref(caller, request);
  if (!ref) co_return std::unexpected(ref.error());
  const auto removed = ports_.rooms.remove_participant(ports_.now(), *ref);
  if (!removed) co_return std::unexpected(removed.error());
  if (auto durable = co_await make_durable(); !durable) co_return std::unexpected(durable.error());
  co_return proto::RemoveParticipantResponse{};
}

Task<Result<proto::ParticipantInfo>> RoomServiceApi::update_participant(
    Caller caller, proto::UpdateParticipantRequest request) {
  const auto ref = participant_ref(caller, request);
  if (!ref) co_return std::unexpected(ref.error());
  rooms::ParticipantUpdate update{.name = request.name(), .metadata = request.metadata()};
  update.attributes.insert(request.attributes().begin(), request.attributes().end());
  std::optional<rooms::Permissions> permissions;
  if (request.has_permission()) permissions = from_proto(request.permission());
  const auto updated = ports_.rooms.update_participant(ports_.now(), *ref, std::move(update),
                                                       std::move(permissions));
  if (!updated) co_return std::unexpected(updated.error());
  if (auto durable = co_await make_durable(); !durable) co_return std::unexpected(durable.error());
  co_return to_proto(*updated);
}

Task<Result<proto::MuteRoomTrackResponse>> RoomServiceApi::mute_published_track(
    Caller caller, proto::MuteRoomTrackRequest request) {
  const auto ref = participant_ref(caller, request);
  if (!ref) co_return std::unexpected(ref.error());
  const auto track = ports_.rooms.mute_track(ports_.now(), *ref,
                                             rooms::TrackSid(request.track_sid()), request.muted());
  if (!track) co_return std::unexpected(track.error());
  proto::MuteRoomTrackResponse response;
  *response.mutable_track() = to_proto(*track);
  co_return response;
}

Task<Result<proto::UpdateSubscriptionsResponse>> RoomServiceApi::update_subscriptions(
    Caller caller, proto::UpdateSubscriptionsRequest request) {
  const auto ref = participant_ref(caller, request);
  if (!ref) co_return std::unexpected(ref.error());
  const auto tracks = track_sids(request);
  const auto updated =
      ports_.rooms.update_subscriptions(ports_.now(), *ref, tracks, request.subscribe());
  if (!updated) co_return std::unexpected(updated.error());
  co_return proto::UpdateSubscriptionsResponse{};
}

// ---- data ----

Task<Result<proto::SendDataResponse>> RoomServiceApi::send_data(Caller caller,
                                                                proto::SendDataRequest request) {
  const auto project = project_of_admin(caller, request.room());
  if (!project) co_return std::unexpected(project.error());
  const auto room = ports_.rooms.find_room(*project, request.room());
  if (!room) co_return std::unexpected(room.error());
  const proto::DataPacket packet = packet_of(request);
  if (auto small = check_size(packet); !small) co_return std::unexpected(small.error());
  const std::string& nonce = packet.user().nonce();
  if (!nonce.empty() && nonce.size() != NonceHistory::kNonceBytes) {
    co_return fail(Errc::InvalidArgument, "nonce must have 16 bytes, or none");
  }
  const bool repeated = !nonce.empty() && !nonces_.add(room->sid.str() + nonce);
  if (repeated) co_return proto::SendDataResponse{};
  const auto& identities = packet.destination_identities();
  const auto& sids = packet.user().destination_sids();
  ports_.rooms.send_data(
      ports_.now(), {.room = room->sid,
                     .from = {},
                     .identities = {identities.begin(), identities.end()},
                     .participants = std::vector<rooms::ParticipantSid>(sids.begin(), sids.end()),
                     .channel = channel_of(request.kind()),
                     .payload = packet_bytes(packet)});
  co_return proto::SendDataResponse{};
}

Task<std::expected<proto::PerformRpcResponse, RoomServiceApi::RpcError>>
RoomServiceApi::perform_rpc(Caller caller, proto::PerformRpcRequest request) {
  const auto project = project_of_admin(caller, request.room());
  if (!project) co_return std::unexpected(RpcError(project.error()));
  if (request.destination_identity().empty()) {
    co_return std::unexpected(RpcError(Error{Errc::InvalidArgument, "no destination_identity"}));
  }
  const auto room = ports_.rooms.find_room(*project, request.room());
  if (!room) co_return std::unexpected(RpcError(room.error()));
  const auto callee = ports_.rooms.find_participant({.project = *project,
                                                     .room_name = request.room(),
                                                     .identity = request.destination_identity()});
  if (!callee) co_return std::unexpected(RpcError(callee.error()));

  RpcCalls::Call call{.room = room->sid,
                      .callee = callee->sid,
                      .identity = callee->identity,
                      .method = std::move(*request.mutable_method()),
                      .payload = std::move(*request.mutable_payload())};
  if (request.response_timeout_ms() > 0) {
    call.timeout = std::chrono::milliseconds(request.response_timeout_ms());
  }
  auto outcome = co_await ports_.rpc.call(std::move(call));
  if (!outcome) co_return std::unexpected(RpcError(std::move(outcome.error())));
  proto::PerformRpcResponse response;
  response.set_payload(std::move(*outcome));
  co_return response;
}

Task<Result<void>> RoomServiceApi::make_durable() {
  // Commits take effect in their order: once an empty one has, so have all before it.
  const auto receipt = co_await ports_.store.commit({});
  if (!receipt) co_return std::unexpected(receipt.error());
  co_return Result<void>{};
}

}  // namespace vis::api::livekit
