#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/livekit/proto/livekit.pb.h"
#include "core/rooms/session.hpp"

/// Between the domain's values and the protocol's messages, one function per noun and direction.
/// `to_proto` fills every field that clients read; `from_proto` takes numbers it does not know as
/// the neutral value.
namespace vis::api::livekit {

namespace proto = ::livekit;
namespace rooms = core::rooms;

proto::Room to_proto(const rooms::RoomInfo& room);
proto::ParticipantInfo to_proto(const rooms::ParticipantInfo& participant);
proto::ParticipantPermission to_proto(const rooms::Permissions& permissions);
proto::TrackInfo to_proto(const rooms::TrackInfo& track);
proto::VideoLayer to_proto(const rooms::VideoLayer& layer);
proto::DisconnectReason to_proto(rooms::LeaveReason reason);
proto::LeaveRequest::Action to_proto(rooms::LeaveAction action);
proto::VideoQuality to_proto(rooms::VideoQuality quality);
proto::ConnectionQuality to_proto(rooms::ConnectionQuality quality);
proto::SubscriptionError to_proto(rooms::SubscriptionError error);
proto::TrackSource to_proto(rooms::TrackSource source);
proto::ParticipantInfo::Kind to_proto(rooms::ParticipantKind kind);

rooms::RoomOptions from_proto(const proto::CreateRoomRequest& request);
rooms::RoomOptions from_proto(const proto::RoomConfiguration& config);
rooms::TrackRequest from_proto(const proto::AddTrackRequest& request);
rooms::TrackSettings from_proto(const proto::UpdateTrackSettings& settings);
rooms::SubscriptionPermission from_proto(const proto::SubscriptionPermission& permission);
rooms::Permissions from_proto(const proto::ParticipantPermission& permission);
rooms::ClientInfo from_proto(const proto::ClientInfo& client);
rooms::TrackSource from_proto(proto::TrackSource source);
/// Only the reasons that a client may give; anything else is ClientInitiated.
rooms::LeaveReason from_client(proto::DisconnectReason reason);

/// Numbers that are no feature are left out: some clients end at one they do not know.
rooms::AudioFeatures audio_features(const google::protobuf::RepeatedField<int>& features);

/// Both lists of the message together.
std::vector<rooms::TrackSid> track_sids(const proto::UpdateSubscription& update);
std::vector<rooms::TrackSid> track_sids(const proto::UpdateSubscriptionsRequest& update);

}  // namespace vis::api::livekit
