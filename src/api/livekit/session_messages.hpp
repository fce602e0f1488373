#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/livekit/messages.hpp"
#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/server_description.hpp"
#include "base/time.hpp"
#include "core/rooms/session.hpp"

/// What a signalling session says, one function per message.
namespace vis::api::livekit {

/// How often clients ping, and how long they wait for the answer before they open a new socket.
/// Zero ends some of them.
inline constexpr auto kPingInterval = 5s;
inline constexpr auto kPingTimeout = 15s;

proto::SignalResponse join_response(const ServerDescription& server,
                                    const rooms::JoinResult& joined, bool single_transport);
proto::SignalResponse reconnect_response(const ServerDescription& server,
                                         const rooms::ParticipantSid& participant,
                                         std::uint32_t last_reliable_sequence);
/// Old clients know nothing but whether to come back.
proto::SignalResponse leave_message(rooms::LeaveReason reason, rooms::LeaveAction action,
                                    int client_protocol);

proto::SignalResponse participant_update(std::span<const rooms::ParticipantInfo> participants);
proto::SignalResponse room_update(const rooms::RoomInfo& room);
proto::SignalResponse track_published(std::string_view cid, const rooms::TrackInfo& track);
proto::SignalResponse track_unpublished(const rooms::TrackSid& track);
proto::SignalResponse track_subscribed(const rooms::TrackSid& track);
proto::SignalResponse track_muted(const rooms::TrackSid& track, bool muted);
proto::SignalResponse subscribed_quality(const rooms::WantedQuality& wanted);
proto::SignalResponse subscription_error(const rooms::TrackSid& track,
                                         rooms::SubscriptionError error);
struct PermissionChange {
  const rooms::ParticipantSid& publisher;
  const rooms::TrackSid& track;
  bool allowed = false;
};
proto::SignalResponse subscription_permission(const PermissionChange& change);
struct PauseChange {
  const rooms::ParticipantSid& publisher;
  const rooms::TrackSid& track;
  bool paused = false;
};
proto::SignalResponse stream_state(const PauseChange& change);
proto::SignalResponse speakers_changed(std::span<const rooms::Speaker> speakers);
/// Clients of before protocol 11 do not know that a connection can be lost.
proto::SignalResponse connection_quality(std::span<const rooms::QualityUpdate> updates,
                                         int client_protocol);

/// An offer bears `offer_id`; an answer the id of the offer it answers.
proto::SignalResponse description_message(const rooms::LocalDescription& description,
                                          std::uint32_t offer_id);
proto::SignalResponse trickle_message(rooms::TransportRole role,
                                      const rooms::LocalCandidate& candidate);
proto::SignalResponse sections_needed(std::uint32_t audios, std::uint32_t videos);

proto::SignalResponse refresh_token_message(std::string token);
proto::SignalResponse pong(WallTime now);
proto::SignalResponse pong(const proto::Ping& ping, WallTime now);

}  // namespace vis::api::livekit
