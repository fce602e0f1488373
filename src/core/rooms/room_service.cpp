#include "core/rooms/room_service.hpp"

#include <algorithm>
#include <utility>

#include "core/rooms/room_service_state.hpp"
#include "core/rooms/text_rules.hpp"

namespace vis::core::rooms {
namespace {

std::unexpected<Error> gone() { return fail(Errc::NotFound, "participant is not in a room"); }

Result<void> check_join(const JoinRequest& request) {
  const Description description{
      .name = request.name, .metadata = request.metadata, .attributes = request.attributes};
  if (auto valid = check_room_name(request.room_name); !valid) return valid;
  if (auto valid = check_identity(request.identity); !valid) return valid;
  if (auto valid = check_description(description, Errc::InvalidArgument); !valid) return valid;
  return check_room_options(request.room_options);
}

}  // namespace

RoomService::RoomService(RoomDefaults defaults, Ports ports)
    : state_(std::make_unique<State>(defaults, ports)) {}

RoomService::~RoomService() = default;

// ---- sessions ----

Result<JoinResult> RoomService::join(Now now, JoinRequest request, SessionObserver& observer) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto allowed = can_join(request); !allowed) return std::unexpected(allowed.error());
  auto room = state_->find_or_create(now, request.project, request.room_name, request.room_options);
  if (!room) return std::unexpected(room.error());
  return (*room)->join(now, request, observer);
}

Result<void> RoomService::can_join(const JoinRequest& request) const {
  owner_.check();
  if (auto valid = check_join(request); !valid) return valid;
  auto existing = state_->find_room(request.project, request.room_name);
  if (existing) return (*existing)->check_capacity(request);
  if (request.viewer) return fail(Errc::FailedPrecondition, "nobody publishes here yet");
  if (state_->draining || state_->stopping) {
    return fail(Errc::Unavailable, "the server is stopping");
  }
  const bool may_create = state_->shared.defaults.create_by_joining || request.may_create_room;
  if (!may_create) return std::unexpected(existing.error());
  return {};
}

void RoomService::joined(Now now, const ParticipantSid& participant) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) seat->room.joined(now, seat->participant);
}

Result<ResumeResult> RoomService::resume(Now now, const JoinRequest& request,
                                         const ParticipantSid& participant,
                                         SessionObserver& observer) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(ParticipantRef{
      .project = request.project, .room_name = request.room_name, .identity = request.identity});
  if (!seat || seat->participant.sid() != participant) {
    return fail(Errc::FailedPrecondition, "there is no session to resume");
  }
  return seat->room.resume(now, seat->participant, observer);
}

void RoomService::signal_lost(Now now, const ParticipantSid& participant,
                              const SessionObserver& observer) {
  owner_.check();
  const Turn turn(state_->shared);
  state_->shared.outbox.forget(&observer);
  auto seat = state_->find_seat(participant);
  if (seat && seat->participant.observer == &observer) {
    seat->room.signal_lost(now, seat->participant);
  }
}

void RoomService::leave(Now now, const ParticipantSid& participant, LeaveReason reason) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return;
  state_->shared.outbox.forget(seat->participant.observer);
  seat->participant.observer = nullptr;
  seat->room.remove(now, seat->participant, {.reason = reason});
}

// ---- negotiation ----

void RoomService::apply_offer(const ParticipantSid& participant, std::string sdp,
                              std::uint32_t offer_id) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.connecting().apply_offer(seat->participant, std::move(sdp), offer_id);
  }
}

void RoomService::apply_answer(const ParticipantSid& participant, std::string sdp) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.connecting().apply_answer(seat->participant, std::move(sdp));
  }
}

void RoomService::add_candidate(const ParticipantSid& participant, TransportRole role,
                                std::string candidate) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.connecting().add_candidate(seat->participant, role, std::move(candidate));
  }
}

// ---- tracks ----

Result<TrackInfo> RoomService::add_track(Now now, const ParticipantSid& participant,
                                         TrackRequest request) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return gone();
  return seat->room.publishing().add_track(now, seat->participant, std::move(request));
}

Result<void> RoomService::set_own_mute(Now now, const ParticipantSid& participant,
                                       const TrackSid& track, bool muted) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return gone();
  const auto muted_track = seat->room.publishing().mute(
      now, seat->participant,
      {.track = track, .muted = muted, .by = Publishing::MutedBy::Publisher});
  if (!muted_track) return std::unexpected(muted_track.error());
  return {};
}

