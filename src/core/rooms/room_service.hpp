#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/owner_thread.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/rooms/measurements.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

class Room;
class RoomJournal;

/// The server's defaults for rooms, from configuration.
struct RoomDefaults {
  std::chrono::seconds empty_timeout{300};
  std::chrono::seconds departure_timeout{20};
  std::uint32_t max_participants = 0;
  bool create_by_joining = true;
  bool allow_remote_unmute = false;
  bool ice_lite = true;
};

/// Both clocks at one instant, passed in by whoever calls.
struct Now {
  TimePoint monotonic;
  WallTime wall;
};

/// The rooms of this server: who is in them, what they publish, who receives what.
///
/// Lives on the control thread. Everything is synchronous: media is commanded through MediaPort and
/// answers through `on_media_event`; changes are written to the RoomJournal (rows and events in one
/// commit) in the order they happen; sessions are told at the end of each change. A call with bad
/// input returns an Error and changes nothing.
class RoomService final {
 public:
  struct Ports {
    MediaPort& media;
    RoomJournal& journal;
    RandomSource& random;
  };
  RoomService(RoomDefaults defaults, Ports ports);
  ~RoomService();

  // ---- sessions ----

  /// Lets a participant in. An older session of the same identity is told DuplicateIdentity and
  /// removed. `observer` hears nothing before this returns. Errors: NotFound (room does not exist
  /// and may not be created), LimitExceeded (room full), InvalidArgument (names too long),
  /// FailedPrecondition (a viewer of somebody who publishes nothing).
  Result<JoinResult> join(Now now, JoinRequest request, SessionObserver& observer);
  /// Whether `join` would let this request in, without joining. A lack of media workers shows only
  /// then.
  Result<void> can_join(const JoinRequest& request) const;
  /// The JoinResponse is on its way: JOINED, announced to the others, transports are opened.
  void joined(Now now, const ParticipantSid& participant);
  /// A new signalling socket for a live session. FailedPrecondition when there is none to resume.
  Result<ResumeResult> resume(Now now, const JoinRequest& request,
                              const ParticipantSid& participant, SessionObserver& observer);
  /// The signalling socket is gone: without media the participant leaves at once, else it may
  /// resume until its transports fail. Ignored for an observer that has been replaced.
  void signal_lost(Now now, const ParticipantSid& participant, const SessionObserver& observer);
  /// The client said goodbye; its observer hears nothing more, not even `on_leave`.
  void leave(Now now, const ParticipantSid& participant, LeaveReason reason);

  /// Descriptions and candidates of the client, after `joined`.
  void apply_offer(const ParticipantSid& participant, std::string sdp, std::uint32_t offer_id);
  void apply_answer(const ParticipantSid& participant, std::string sdp);
  void add_candidate(const ParticipantSid& participant, TransportRole role, std::string candidate);

  /// Announces a track, or a backup codec of one. The observer hears `on_track_published` as well:
  /// the answer on the wire comes from there. Errors: PermissionDenied (right or source), NotFound
  /// (backup codec for an unknown track), LimitExceeded, InvalidArgument, and FailedPrecondition
  /// when the same media track is still published: the request is then queued, and
  /// `on_track_published` follows once the earlier track has ended.
  Result<TrackInfo> add_track(Now now, const ParticipantSid& participant, TrackRequest request);
  Result<void> set_own_mute(Now now, const ParticipantSid& participant, const TrackSid& track,
                            bool muted);
  Result<void> set_audio_features(Now now, const ParticipantSid& participant, const TrackSid& track,
                                  AudioFeatures features);
  Result<void> set_video_size(Now now, const ParticipantSid& participant, const TrackSid& track,
                              VideoSize size);
  void set_subscribed(Now now, const ParticipantSid& participant, std::span<const TrackSid> tracks,
                      bool subscribed);
  void set_track_settings(const ParticipantSid& participant, std::span<const TrackSid> tracks,
                          const TrackSettings& settings);
  /// Of one who joined as a viewer.
  void set_viewer_quality(const ParticipantSid& participant, VideoQuality quality);
  void set_subscription_permission(Now now, const ParticipantSid& participant,
                                   SubscriptionPermission permission);
  /// PermissionDenied without the right to change oneself; LimitExceeded for too much text.
  Result<void> update_own(Now now, const ParticipantSid& participant, ParticipantUpdate update);
  /// Whether all tracks that a resuming client believes to publish are known.
  bool publishes_all(const ParticipantSid& participant, std::span<const TrackSid> tracks) const;

