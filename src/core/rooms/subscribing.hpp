#pragma once

#include <span>
#include <string>

#include "core/rooms/connecting.hpp"
#include "core/rooms/demand.hpp"
#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// Who receives which track of a room. Wishes, rights and what is published are compared again
/// whenever one of them changes, and media is told the difference: so the order in which they come
/// does not matter. Control thread; owned by the Room.
class Subscribing final {
 public:
  static constexpr Duration kSearchTimeout = 60s;  ///< For a track that is not there.
  static constexpr Duration kBindTimeout = 15s;    ///< While the transport is up.

  struct Parts {
    Connecting& connecting;
    Demand& demand;
  };
  Subscribing(RoomState& room, Parts parts) : room_(room), parts_(parts) {}

  // ---- something has changed ----

  /// The rights or the state of a subscriber.
  void reconcile_subscriber(Now now, Participant& subscriber);
  /// To whom this publisher shows itself or lends its tracks.
  void reconcile_publisher(Now now, Participant& publisher);
  void reconcile_track(Now now, Publication& publication);
  /// The sizes of a video, and so which layer suits whom.
  void retarget(Publication& publication);
  /// The track is published in its backup codec too: those who wait for that may have it.
  void backup_bound(Now now, Publication& publication);
  /// The track ends: nobody receives it any more.
  void drop_track(Publication& publication);
  /// The subscriber leaves, its transports with it.
  void drop_subscriber(Participant& subscriber);

  // ---- a client asks ----

  void set_subscribed(Now now, Participant& subscriber, std::span<const TrackSid> tracks,
                      bool subscribed);
  void set_settings(Participant& subscriber, std::span<const TrackSid> tracks,
                    const TrackSettings& settings);

  // ---- media answers ----

  void on_bound(Participant& subscriber, const TrackSid& track);
  void on_failed(Now now, Participant& subscriber, const SubscriptionFailed& failed);
  void on_paused(const Participant& subscriber, const SubscriptionPaused& event);

  void on_tick(Now now);

 private:
  /// Whether a subscription began or ended.
  bool reconcile(Now now, Participant& subscriber, Publication& publication);
  /// Whether the publisher permits it now; the subscriber is told when that has changed.
  bool update_permission(const Participant& subscriber, const Publication& publication,
                         Subscription& subscription);
  void subscribe(Now now, Participant& subscriber, Publication& publication);
  void unsubscribe(Participant& subscriber, Publication& publication);
  void command_subscribe(Participant& subscriber, const Publication& publication,
                         const Subscription& subscription);
  /// Whether media was given another target.
  bool apply_target(Participant& subscriber, Publication& publication);
  /// Which videos of a subscriber are in focus, now that its wishes have changed.
  void refocus(Participant& subscriber);
  /// The track may be on its way; it is taken when it appears.
  void search(Now now, Participant& subscriber, const TrackSid& track);
  void expire_searches(Now now, Participant& subscriber);
  /// Tells of a subscription that takes too long, and leaves it: it may still come about.
  void expire_requests(Now now, Participant& subscriber);
  void tell_error(const Participant& subscriber, const TrackSid& track, SubscriptionError error);
  /// `<publisher>|<track>`, or `<publisher>|<stream name>` so that the tracks of a stream share it.
  /// It stands in SDP: a name that a client chose goes there only if it is harmless.
  std::string stream_id(const Participant& subscriber, const Publication& publication) const;

  RoomState& room_;
  Parts parts_;
};

}  // namespace vis::core::rooms
