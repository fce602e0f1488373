#include "api/livekit/session_messages.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <utility>
#include <vector>

namespace vis::api::livekit {
namespace {

namespace json = boost::json;

/// Since which protocol a client understands what.
constexpr int kActionsSince = 13;
constexpr int kLostQualitySince = 11;

template <typename Messages>
void add_ice_servers(const ServerDescription& server, const rooms::ParticipantSid& participant,
                     Messages& messages) {
  std::vector<IceServer> servers = server.ice_servers;
  if (server.issue_ice_servers) {
    std::ranges::move(server.issue_ice_servers(participant), std::back_inserter(servers));
  }
  for (const IceServer& each : servers) {
    proto::ICEServer& message = *messages.Add();
    message.mutable_urls()->Assign(each.urls.begin(), each.urls.end());
    message.set_username(each.username);
    message.set_credential(each.credential);
  }
}

proto::ServerInfo server_info(const ServerDescription& server) {
  proto::ServerInfo info;
  info.set_edition(proto::ServerInfo::Standard);
  info.set_version(std::string(kServerVersion));
  info.set_protocol(kProtocol);
  info.set_region(server.region);
  info.set_node_id(server.node_id);
  info.set_agent_protocol(kAgentProtocol);
  return info;
}

/// Codecs are told with the case that registries use: `video/VP8`, `audio/opus`.
std::string registered_mime(std::string mime_type) {
  if (!mime_type.starts_with("video/")) return mime_type;
  std::ranges::transform(mime_type.begin() + 6, mime_type.end(), mime_type.begin() + 6, [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return mime_type;
}

std::string codec_name(const std::string& mime_type) {
  return mime_type.substr(mime_type.find('/') + 1);
}

void add_qualities(rooms::VideoQuality highest,
                   google::protobuf::RepeatedPtrField<proto::SubscribedQuality>& qualities) {
  using rooms::VideoQuality;
  for (const VideoQuality quality : {VideoQuality::Low, VideoQuality::Medium, VideoQuality::High}) {
    proto::SubscribedQuality& added = *qualities.Add();
    added.set_quality(to_proto(quality));
    added.set_enabled(highest != VideoQuality::Off && quality <= highest);
  }
}

proto::SignalTarget target_of(rooms::TransportRole role) {
  return role == rooms::TransportRole::Subscriber ? proto::SUBSCRIBER : proto::PUBLISHER;
}

}  // namespace

proto::SignalResponse join_response(const ServerDescription& server,
                                    const rooms::JoinResult& joined, bool single_transport) {
  proto::SignalResponse response;
  proto::JoinResponse& join = *response.mutable_join();
  *join.mutable_room() = to_proto(joined.room);
  *join.mutable_participant() = to_proto(joined.participant);
  for (const rooms::ParticipantInfo& other : joined.others) {
    *join.add_other_participants() = to_proto(other);
  }
  *join.mutable_server_info() = server_info(server);
  join.set_server_version(std::string(kServerVersion));
  join.set_server_region(server.region);
  add_ice_servers(server, joined.participant.sid, *join.mutable_ice_servers());
  join.set_subscriber_primary(joined.subscriber_primary);
  join.set_ping_interval(kPingInterval.count());
  join.set_ping_timeout(kPingTimeout.count());
  for (const std::string& codec : joined.publish_codecs) {
    join.add_enabled_publish_codecs()->set_mime(registered_mime(codec));
  }
  join.set_fast_publish(!single_transport && joined.participant.permissions.can_publish);
  return response;
}

proto::SignalResponse reconnect_response(const ServerDescription& server,
                                         const rooms::ParticipantSid& participant,
                                         std::uint32_t last_reliable_sequence) {
  proto::SignalResponse response;
  proto::ReconnectResponse& reconnect = *response.mutable_reconnect();
  *reconnect.mutable_server_info() = server_info(server);
  add_ice_servers(server, participant, *reconnect.mutable_ice_servers());
  reconnect.set_last_message_seq(last_reliable_sequence);
  return response;
}

proto::SignalResponse leave_message(rooms::LeaveReason reason, rooms::LeaveAction action,
                                    int client_protocol) {
  proto::SignalResponse response;
  proto::LeaveRequest& leave = *response.mutable_leave();
  leave.set_reason(to_proto(reason));
  if (client_protocol >= kActionsSince) {
    leave.set_action(to_proto(action));
  } else {
    leave.set_can_reconnect(action != rooms::LeaveAction::Disconnect);
  }
  return response;
}

proto::SignalResponse participant_update(std::span<const rooms::ParticipantInfo> participants) {
  proto::SignalResponse response;
  proto::ParticipantUpdate& update = *response.mutable_update();
  for (const rooms::ParticipantInfo& participant : participants) {
    *update.add_participants() = to_proto(participant);
  }
  return response;
}

proto::SignalResponse room_update(const rooms::RoomInfo& room) {
  proto::SignalResponse response;
  *response.mutable_room_update()->mutable_room() = to_proto(room);
  return response;
}

proto::SignalResponse track_published(std::string_view cid, const rooms::TrackInfo& track) {
  proto::SignalResponse response;
  proto::TrackPublishedResponse& published = *response.mutable_track_published();
  published.set_cid(std::string(cid));
  *published.mutable_track() = to_proto(track);
  return response;
}

proto::SignalResponse track_unpublished(const rooms::TrackSid& track) {
  proto::SignalResponse response;
  response.mutable_track_unpublished()->set_track_sid(track.str());
  return response;
}

proto::SignalResponse track_subscribed(const rooms::TrackSid& track) {
  proto::SignalResponse response;
  response.mutable_track_subscribed()->set_track_sid(track.str());
  return response;
}

proto::SignalResponse track_muted(const rooms::TrackSid& track, bool muted) {
  proto::SignalResponse response;
  proto::MuteTrackRequest& mute = *response.mutable_mute();
  mute.set_sid(track.str());
  mute.set_muted(muted);
  return response;
}

proto::SignalResponse subscribed_quality(const rooms::WantedQuality& wanted) {
  proto::SignalResponse response;
  proto::SubscribedQualityUpdate& update = *response.mutable_subscribed_quality_update();
  update.set_track_sid(wanted.track.str());
  add_qualities(wanted.highest, *update.mutable_subscribed_qualities());
  for (const rooms::WantedQuality::Codec& codec : wanted.codecs) {
    proto::SubscribedCodec& subscribed = *update.add_subscribed_codecs();
    subscribed.set_codec(codec_name(codec.mime_type));
    add_qualities(codec.highest, *subscribed.mutable_qualities());
  }
  return response;
}

proto::SignalResponse subscription_error(const rooms::TrackSid& track,
                                         rooms::SubscriptionError error) {
  proto::SignalResponse response;
  proto::SubscriptionResponse& refused = *response.mutable_subscription_response();
  refused.set_track_sid(track.str());
  refused.set_err(to_proto(error));
  return response;
}

proto::SignalResponse subscription_permission(const PermissionChange& change) {
  proto::SignalResponse response;
  proto::SubscriptionPermissionUpdate& update = *response.mutable_subscription_permission_update();
  update.set_participant_sid(change.publisher.str());
  update.set_track_sid(change.track.str());
  update.set_allowed(change.allowed);
  return response;
}

proto::SignalResponse stream_state(const PauseChange& change) {
  proto::SignalResponse response;
  proto::StreamStateInfo& info = *response.mutable_stream_state_update()->add_stream_states();
  info.set_participant_sid(change.publisher.str());
  info.set_track_sid(change.track.str());
  info.set_state(change.paused ? proto::PAUSED : proto::ACTIVE);
  return response;
}

proto::SignalResponse speakers_changed(std::span<const rooms::Speaker> speakers) {
  proto::SignalResponse response;
  proto::SpeakersChanged& changed = *response.mutable_speakers_changed();
  for (const rooms::Speaker& speaker : speakers) {
    proto::SpeakerInfo& info = *changed.add_speakers();
    info.set_sid(speaker.participant.str());
    info.set_level(speaker.level);
    info.set_active(speaker.active);
  }
  return response;
}

proto::SignalResponse connection_quality(std::span<const rooms::QualityUpdate> updates,
                                         int client_protocol) {
  proto::SignalResponse response;
  proto::ConnectionQualityUpdate& changed = *response.mutable_connection_quality();
  for (const rooms::QualityUpdate& update : updates) {
    const bool too_new =
        update.quality == rooms::ConnectionQuality::Lost && client_protocol < kLostQualitySince;
    proto::ConnectionQualityInfo& info = *changed.add_updates();
    info.set_participant_sid(update.participant.str());
    info.set_quality(too_new ? proto::POOR : to_proto(update.quality));
    info.set_score(update.score);
  }
  return response;
}

proto::SignalResponse description_message(const rooms::LocalDescription& description,
                                          std::uint32_t offer_id) {
  proto::SignalResponse response;
  proto::SessionDescription& message =
      description.is_offer ? *response.mutable_offer() : *response.mutable_answer();
  message.set_type(description.is_offer ? "offer" : "answer");
  message.set_sdp(description.sdp);
  message.set_id(description.is_offer ? offer_id : description.offer_id);
  for (const auto& [mid, track] : description.mid_track) {
    (*message.mutable_mid_to_track_id())[mid] = track.str();
  }
  return response;
}

proto::SignalResponse trickle_message(rooms::TransportRole role,
                                      const rooms::LocalCandidate& candidate) {
  // All four members of an RTCIceCandidateInit: some clients end at a candidate without sdpMid.
  const json::object init{{"candidate", candidate.candidate},
                          {"sdpMid", "0"},
                          {"sdpMLineIndex", 0},
                          {"usernameFragment", nullptr}};
  proto::SignalResponse response;
  proto::TrickleRequest& trickle = *response.mutable_trickle();
  trickle.set_candidateinit(json::serialize(init));
  trickle.set_target(target_of(role));
  trickle.set_final(candidate.last);
  return response;
}

proto::SignalResponse sections_needed(std::uint32_t audios, std::uint32_t videos) {
  proto::SignalResponse response;
  proto::MediaSectionsRequirement& needed = *response.mutable_media_sections_requirement();
  needed.set_num_audios(audios);
  needed.set_num_videos(videos);
  return response;
}

proto::SignalResponse refresh_token_message(std::string token) {
  proto::SignalResponse response;
  response.set_refresh_token(std::move(token));
  return response;
}

proto::SignalResponse pong(WallTime now) {
  proto::SignalResponse response;
  response.set_pong(unix_ms(now));
  return response;
}

proto::SignalResponse pong(const proto::Ping& ping, WallTime now) {
  proto::SignalResponse response;
  proto::Pong& pong = *response.mutable_pong_resp();
  pong.set_last_ping_timestamp(ping.timestamp());
  pong.set_timestamp(unix_ms(now));
  return response;
}

}  // namespace vis::api::livekit