  // ---- data ----

  /// Sends to the named identities, or to all but `from` when there are none; only ACTIVE
  /// participants receive, those still connecting get reliable data when they are ready.
  struct DataMessage {
    RoomSid room;
    ParticipantSid from;  ///< Empty for the server itself.
    std::vector<std::string> identities;
    std::vector<ParticipantSid> participants;
    DataChannel channel = DataChannel::Reliable;
    ByteVector payload;
  };
  void send_data(Now now, DataMessage message);
  /// Whether this participant may send data; asked before each `send_data` on its behalf.
  bool can_publish_data(const ParticipantSid& participant) const;
  /// Records a numbered reliable packet; false when it was seen before and must be dropped.
  bool accept_reliable_sequence(const ParticipantSid& participant, std::uint32_t sequence);

  // ---- administration ----

  Result<RoomInfo> create_room(Now now, const ProjectId& project, std::string_view name,
                               const RoomOptions& options);
  std::vector<RoomInfo> list_rooms(const ProjectId& project,
                                   std::span<const std::string> names) const;
  Result<RoomInfo> find_room(const ProjectId& project, std::string_view name) const;
  Result<void> delete_room(Now now, const ProjectId& project, std::string_view name);
  Result<RoomInfo> update_room_metadata(Now now, const ProjectId& project, std::string_view name,
                                        std::string metadata);

  /// Names one participant of one room for the administration calls.
  struct ParticipantRef {
    ProjectId project;
    std::string room_name;
    std::string identity;
  };
  /// Everybody who is in the room, hidden ones too.
  Result<std::vector<ParticipantInfo>> list_participants(const ProjectId& project,
                                                         std::string_view room_name) const;
  Result<ParticipantInfo> find_participant(const ParticipantRef& ref) const;
  /// What is measured of a room and of its people.
  Result<RoomReport> room_report(const ProjectId& project, std::string_view name) const;
  Result<ParticipantReport> participant_report(const ParticipantRef& ref) const;
  Result<void> remove_participant(Now now, const ParticipantRef& ref);
  Result<ParticipantInfo> update_participant(Now now, const ParticipantRef& ref,
                                             ParticipantUpdate update,
                                             std::optional<Permissions> permissions);
  Result<TrackInfo> mute_track(Now now, const ParticipantRef& ref, const TrackSid& track,
                               bool muted);
  Result<void> update_subscriptions(Now now, const ParticipantRef& ref,
                                    std::span<const TrackSid> tracks, bool subscribed);

  // ---- time and media ----

  void on_media_event(Now now, const RoomSid& room, MediaEvent event);
  /// Runs what is due: join and departure time-outs, delayed notices, subscription retries. To be
  /// called a few times a second.
  void on_tick(Now now);
  /// From now on no room is made; those that are open may still be joined.
  void drain();
  /// One of the rooms that are still open, for whoever goes on with it.
  std::optional<RoomSeed> next_to_move() const;
  /// Tells everybody in it to join again, and closes it.
  void move_away(Now now, const RoomSid& room);
  /// Tells everybody to come back elsewhere and closes all rooms; the server is stopping.
  void shut_down(Now now);

  struct Totals {
    std::size_t rooms = 0;
    std::size_t participants = 0;
    std::size_t tracks = 0;
    std::size_t publishers = 0;   ///< Participants with a track.
    std::size_t subscribers = 0;  ///< Participants who receive one.
    /// Participants whose media is connected, by MediaSample::Way.
    std::array<std::size_t, 3> by_way{};
  };
  Totals totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  mutable OwnerThread owner_;
};

}  // namespace vis::core::rooms
