#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/rooms/announcer.hpp"
#include "core/rooms/connecting.hpp"
#include "core/rooms/data_routing.hpp"
#include "core/rooms/demand.hpp"
#include "core/rooms/measuring.hpp"
#include "core/rooms/publishing.hpp"
#include "core/rooms/quality_reporting.hpp"
#include "core/rooms/room_state.hpp"
#include "core/rooms/speaking.hpp"
#include "core/rooms/subscribing.hpp"
#include "core/rooms/viewing.hpp"

namespace vis::core::rooms {

/// One life of a room: who comes and goes, and what follows from it. The rules of a subject stand
/// in the part named after it; here is what concerns them all. Control thread; owned by the
/// RoomService. Everything it tells goes to the outbox.
class Room final {
 public:
  static constexpr Duration kJoinTimeout = 60s;     ///< From joining to ACTIVE.
  static constexpr Duration kResumeGrace = 5s;      ///< From lost transports to a resume.
  static constexpr Duration kRestoreTimeout = 20s;  ///< From a resume to working transports.
  /// How long messages may have been sent to a signalling connection that was dead already.
  static constexpr Duration kSilentLoss = 30s;

  struct Identity {
    RoomSid sid;
    ProjectId project;
    std::string name;
  };
  Room(Now now, RoomsShared& shared, Identity identity, const RoomOptions& options);
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  const RoomSid& sid() const { return state_.sid; }
  const ProjectId& project() const { return state_.project; }
  const std::string& name() const { return state_.name; }
  RoomInfo info() const { return state_.info(); }
  RoomSeed seed() const {
    return {.sid = state_.sid,
            .project = state_.project,
            .name = state_.name,
            .options = state_.options};
  }
  const Roster& roster() const { return state_.roster; }
  /// What is measured of everybody; of one who is in the room, with what is remembered.
  RoomReport report() const { return measuring_.report(); }
  ParticipantReport report(const Participant& participant) const {
    return measuring_.report(participant, Measuring::Detail::Series);
  }

  // ---- sessions ----

  /// Whether there is a seat for whoever wants to join.
  Result<void> check_capacity(const JoinRequest& request) const;
  JoinResult join(Now now, const JoinRequest& request, SessionObserver& observer);
  void joined(Now now, Participant& participant);
  Result<ResumeResult> resume(Now now, Participant& participant, SessionObserver& observer);
  void signal_lost(Now now, Participant& participant);
  /// How somebody's stay ends: what the others learn, and what it is told itself to do.
  struct Leaving {
    LeaveReason reason = LeaveReason::Unknown;
    LeaveAction action = LeaveAction::Disconnect;
  };
  void remove(Now now, Participant& participant, Leaving leaving);

  // ---- administration ----

  /// Sets the fields that are set in `options`.
  void update_options(Now now, const RoomOptions& options);
  void set_metadata(Now now, std::string metadata);
  /// What a participant, or an administrator for it, changes of its description and rights.
  void update_participant(Now now, Participant& participant, const ParticipantUpdate& update,
                          const std::optional<Permissions>& permissions);
  void set_subscription_permission(Now now, Participant& publisher,
                                   const SubscriptionPermission& permission);
  /// Removes everybody and ends the room; it is to be destroyed next.
  void close(Now now, Leaving leaving);

  // ---- time and media ----

  void on_media_event(Now now, MediaEvent event);
  void on_tick(Now now);
  /// Nobody has come, or everybody has left, long enough ago.
  bool is_expired(Now now) const;

  Connecting& connecting() { return connecting_; }
  Publishing& publishing() { return publishing_; }
  Subscribing& subscribing() { return subscribing_; }
  DataRouting& data() { return data_; }
  Viewing& viewing() { return viewing_; }

 private:
  JoinResult snapshot_for(const Participant& participant) const;
  void activate(Now now, Participant& participant);
  void apply_permissions(Now now, Participant& participant, const Permissions& permissions);
  void change_visibility(Now now, Participant& participant, const Permissions& permissions);
  void note_occupancy(Now now);
  void record_update(Now now);
  void resync(Participant& participant);
  void end_overdue_stays(Now now);

  void on_transport_changed(Now now, Participant& participant, const TransportChanged& event);
  void on_transport_failed(Now now, Participant& participant);

  void on_event(Now now, LocalDescription event);
  void on_event(Now now, LocalCandidate event);
  void on_event(Now now, const NegotiationFailed& event);
  void on_event(Now now, const SectionsNeeded& event);
  void on_event(Now now, const TransportChanged& event);
  void on_event(Now now, const TrackBound& event);
  void on_event(Now now, const TrackEnded& event);
  void on_event(Now now, const SubscriptionBound& event);
  void on_event(Now now, const SubscriptionFailed& event);
  void on_event(Now now, const SubscriptionPaused& event);
  void on_event(Now now, const DataReady& event);
  void on_event(Now now, DataReceived event);
  void on_event(Now now, const AudioLevels& event);
  void on_event(Now now, const QualityReport& event);
  void on_event(Now now, const MediaSample& event);

  RoomState state_;
  Announcer announcer_{state_};
  Connecting connecting_{state_};
  Demand demand_{state_};
  Subscribing subscribing_{state_, {.connecting = connecting_, .demand = demand_}};
  Publishing publishing_{state_, {.announcer = announcer_, .subscribing = subscribing_}};
  Viewing viewing_{state_, subscribing_};
  DataRouting data_{state_, connecting_};
  Speaking speaking_{state_};
  QualityReporting quality_{state_};
  Measuring measuring_{state_};

  bool was_occupied_ = false;
  std::optional<TimePoint> unoccupied_since_;
};

}  // namespace vis::core::rooms
