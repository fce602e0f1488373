// What clients ask over the signalling socket: each message becomes a call of RoomService, and what
// is refused is said with the request that it answers.
#include <algorithm>
#include <boost/json/value.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "api/livekit/errors.hpp"
#include "api/livekit/messages.hpp"
#include "api/livekit/session_messages.hpp"
#include "api/livekit/signal_session.hpp"
#include "base/limits/api_livekit.hpp"
#include "http/json.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;
using rooms::LeaveAction;
using rooms::LeaveReason;
using rooms::TrackSid;
using rooms::TransportRole;

/// From this protocol on clients wait for the answer also when all went well.
constexpr int kConfirmationsSince = 15;
constexpr float kSimulatedLevel = 0.9F;
constexpr int kSimulatedSpeechMaxS = 60;

/// The candidate of an RTCIceCandidateInit in JSON; empty for the end of candidates and for text
/// that is none.
std::string candidate_of(const std::string& init) {
  const auto parsed = http::parse_json(init);
  const json::object* const object = parsed ? parsed->if_object() : nullptr;
  const json::value* const value = object != nullptr ? object->if_contains("candidate") : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<TrackSid> to_sids(const auto& texts) {
  return std::vector<TrackSid>(texts.begin(), texts.end());
}

Error too_many_tracks() { return {Errc::LimitExceeded, "the request names too many tracks"}; }

}  // namespace

void SignalSession::handle(const proto::SignalRequest& request) {
  switch (request.message_case()) {
    case proto::SignalRequest::kOffer: return handle_offer(request.offer());
    case proto::SignalRequest::kAnswer: return handle_answer(request.answer());
    case proto::SignalRequest::kTrickle: return handle(request.trickle());
    case proto::SignalRequest::kAddTrack: return handle(request.add_track());
    case proto::SignalRequest::kMute: return handle(request.mute());
    case proto::SignalRequest::kSubscription: return handle(request.subscription());
    case proto::SignalRequest::kTrackSetting: return handle(request.track_setting());
    case proto::SignalRequest::kLeave: return handle(request.leave());
    case proto::SignalRequest::kSubscriptionPermission:
      return with_.rooms.set_subscription_permission(with_.now(), sid(),
                                                     from_proto(request.subscription_permission()));
    case proto::SignalRequest::kSyncState: return handle(request.sync_state());
    case proto::SignalRequest::kSimulate: return handle(request.simulate());
    case proto::SignalRequest::kPing: return channel_.send(pong(with_.now().wall));
    case proto::SignalRequest::kPingReq:
      return channel_.send(pong(request.ping_req(), with_.now().wall));
    case proto::SignalRequest::kUpdateMetadata: return handle(request.update_metadata());
    case proto::SignalRequest::kUpdateAudioTrack: return handle(request.update_audio_track());
    case proto::SignalRequest::kUpdateVideoTrack: return handle(request.update_video_track());
    case proto::SignalRequest::kPublishDataTrackRequest:
      return refuse_data_track(request.publish_data_track_request());
    case proto::SignalRequest::kUnpublishDataTrackRequest:
      return refuse_data_track(request.unpublish_data_track_request());
    case proto::SignalRequest::kStoreDataBlobRequest:
      return refuse_data_blob(request.store_data_blob_request().request_id());
    case proto::SignalRequest::kGetDataBlobRequest:
      return refuse_data_blob(request.get_data_blob_request().request_id());
    case proto::SignalRequest::kUpdateDataSubscription:
    case proto::SignalRequest::MESSAGE_NOT_SET: return;
  }
  std::unreachable();
}

// ---- negotiation ----

void SignalSession::handle_offer(const proto::SessionDescription& offer) {
  with_.rooms.apply_offer(sid(), offer.sdp(), offer.id());
}

void SignalSession::handle_answer(const proto::SessionDescription& answer) {
  // Some clients always say 0. Another number than that of the latest offer answers one that has
  // been given up.
  if (answer.id() != 0 && answer.id() != last_offer_id_) return;
  with_.rooms.apply_answer(sid(), answer.sdp());
}

void SignalSession::handle(const proto::TrickleRequest& trickle) {
  std::string candidate = candidate_of(trickle.candidateinit());
  if (candidate.empty()) return;
  const TransportRole role =
      trickle.target() == proto::SUBSCRIBER ? TransportRole::Subscriber : TransportRole::Publisher;
  with_.rooms.add_candidate(sid(), role, std::move(candidate));
}

// ---- tracks ----

void SignalSession::handle(const proto::AddTrackRequest& request) {
  proto::RequestResponse response;
  *response.mutable_add_track() = request;
  if (request.type() != proto::AUDIO && request.type() != proto::VIDEO) {
    return refuse({Errc::Unsupported, "only audio and video can be published so"}, response);
  }
  const auto track = with_.rooms.add_track(with_.now(), sid(), from_proto(request));
  if (!track) refuse(track.error(), std::move(response));
}

void SignalSession::handle(const proto::MuteTrackRequest& request) {
  const auto muted =
      with_.rooms.set_own_mute(with_.now(), sid(), TrackSid(request.sid()), request.muted());
  if (muted) return;
  proto::RequestResponse response;
  *response.mutable_mute() = request;
  refuse(muted.error(), std::move(response));
}

void SignalSession::handle(const proto::UpdateLocalAudioTrack& request) {
  const auto changed = with_.rooms.set_audio_features(
      with_.now(), sid(), TrackSid(request.track_sid()), audio_features(request.features()));
  if (changed) return;
  proto::RequestResponse response;
  *response.mutable_update_audio_track() = request;
  refuse(changed.error(), std::move(response));
}

