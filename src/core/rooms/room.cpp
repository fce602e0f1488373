#include "core/rooms/room.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"

namespace vis::core::rooms {

Room::Room(Now now, RoomsShared& shared, Identity identity, const RoomOptions& options)
    : state_{.shared = shared,
             .sid = std::move(identity.sid),
             .project = std::move(identity.project),
             .name = std::move(identity.name),
             .created_at = now.wall,
             .options = options},
      unoccupied_since_(now.monotonic) {
  state_.outbox().record(
      [at = now.wall, room = info()](RoomJournal& journal) { journal.room_started(at, room); });
  log::info("room.started", {{"room", sid()}, {"name", name()}});
}

// ---- sessions ----

JoinResult Room::join(Now now, const JoinRequest& request, SessionObserver& observer) {
  if (Participant* former = state_.roster.find_identity(request.identity)) {
    // Never told to come back: two pages with one identity would fight for ever.
    remove(now, *former, {.reason = LeaveReason::DuplicateIdentity});
  }

  ParticipantSid sid(random_id(state_.shared.random, "PA_"));
  Participant& participant =
      state_.roster.add(std::make_unique<Participant>(std::move(sid), request, now.wall));
  participant.observer = &observer;
  participant.join_deadline = now.monotonic + kJoinTimeout;
  state_.shared.room_of[participant.sid()] = this;
  note_occupancy(now);
  announcer_.counts_changed();
  state_.outbox().record(
      [at = now.wall, room = info(), joiner = participant.info()](RoomJournal& journal) {
        journal.participant_joined(at, room, joiner);
      });
  log::info("participant.joined", {{"room", this->sid()}, {"participant", participant.sid()}});
  return snapshot_for(participant);
}

Result<void> Room::check_capacity(const JoinRequest& request) const {
  if (request.viewer) {
    if (viewing_.has_something_for(*request.viewer)) return {};
    return fail(Errc::FailedPrecondition, "nobody publishes here yet");
  }
  const std::uint32_t limit = info().max_participants;
  if (limit == 0 || is_dependent(request.kind, request.permissions)) return {};
  const Participant* former = state_.roster.find_identity(request.identity);
  const std::uint32_t replaced = former != nullptr && !former->dependent() ? 1 : 0;
  if (state_.independents() - replaced >= limit) {
    return fail(Errc::LimitExceeded, "room is full");
  }
  return {};
}

JoinResult Room::snapshot_for(const Participant& participant) const {
  JoinResult snapshot{.room = info(),
                      .participant = participant.info(),
                      .subscriber_primary = participant.subscriber_primary,
                      .publish_codecs = publish_codecs(participant.traits)};
  for (const auto& other : state_.roster.all()) {
    if (other.get() != &participant && other->visible()) snapshot.others.push_back(other->info());
  }
  return snapshot;
}

void Room::joined(Now now, Participant& participant) {
  if (participant.state() != ParticipantState::Joining) return;
  participant.profile.set_state(ParticipantState::Joined);
  announcer_.announce(participant, Audience::Others);
  connecting_.open(participant);
  publishing_.publish_early_tracks(participant);
  subscribing_.reconcile_subscriber(now, participant);
  if (participant.viewer) viewing_.update(now, participant);
  // The client waits for its primary transport even when there is nothing to send.
  if (participant.subscriber_primary) connecting_.offer_downlink(participant);
}

void Room::activate(Now now, Participant& participant) {
  participant.profile.set_state(ParticipantState::Active);
  announcer_.announce_soon(now, participant);
  state_.outbox().record(
      [at = now.wall, room = info(), active = participant.info()](RoomJournal& journal) {
        journal.participant_active(at, room, active);
      });
  log::info("participant.active", {{"room", sid()}, {"participant", participant.sid()}});
  subscribing_.reconcile_subscriber(now, participant);
  data_.on_receiver_changed(now, participant);
  if (participant.permissions().recorder) {
    announcer_.room_changed();
    record_update(now);
  }
}

Result<ResumeResult> Room::resume(Now now, Participant& participant, SessionObserver& observer) {
  const TimePoint listening_until =
      participant.signal_lost_at.value_or(now.monotonic) - kSilentLoss;
  auto departed = state_.departures.since(listening_until);
  if (!participant.active() || !departed) {
    return fail(Errc::FailedPrecondition, "there is no session to resume");
  }

  state_.outbox().forget(participant.observer);
  participant.observer = &observer;
  participant.signal_lost_at.reset();
  participant.resync_due = true;
  if (participant.transports.any_failed()) {
    participant.removal_deadline = now.monotonic + kRestoreTimeout;
  }
  connecting_.restart(participant);

  ResumeResult result{.snapshot = snapshot_for(participant),
                      .last_reliable_sequence = participant.last_sequence};
  // Clients know people by identity: one who has come back must not be reported as gone.
  std::erase_if(*departed, [&](const ParticipantInfo& left) {
    const Participant* successor = state_.roster.find_identity(left.identity);
    return successor != nullptr && successor->visible();
  });
  result.snapshot.others.insert(result.snapshot.others.begin(), departed->begin(), departed->end());
  log::info("participant.resumed", {{"room", sid()}, {"participant", participant.sid()}});
  return result;
}

void Room::signal_lost(Now now, Participant& participant) {
  participant.observer = nullptr;
  participant.signal_lost_at = now.monotonic;
  if (!participant.active()) remove(now, participant, {.reason = LeaveReason::SignalClose});
}

void Room::remove(Now now, Participant& participant, Leaving leaving) {
  state_.outbox().tell(participant.observer, [leaving](SessionObserver& observer) {
    observer.on_leave(leaving.reason, leaving.action);
  });
  participant.observer = nullptr;

  const bool was_visible = participant.visible();
  const bool was_active = participant.active();
  const bool was_recorder = was_active && participant.permissions().recorder;
  publishing_.drop_all(now, participant);
  subscribing_.drop_subscriber(participant);
  connecting_.close(participant);
  participant.profile.set_disconnected(leaving.reason);
  state_.shared.room_of.erase(participant.sid());
  const std::unique_ptr<Participant> gone = state_.roster.take(participant.sid());
  note_occupancy(now);

  const ParticipantInfo last = gone->info();
  if (was_visible) {
    announcer_.announce_departure(last);
    state_.departures.add(now.monotonic, last);
  }
  announcer_.counts_changed();
  state_.outbox().record([at = now.wall, room = info(), last, was_active](RoomJournal& journal) {
    journal.participant_left(at, room, last, was_active);
  });
  log::info("participant.left", {{"room", sid()}, {"participant", last.sid}});
  if (was_recorder) {
    announcer_.room_changed();
    record_update(now);
  }
}

// ---- administration ----

void Room::update_options(Now now, const RoomOptions& options) {
  const RoomInfo before = info();
  RoomOptions& current = state_.options;
  if (options.empty_timeout) current.empty_timeout = options.empty_timeout;
  if (options.departure_timeout) current.departure_timeout = options.departure_timeout;
  if (options.max_participants > 0) current.max_participants = options.max_participants;
  if (!options.metadata.empty()) current.metadata = options.metadata;
  if (options.min_playout_delay_ms > 0) current.min_playout_delay_ms = options.min_playout_delay_ms;
  if (options.max_playout_delay_ms > 0) current.max_playout_delay_ms = options.max_playout_delay_ms;
  if (options.sync_streams) current.sync_streams = true;
  if (!options.tags.empty()) current.tags = options.tags;
  if (info() == before) return;
  announcer_.room_changed();
  record_update(now);
}

void Room::set_metadata(Now now, std::string metadata) {
  if (state_.options.metadata == metadata) return;
  state_.options.metadata = std::move(metadata);
  announcer_.room_changed();
  record_update(now);
}

void Room::record_update(Now now) {
  state_.outbox().record(
      [at = now.wall, room = info()](RoomJournal& journal) { journal.room_updated(at, room); });
}

void Room::update_participant(Now now, Participant& participant, const ParticipantUpdate& update,
                              const std::optional<Permissions>& permissions) {
  bool changed = participant.profile.update(update);
  if (permissions && *permissions != participant.permissions()) {
    apply_permissions(now, participant, *permissions);
    changed = true;
  }
  if (!changed) return;
  announcer_.announce(participant, Audience::Everybody);
  state_.outbox().record(
      [at = now.wall, room = info(), updated = participant.info()](RoomJournal& journal) {
        journal.participant_updated(at, room, updated);
      });
  state_.outbox().tell(
      participant.observer,
      [self = participant.info()](SessionObserver& observer) { observer.on_grants_changed(self); });
}

void Room::apply_permissions(Now now, Participant& participant, const Permissions& permissions) {
  const bool was_visible = participant.visible();
  const RoomInfo before = info();
  participant.profile.set_permissions(permissions);
  publishing_.enforce_permissions(now, participant);
  if (was_visible && !participant.visible()) {
    ParticipantInfo vanished = participant.info();
    vanished.state = ParticipantState::Disconnected;
    vanished.tracks.clear();
    announcer_.announce_departure(vanished);
    state_.departures.add(now.monotonic, vanished);
  } else if (!was_visible && participant.visible()) {
    announcer_.announce(participant, Audience::Others);
  }
  subscribing_.reconcile_publisher(now, participant);
  subscribing_.reconcile_subscriber(now, participant);
  note_occupancy(now);
  const RoomInfo after = info();
  if (before.active_recording != after.active_recording) {
    announcer_.room_changed();
    record_update(now);
  } else if (before != after) {
    announcer_.counts_changed();
  }
}

void Room::set_subscription_permission(Now now, Participant& publisher,
                                       const SubscriptionPermission& permission) {
  if (auto set = publisher.rules.set(permission); !set) {
    log::warning("subscription_permission.refused",
                 {{"participant", publisher.sid()}, {"error", set.error()}});
    return;
  }
  subscribing_.reconcile_publisher(now, publisher);
}

void Room::close(Now now, Leaving leaving) {
  state_.closing = true;
  // All are told first, so that the departures of the others are news to nobody.
  for (const auto& participant : state_.roster.all()) {
    state_.outbox().tell(participant->observer, [leaving](SessionObserver& observer) {
      observer.on_leave(leaving.reason, leaving.action);
    });
    participant->observer = nullptr;
  }
  while (!state_.roster.all().empty()) remove(now, *state_.roster.all().front(), leaving);
  state_.outbox().record([at = now.wall, room = info(), reason = leaving.reason](
                             RoomJournal& journal) { journal.room_finished(at, room, reason); });
  state_.outbox().close_room(sid());
  log::info("room.finished", {{"room", sid()}});
}

// ---- time ----

void Room::note_occupancy(Now now) {
  if (state_.independents() > 0) {
    was_occupied_ = true;
    unoccupied_since_.reset();
  } else if (!unoccupied_since_) {
    unoccupied_since_ = now.monotonic;
  }
}

bool Room::is_expired(Now now) const {
  if (!unoccupied_since_) return false;
  const RoomInfo room = info();
  return now.monotonic - *unoccupied_since_ >=
         (was_occupied_ ? room.departure_timeout : room.empty_timeout);
}

void Room::on_tick(Now now) {
  end_overdue_stays(now);
  subscribing_.on_tick(now);
  viewing_.on_tick(now);
  demand_.on_tick(now);
  data_.on_tick(now);
  speaking_.on_tick(now);
  for (const auto& participant : state_.roster.all()) {
    if (participant->resync_due) resync(*participant);
  }
  announcer_.on_tick(now);
}

void Room::end_overdue_stays(Now now) {
  std::vector<std::pair<Participant*, Leaving>> overdue;
  for (const auto& participant : state_.roster.all()) {
    if (!participant->active() && now.monotonic >= participant->join_deadline) {
      overdue.push_back({participant.get(), {.reason = LeaveReason::JoinFailure}});
    } else if (participant->removal_deadline && now.monotonic >= *participant->removal_deadline) {
      overdue.push_back(
          {participant.get(),
           {.reason = LeaveReason::ConnectionTimeout, .action = LeaveAction::Reconnect}});
    }
  }
  for (const auto& [participant, leaving] : overdue) remove(now, *participant, leaving);
}

/// What a resumed client may have missed and has not been handed with the resume itself.
void Room::resync(Participant& participant) {
  participant.resync_due = false;
  demand_.retell(participant);
  speaking_.retell(participant);
  quality_.retell(participant);
}

}  // namespace vis::core::rooms
