#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "core/rooms/client_traits.hpp"
#include "core/rooms/connection_score.hpp"
#include "core/rooms/data_backlog.hpp"
#include "core/rooms/measurements.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/publication.hpp"
#include "core/rooms/session.hpp"
#include "core/rooms/subscription.hpp"
#include "core/rooms/subscription_rules.hpp"
#include "core/rooms/transport_set.hpp"

namespace vis::core::rooms {

/// How a participant presents itself. Every change raises the version: receivers drop a snapshot
/// that is older than one they have.
class Profile final {
 public:
  Profile(ParticipantSid sid, const JoinRequest& request, WallTime joined_at);

  /// Everything but the tracks, which the publications know.
  const ParticipantInfo& info() const { return info_; }

  void set_state(ParticipantState state);
  void set_disconnected(LeaveReason reason);
  void set_permissions(Permissions permissions);
  /// False when nothing changed. An empty text changes nothing, an empty attribute deletes its key.
  bool update(const ParticipantUpdate& update);
  /// Something that is part of the snapshot but kept elsewhere has changed.
  void touch() { ++info_.version; }

 private:
  ParticipantInfo info_;
};

/// `attributes` with `changes` applied; an empty value deletes its key.
Attributes merge(Attributes attributes, const Attributes& changes);

/// Agents and recorders: they do not count, and do not keep a room open.
bool is_dependent(ParticipantKind kind, const Permissions& permissions);

/// One stay of one identity in a room: the state that the rules of the room work on. The rules
/// themselves stand with their subject (publishing, subscribing, data_routing, ...). Control
/// thread; owned by the room's Roster.
struct Participant {
  Participant(ParticipantSid sid, const JoinRequest& request, WallTime joined_at);

  const ParticipantSid& sid() const { return profile.info().sid; }
  const std::string& identity() const { return profile.info().identity; }
  const Permissions& permissions() const { return profile.info().permissions; }
  ParticipantState state() const { return profile.info().state; }
  bool active() const { return state() == ParticipantState::Active; }
  /// Whether the others know of it: announced, and not hidden.
  bool visible() const;
  bool dependent() const { return viewer || is_dependent(profile.info().kind, permissions()); }
  /// The snapshot that others are told: with the tracks that are bound.
  ParticipantInfo info() const;

  Profile profile;
  ClientTraits traits;
  bool single_transport = false;
  bool subscriber_primary = false;
  bool full_ice = false;
  std::optional<IpAddress> reached_at;
  bool adaptive_stream = false;

  /// Null while the signalling is lost. Changed through the room's Announcer and Connecting only.
  SessionObserver* observer = nullptr;
  std::optional<TimePoint> signal_lost_at;
  bool resync_due = false;  ///< Resumed: is to be told again what it may have missed.

  TimePoint join_deadline{};                  ///< To be ACTIVE.
  std::optional<TimePoint> removal_deadline;  ///< To get its transports back.
  TransportSet transports;

  Publications publications;
  Subscriptions subscriptions;
  SubscriptionRules rules;

  struct Viewer {
    ViewerOptions options;
    std::vector<TrackSid> tracks;  ///< As last chosen.
  };
  std::optional<Viewer> viewer;

  bool data_ready = false;  ///< The channels towards it are open.
  DataBacklog backlog;
  std::uint32_t last_sequence = 0;  ///< Of the reliable packets it sent.

  Speaker speaker;  ///< As last told.
  ConnectionScore connection;
  std::optional<QualityUpdate> quality;  ///< As last told; nothing before the first report.
  LinkMeasurements link;
};

}  // namespace vis::core::rooms