void SignalSession::handle(const proto::UpdateLocalVideoTrack& request) {
  const auto changed =
      with_.rooms.set_video_size(with_.now(), sid(), TrackSid(request.track_sid()),
                                 {.width = request.width(), .height = request.height()});
  if (changed) return;
  proto::RequestResponse response;
  *response.mutable_update_video_track() = request;
  refuse(changed.error(), std::move(response));
}

void SignalSession::handle(const proto::UpdateSubscription& request) {
  const std::vector<TrackSid> tracks = track_sids(request);
  if (tracks.size() > limits::kTracksPerRequest) return refuse(too_many_tracks(), {});
  with_.rooms.set_subscribed(with_.now(), sid(), tracks, request.subscribe());
}

void SignalSession::handle(const proto::UpdateTrackSettings& request) {
  const std::vector<TrackSid> tracks = to_sids(request.track_sids());
  if (tracks.size() > limits::kTracksPerRequest) return refuse(too_many_tracks(), {});
  with_.rooms.set_track_settings(sid(), tracks, from_proto(request));
}

// ---- the participant itself ----

void SignalSession::handle(const proto::UpdateParticipantMetadata& request) {
  rooms::ParticipantUpdate update{.name = request.name(), .metadata = request.metadata()};
  update.attributes.insert(request.attributes().begin(), request.attributes().end());
  const auto updated = with_.rooms.update_own(with_.now(), sid(), std::move(update));
  proto::SignalResponse message;
  proto::RequestResponse& response = *message.mutable_request_response();
  response.set_request_id(request.request_id());
  if (!updated) return refuse(updated.error(), std::move(response));
  if (client_protocol() >= kConfirmationsSince) channel_.send(std::move(message));
}

void SignalSession::handle(const proto::LeaveRequest& request) {
  vanish(from_client(request.reason()), http::CloseCode::Normal);
}

void SignalSession::handle(const proto::SyncState& state) {
  std::vector<TrackSid> published;
  for (const auto& track : state.publish_tracks()) published.emplace_back(track.track().sid());
  if (!with_.rooms.publishes_all(sid(), published)) {
    return end(LeaveReason::StateMismatch, LeaveAction::Reconnect);
  }
  const auto changed = track_sids(state.subscription());
  if (!changed.empty()) {
    with_.rooms.set_subscribed(with_.now(), sid(), changed, state.subscription().subscribe());
  }
  const auto disabled = to_sids(state.track_sids_disabled());
  if (!disabled.empty()) with_.rooms.set_track_settings(sid(), disabled, {.disabled = true});
}

// ---- what this server does not offer ----

void SignalSession::refuse_data_track(const proto::PublishDataTrackRequest& request) {
  proto::RequestResponse response;
  *response.mutable_publish_data_track() = request;
  refuse({Errc::Unsupported, "this server does not offer data tracks"}, std::move(response));
}

void SignalSession::refuse_data_track(const proto::UnpublishDataTrackRequest& request) {
  proto::RequestResponse response;
  *response.mutable_unpublish_data_track() = request;
  refuse({Errc::NotFound, "data track not found"}, std::move(response));
}

void SignalSession::refuse_data_blob(std::uint32_t request_id) {
  proto::RequestResponse response;
  response.set_request_id(request_id);
  refuse({Errc::PermissionDenied, "this server does not offer data blobs"}, std::move(response));
}

void SignalSession::refuse(const Error& error, proto::RequestResponse response) {
  response.set_reason(refusal_reason(error.code));
  response.set_message(error.message);
  proto::SignalResponse message;
  *message.mutable_request_response() = std::move(response);
  channel_.send(std::move(message));
}

// ---- scenarios that tests of client SDKs ask for ----

void SignalSession::handle(const proto::SimulateScenario& scenario) {
  switch (scenario.scenario_case()) {
    case proto::SimulateScenario::kSpeakerUpdate:
      return simulate_speaker(scenario.speaker_update());
    case proto::SimulateScenario::kNodeFailure:
    case proto::SimulateScenario::kMigration:
      return vanish(LeaveReason::Migration, http::CloseCode::GoingAway);
    case proto::SimulateScenario::kServerLeave:
      return end(LeaveReason::ServerShutdown, LeaveAction::Disconnect);
    case proto::SimulateScenario::kLeaveRequestFullReconnect:
      return end(LeaveReason::StateMismatch, LeaveAction::Reconnect);
    case proto::SimulateScenario::kDisconnectSignalOnResume:
      return with_.sessions.drop_next_resume(sid(), ResumeDrop::AfterFirstMessage);
    case proto::SimulateScenario::kDisconnectSignalOnResumeNoMessages:
      return with_.sessions.drop_next_resume(sid(), ResumeDrop::BeforeFirstMessage);
    case proto::SimulateScenario::kSwitchCandidateProtocol:
    case proto::SimulateScenario::kSubscriberBandwidth:
    case proto::SimulateScenario::SCENARIO_NOT_SET: return;
  }
  std::unreachable();
}

void SignalSession::simulate_speaker(int seconds) {
  const rooms::Speaker speaking{.participant = sid(), .level = kSimulatedLevel, .active = true};
  channel_.send(speakers_changed({&speaking, 1}));
  silent_at_ =
      with_.now().monotonic + std::chrono::seconds(std::clamp(seconds, 0, kSimulatedSpeechMaxS));
}

}  // namespace vis::api::livekit
