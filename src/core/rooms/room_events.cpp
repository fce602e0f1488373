// What media tells of a room. Events of transports and tracks that are gone already are ignored:
// commands and events may cross.
#include <string>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "core/rooms/room.hpp"

namespace vis::core::rooms {

void Room::on_media_event(Now now, MediaEvent event) {
  std::visit([&](auto& value) { on_event(now, std::move(value)); }, event);
}

void Room::on_event(Now, LocalDescription event) {
  Participant* participant = state_.roster.find_transport(event.transport);
  if (participant != nullptr) connecting_.on_description(*participant, std::move(event));
}

void Room::on_event(Now, LocalCandidate event) {
  Participant* participant = state_.roster.find_transport(event.transport);
  if (participant != nullptr) connecting_.on_candidate(*participant, std::move(event));
}

void Room::on_event(Now now, const NegotiationFailed& event) {
  Participant* participant = state_.roster.find_transport(event.transport);
  if (participant == nullptr) return;
  log::warning("transport.negotiation_failed",
               {{"participant", participant->sid()}, {"error", event.error}});
  // The two sides no longer agree on the sections; only a fresh peer connection helps.
  remove(now, *participant,
         {.reason = LeaveReason::StateMismatch, .action = LeaveAction::Reconnect});
}

void Room::on_event(Now, const SectionsNeeded& event) {
  const Participant* participant = state_.roster.find_transport(event.transport);
  if (participant != nullptr) connecting_.on_sections_needed(*participant, event);
}

void Room::on_event(Now now, const TransportChanged& event) {
  Participant* participant = state_.roster.find_transport(event.transport);
  if (participant != nullptr) on_transport_changed(now, *participant, event);
}

void Room::on_transport_changed(Now now, Participant& participant, const TransportChanged& event) {
  participant.transports.find(event.transport)->state = event.state;
  switch (event.state) {
    case TransportState::Connected:
      if (!participant.transports.any_failed()) participant.removal_deadline.reset();
      if (!participant.active() && event.transport == participant.transports.primary().id) {
        activate(now, participant);
      }
      return;
    case TransportState::Disconnected: return;
    case TransportState::Failed:
      log::warning("transport.failed",
                   {{"participant", participant.sid()}, {"reason", event.reason}});
      on_transport_failed(now, participant);
      return;
  }
  std::unreachable();
}

void Room::on_transport_failed(Now now, Participant& participant) {
  // One that never was ACTIVE has its time to join; its client gives up or tries again by itself.
  if (!participant.active()) return;
  if (participant.observer == nullptr) {
    // Without signalling nobody comes back, unless it has just been asked to.
    if (!participant.removal_deadline) {
      remove(now, participant, {.reason = LeaveReason::ConnectionTimeout});
    }
    return;
  }
  state_.outbox().tell(participant.observer, [](SessionObserver& observer) {
    observer.on_leave(LeaveReason::ConnectionTimeout, LeaveAction::Resume);
  });
  participant.observer = nullptr;
  participant.signal_lost_at = now.monotonic;
  participant.removal_deadline = now.monotonic + kResumeGrace;
}

void Room::on_event(Now now, const TrackBound& event) { publishing_.on_bound(now, event); }

void Room::on_event(Now now, const TrackEnded& event) { publishing_.on_ended(now, event.track); }

void Room::on_event(Now, const SubscriptionBound& event) {
  Participant* subscriber = state_.roster.find_transport(event.transport);
  if (subscriber != nullptr) subscribing_.on_bound(*subscriber, event.track);
}

void Room::on_event(Now now, const SubscriptionFailed& event) {
  Participant* subscriber = state_.roster.find_transport(event.transport);
  if (subscriber != nullptr) subscribing_.on_failed(now, *subscriber, event);
}

void Room::on_event(Now, const SubscriptionPaused& event) {
  const Participant* subscriber = state_.roster.find_transport(event.transport);
  if (subscriber != nullptr) subscribing_.on_paused(*subscriber, event);
}

void Room::on_event(Now now, const DataReady& event) {
  Participant* participant = state_.roster.find_transport(event.transport);
  if (participant == nullptr) return;
  if (participant->transports.downlink().id != event.transport) return;
  participant->data_ready = true;
  data_.on_receiver_changed(now, *participant);
}

void Room::on_event(Now, DataReceived event) {
  const Participant* sender = state_.roster.find_transport(event.transport);
  if (sender != nullptr) data_.on_received(*sender, std::move(event));
}

void Room::on_event(Now now, const AudioLevels& event) { speaking_.on_levels(now, event); }

void Room::on_event(Now, const QualityReport& event) { quality_.on_report(event); }

void Room::on_event(Now now, const MediaSample& event) { measuring_.on_sample(now, event); }

}  // namespace vis::core::rooms
