#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/livekit/data_packets.hpp"
#include "api/livekit/join_parameters.hpp"
#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/rpc_calls.hpp"
#include "api/livekit/server_description.hpp"
#include "api/livekit/signal_channel.hpp"
#include "api/livekit/signal_sessions.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/rooms/room_service.hpp"
#include "http/websocket.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

/// One signalling WebSocket of one participant: its messages become calls of RoomService, and what
/// the room tells becomes messages.
///
/// Control thread. Owned by its WebSocket's handler from the decision to accept it (`start`) to the
/// end of the socket (`run` returns); a session that is destroyed while it is still live counts as
/// signalling lost. It ends early when the participant leaves, is told to, or comes back over
/// another socket; what comes from the old one is not listened to any more. A message that cannot
/// be understood is answered as such and changes nothing.
class SignalSession final : public rooms::SessionObserver {
 public:
  /// Everything around a session; outlives it.
  struct Surroundings {
    rooms::RoomService& rooms;
    projects::ProjectService& projects;
    SignalSessions& sessions;
    RpcCalls& rpc;
    const ServerDescription& server;
    const Clock& now;
  };
  SignalSession(const Surroundings& with, JoinParameters parameters);
  ~SignalSession() override;
  SignalSession(const SignalSession&) = delete;
  SignalSession& operator=(const SignalSession&) = delete;

  /// Takes the participant's place in the room, before the upgrade is answered. A session that
  /// cannot be resumed is no error: the client is told to join again, over the socket.
  Result<void> start();
  /// `socket` outlives the coroutine.
  Task<> run(http::WebSocket* socket);

  void on_tick(rooms::Now now);
  /// Another socket has taken the session over.
  void give_way();

  // ---- what the room tells ----

  void on_participants(std::span<const rooms::ParticipantInfo> changed) override;
  void on_track_published(std::string_view cid, const rooms::TrackInfo& track) override;
  void on_track_unpublished(const rooms::TrackSid& track) override;
  void on_track_subscribed(const rooms::TrackSid& track) override;
  void on_track_muted(const rooms::TrackSid& track, bool muted) override;
  void on_wanted_quality(const rooms::WantedQuality& wanted) override;
  void on_description(rooms::TransportRole role,
                      const rooms::LocalDescription& description) override;
  void on_candidate(rooms::TransportRole role, const rooms::LocalCandidate& candidate) override;
  void on_sections_needed(std::uint32_t audios, std::uint32_t videos) override;
  void on_subscription_error(const rooms::TrackSid& track, rooms::SubscriptionError error) override;
  void on_subscription_permission(const rooms::ParticipantSid& publisher,
                                  const rooms::TrackSid& track, bool allowed) override;
  void on_stream_paused(const rooms::ParticipantSid& publisher, const rooms::TrackSid& track,
                        bool paused) override;
  void on_room(const rooms::RoomInfo& room) override;
  void on_speakers(std::span<const rooms::Speaker> changed) override;
  void on_quality(std::span<const rooms::QualityUpdate> changed) override;
  void on_data(const rooms::DataReceived& data) override;
  void on_grants_changed(const rooms::ParticipantInfo& self) override;
  void on_leave(rooms::LeaveReason reason, rooms::LeaveAction action) override;

 private:
  static constexpr Duration kTokenRefreshInterval = 5min;

  enum class Life : std::uint8_t {
    New,          ///< Not started, or refused.
    Live,         ///< The room counts on this session.
    Unresumable,  ///< There was nothing to resume; to be told so.
    Over,         ///< Nothing more is said or heard.
  };

  // ---- its course: signal_session.cpp ----

  Result<void> join();
  Result<void> resume();
  void take_seat(const rooms::JoinResult& result);
  void begin(http::WebSocket& socket);
  void begin_joined(http::WebSocket& socket);
  void begin_resumed(http::WebSocket& socket);
  void drop_connection(http::WebSocket& socket);
  void act_on_join_request();
  void on_frame(const http::WebSocketMessage& frame);
  void send_refresh_token(rooms::Now now);
  void lose_signal();
  /// Leaves the room and tells the client what to do next.
  void end(rooms::LeaveReason reason, rooms::LeaveAction action);
  /// Leaves the room and ends the socket without a word.
  void vanish(rooms::LeaveReason reason, http::CloseCode code);
  const rooms::ParticipantSid& sid() const { return self_.sid; }
  int client_protocol() const { return parameters_.request.client.protocol; }

  // ---- what the client asks: signal_session_requests.cpp ----

  void handle(const proto::SignalRequest& request);
  void handle_offer(const proto::SessionDescription& offer);
  void handle_answer(const proto::SessionDescription& answer);
  void handle(const proto::TrickleRequest& trickle);
  void handle(const proto::AddTrackRequest& request);
  void handle(const proto::MuteTrackRequest& request);
  void handle(const proto::UpdateSubscription& request);
  void handle(const proto::UpdateTrackSettings& request);
  void handle(const proto::LeaveRequest& request);
  void handle(const proto::SyncState& state);
  void handle(const proto::SimulateScenario& scenario);
  void handle(const proto::UpdateParticipantMetadata& request);
  void handle(const proto::UpdateLocalAudioTrack& request);
  void handle(const proto::UpdateLocalVideoTrack& request);
  void refuse_data_track(const proto::PublishDataTrackRequest& request);
  void refuse_data_track(const proto::UnpublishDataTrackRequest& request);
  void refuse_data_blob(std::uint32_t request_id);
  void refuse(const Error& error, proto::RequestResponse response);
  void simulate_speaker(int seconds);

  Surroundings with_;
  JoinParameters parameters_;
  SignalChannel channel_;
  DataPackets packets_;
  Life life_ = Life::New;

  rooms::RoomSid room_;
  rooms::ParticipantInfo self_;              ///< As it was last told; kept for identity and rights.
  std::optional<rooms::JoinResult> joined_;  ///< Until it has been told.
  std::optional<rooms::ResumeResult> resumed_;  ///< Until it has been told.
  std::uint32_t last_offer_id_ = 0;             ///< Of the server's offers.
  std::optional<TimePoint> token_refresh_due_;
  std::optional<TimePoint> silent_at_;  ///< When a simulated speaker stops.
};

}  // namespace vis::api::livekit
