#include "api/livekit/signal_session.hpp"

#include <utility>
#include <vector>

#include "api/livekit/session_messages.hpp"
#include "api/livekit/token_signer.hpp"
#include "base/log.hpp"

namespace vis::api::livekit {

using rooms::LeaveAction;
using rooms::LeaveReason;

SignalSession::SignalSession(const Surroundings& with, JoinParameters parameters)
    : with_(with), parameters_(std::move(parameters)), packets_(with.rooms, with.rpc) {}

SignalSession::~SignalSession() {
  lose_signal();
  with_.sessions.remove(sid(), *this);
}

// ---- beginning ----

Result<void> SignalSession::start() { return parameters_.resume ? resume() : join(); }

Result<void> SignalSession::join() {
  auto joined = with_.rooms.join(with_.now(), parameters_.request, *this);
  if (!joined) return std::unexpected(joined.error());
  take_seat(*joined);
  joined_ = std::move(*joined);
  return {};
}

Result<void> SignalSession::resume() {
  auto resumed = with_.rooms.resume(with_.now(), parameters_.request, *parameters_.resume, *this);
  if (!resumed) {
    // Whatever the reason, only a new session helps; an HTTP error would make clients try for long.
    log::info("signal.resume_refused",
              {{"participant", *parameters_.resume}, {"error", resumed.error()}});
    life_ = Life::Unresumable;
    return {};
  }
  take_seat(resumed->snapshot);
  resumed_ = std::move(*resumed);
  return {};
}

void SignalSession::take_seat(const rooms::JoinResult& result) {
  life_ = Life::Live;
  room_ = result.room.sid;
  self_ = result.participant;
  with_.sessions.add(sid(), *this);
}

Task<> SignalSession::run(http::WebSocket* socket) {
  begin(*socket);
  while (life_ == Life::Live) {
    const auto frame = co_await socket->read();
    if (frame) {
      on_frame(*frame);
      continue;
    }
    // A server that stops sends everybody elsewhere; any other end of the socket may be followed by
    // a resume.
    if (frame.error().code == Errc::Cancelled) {
      end(LeaveReason::ServerShutdown, LeaveAction::Reconnect);
    }
    lose_signal();
  }
}

void SignalSession::begin(http::WebSocket& socket) {
  if (life_ == Life::Unresumable) {
    life_ = Life::Over;
    channel_.close(
        leave_message(LeaveReason::StateMismatch, LeaveAction::Reconnect, client_protocol()));
  }
  if (life_ == Life::Over) {
    channel_.open(socket, {});
  } else if (resumed_) {
    begin_resumed(socket);
  } else {
    begin_joined(socket);
  }
}

void SignalSession::begin_joined(http::WebSocket& socket) {
  const rooms::JoinResult joined = *std::exchange(joined_, std::nullopt);
  const auto first = {join_response(with_.server, joined, parameters_.request.single_transport)};
  channel_.open(socket, first);
  const rooms::Now now = with_.now();
  with_.rooms.joined(now, sid());
  send_refresh_token(now);
  act_on_join_request();
}

void SignalSession::begin_resumed(http::WebSocket& socket) {
  const rooms::ResumeResult resumed = *std::exchange(resumed_, std::nullopt);
  const ResumeDrop drop = with_.sessions.take_drop(sid());
  if (drop == ResumeDrop::BeforeFirstMessage) return drop_connection(socket);
  std::vector<rooms::ParticipantInfo> everybody = resumed.snapshot.others;
  everybody.push_back(resumed.snapshot.participant);
  const auto first = {reconnect_response(with_.server, sid(), resumed.last_reliable_sequence),
                      participant_update(everybody), room_update(resumed.snapshot.room)};
  channel_.open(socket, first);
  if (drop == ResumeDrop::AfterFirstMessage) return drop_connection(socket);
  send_refresh_token(with_.now());
  act_on_join_request();
}

/// As if the network had failed: the client may resume.
void SignalSession::drop_connection(http::WebSocket& socket) {
  lose_signal();
  socket.close(http::CloseCode::InternalError, "as simulated");
}

/// What came along with the request for the socket instead of after it.
void SignalSession::act_on_join_request() {
  for (const auto& track : std::exchange(parameters_.tracks, {})) {
    if (life_ == Life::Live) handle(track);
  }
  if (const auto state = std::exchange(parameters_.sync_state, {}); state && life_ == Life::Live) {
    handle(*state);
  }
  if (const auto offer = std::exchange(parameters_.offer, {}); offer && life_ == Life::Live) {
    handle_offer(*offer);
  }
}

// ---- its course ----

void SignalSession::on_frame(const http::WebSocketMessage& frame) {
  channel_.answer_in(frame.kind);
  const auto request = parse_request(frame);
  if (request) {
    handle(*request);
  } else {
    refuse(request.error(), {});
  }
}

void SignalSession::on_tick(rooms::Now now) {
  if (life_ != Life::Live) return;
  if (token_refresh_due_ && now.monotonic >= *token_refresh_due_) send_refresh_token(now);
  if (silent_at_ && now.monotonic >= *silent_at_) {
    silent_at_.reset();
    const rooms::Speaker silent{.participant = sid()};
    channel_.send(speakers_changed({&silent, 1}));
  }
}

void SignalSession::send_refresh_token(rooms::Now now) {
  token_refresh_due_ = now.monotonic + kTokenRefreshInterval;
  auto token = make_refresh_token(parameters_.token, self_, with_.projects, now.wall);
  if (token) channel_.send(refresh_token_message(std::move(*token)));
}

void SignalSession::give_way() {
  life_ = Life::Over;
  channel_.close(http::CloseCode::Normal, "the session goes on over another connection");
}

/// The socket is gone. Somebody with media may come back; others have left with this.
void SignalSession::lose_signal() {
  if (life_ != Life::Live) return;
  life_ = Life::Over;
  with_.rooms.signal_lost(with_.now(), sid(), *this);
}

void SignalSession::end(LeaveReason reason, LeaveAction action) {
  life_ = Life::Over;
  with_.rooms.leave(with_.now(), sid(), reason);
  with_.rpc.on_left(sid());
  channel_.close(leave_message(reason, action, client_protocol()));
}

void SignalSession::vanish(LeaveReason reason, http::CloseCode code) {
  life_ = Life::Over;
  with_.rooms.leave(with_.now(), sid(), reason);
  with_.rpc.on_left(sid());
  channel_.close(code, "");
}

// ---- what the room tells ----

void SignalSession::on_participants(std::span<const rooms::ParticipantInfo> changed) {
  channel_.send(participant_update(changed));
}

void SignalSession::on_track_published(std::string_view cid, const rooms::TrackInfo& track) {
  channel_.send(track_published(cid, track));
}

void SignalSession::on_track_unpublished(const rooms::TrackSid& track) {
  channel_.send(track_unpublished(track));
}

void SignalSession::on_track_subscribed(const rooms::TrackSid& track) {
  channel_.send(track_subscribed(track));
}

void SignalSession::on_track_muted(const rooms::TrackSid& track, bool muted) {
  channel_.send(track_muted(track, muted));
}

void SignalSession::on_wanted_quality(const rooms::WantedQuality& wanted) {
  channel_.send(subscribed_quality(wanted));
}

void SignalSession::on_description(rooms::TransportRole,
                                   const rooms::LocalDescription& description) {
  if (description.is_offer) ++last_offer_id_;
  channel_.send(description_message(description, last_offer_id_));
}

void SignalSession::on_candidate(rooms::TransportRole role,
                                 const rooms::LocalCandidate& candidate) {
  // Clients fail on an empty one.
  if (!candidate.candidate.empty()) channel_.send(trickle_message(role, candidate));
}

void SignalSession::on_sections_needed(std::uint32_t audios, std::uint32_t videos) {
  channel_.send(sections_needed(audios, videos));
}

void SignalSession::on_subscription_error(const rooms::TrackSid& track,
                                          rooms::SubscriptionError error) {
  channel_.send(subscription_error(track, error));
}

void SignalSession::on_subscription_permission(const rooms::ParticipantSid& publisher,
                                               const rooms::TrackSid& track, bool allowed) {
  channel_.send(subscription_permission({publisher, track, allowed}));
}

void SignalSession::on_stream_paused(const rooms::ParticipantSid& publisher,
                                     const rooms::TrackSid& track, bool paused) {
  channel_.send(stream_state({publisher, track, paused}));
}

void SignalSession::on_room(const rooms::RoomInfo& room) { channel_.send(room_update(room)); }

void SignalSession::on_speakers(std::span<const rooms::Speaker> changed) {
  channel_.send(speakers_changed(changed));
}

void SignalSession::on_quality(std::span<const rooms::QualityUpdate> changed) {
  channel_.send(connection_quality(changed, client_protocol()));
}

void SignalSession::on_data(const rooms::DataReceived& data) {
  packets_.forward(with_.now(), {.room = room_, .participant = self_}, data);
}

void SignalSession::on_grants_changed(const rooms::ParticipantInfo& self) {
  self_ = self;
  send_refresh_token(with_.now());
}

void SignalSession::on_leave(LeaveReason reason, LeaveAction action) {
  life_ = Life::Over;
  if (action != LeaveAction::Resume) with_.rpc.on_left(sid());
  channel_.close(leave_message(reason, action, client_protocol()));
}

}  // namespace vis::api::livekit