Result<void> RoomService::set_audio_features(Now now, const ParticipantSid& participant,
                                             const TrackSid& track, AudioFeatures features) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return gone();
  return seat->room.publishing().set_audio_features(now, seat->participant, track,
                                                    std::move(features));
}

Result<void> RoomService::set_video_size(Now now, const ParticipantSid& participant,
                                         const TrackSid& track, VideoSize size) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return gone();
  return seat->room.publishing().set_video_size(now, seat->participant, track, size);
}

void RoomService::set_subscribed(Now now, const ParticipantSid& participant,
                                 std::span<const TrackSid> tracks, bool subscribed) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.subscribing().set_subscribed(now, seat->participant, tracks, subscribed);
  }
}

void RoomService::set_track_settings(const ParticipantSid& participant,
                                     std::span<const TrackSid> tracks,
                                     const TrackSettings& settings) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.subscribing().set_settings(seat->participant, tracks, settings);
  }
}

void RoomService::set_viewer_quality(const ParticipantSid& participant, VideoQuality quality) {
  owner_.check();
  const Turn turn(state_->shared);
  const auto seat = state_->find_seat(participant);
  if (seat && seat->participant.viewer)
    seat->room.viewing().set_quality(seat->participant, quality);
}

void RoomService::set_subscription_permission(Now now, const ParticipantSid& participant,
                                              SubscriptionPermission permission) {
  owner_.check();
  const Turn turn(state_->shared);
  if (auto seat = state_->find_seat(participant)) {
    seat->room.set_subscription_permission(now, seat->participant, permission);
  }
}

bool RoomService::publishes_all(const ParticipantSid& participant,
                                std::span<const TrackSid> tracks) const {
  owner_.check();
  const auto seat = state_->find_seat(participant);
  return seat && std::ranges::all_of(tracks, [&](const TrackSid& track) {
           return seat->participant.publications.find(track) != nullptr;
         });
}

Result<void> RoomService::update_own(Now now, const ParticipantSid& participant,
                                     ParticipantUpdate update) {
  owner_.check();
  const Turn turn(state_->shared);
  auto seat = state_->find_seat(participant);
  if (!seat) return gone();
  if (!seat->participant.permissions().can_update_own_metadata) {
    return fail(Errc::PermissionDenied, "no permission to change one's own description");
  }
  if (auto valid = check_update(seat->participant, update, Errc::LimitExceeded); !valid) {
    return valid;
  }
  seat->room.update_participant(now, seat->participant, update, std::nullopt);
  return {};
}

// ---- data ----

void RoomService::send_data(Now now, DataMessage message) {
  owner_.check();
  const Turn turn(state_->shared);
  if (Room* room = state_->rooms.find(message.room)) room->data().send(now, std::move(message));
}

bool RoomService::can_publish_data(const ParticipantSid& participant) const {
  owner_.check();
  const auto seat = state_->find_seat(participant);
  return seat && seat->participant.permissions().can_publish_data;
}

bool RoomService::accept_reliable_sequence(const ParticipantSid& participant,
                                           std::uint32_t sequence) {
  owner_.check();
  auto seat = state_->find_seat(participant);
  return seat && DataRouting::accept_sequence(seat->participant, sequence);
}

// ---- time and media ----

void RoomService::on_media_event(Now now, const RoomSid& room, MediaEvent event) {
  owner_.check();
  const Turn turn(state_->shared);
  if (Room* target = state_->rooms.find(room)) target->on_media_event(now, std::move(event));
}

void RoomService::on_tick(Now now) {
  owner_.check();
  const Turn turn(state_->shared);
  std::vector<Room*> expired;
  state_->rooms.for_each([&](Room& room) {
    room.on_tick(now);
    if (room.is_expired(now)) expired.push_back(&room);
  });
  for (Room* room : expired) {
    state_->close(now, *room, {.reason = LeaveReason::RoomClosed});
  }
}

RoomService::Totals RoomService::totals() const {
  owner_.check();
  Totals totals{.rooms = state_->rooms.size()};
  state_->rooms.for_each([&](const Room& room) {
    for (const auto& participant : room.roster().all()) {
      ++totals.participants;
      const Publications& publications = participant->publications;
      const std::size_t published = publications.size() - publications.pending();
      totals.tracks += published;
      if (published != 0) ++totals.publishers;
      if (participant->subscriptions.any_bound()) ++totals.subscribers;
      const MediaSample::Transport& downlink = participant->link.downlink.second;
      if (downlink.connected && downlink.way) ++totals.by_way[std::to_underlying(*downlink.way)];
    }
  });
  return totals;
}

}  // namespace vis::core::rooms
