#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/rooms/announcer.hpp"
#include "core/rooms/room_state.hpp"
#include "core/rooms/subscribing.hpp"

namespace vis::core::rooms {

/// The tracks that people of a room publish: announced by the client, bound by media when their
/// section is negotiated, shown to the others from then on, until either side ends them. Control
/// thread; owned by the Room.
class Publishing final {
 public:
  struct Parts {
    Announcer& announcer;
    Subscribing& subscribing;
  };
  Publishing(RoomState& room, Parts parts) : room_(room), parts_(parts) {}

  /// See RoomService::add_track.
  Result<TrackInfo> add_track(Now now, Participant& publisher, TrackRequest request);
  /// The transports are open: media learns of tracks that were announced before.
  void publish_early_tracks(const Participant& publisher);

  void on_bound(Now now, const TrackBound& bound);
  void on_ended(Now now, const TrackSid& track);
  /// All tracks of one who leaves.
  void drop_all(Now now, Participant& publisher);
  /// Ends the tracks that the rights no longer cover.
  void enforce_permissions(Now now, Participant& publisher);

  enum class MutedBy : std::uint8_t { Publisher, Server };
  struct Mute {
    TrackSid track;
    bool muted = false;
    MutedBy by = MutedBy::Publisher;
  };
  Result<TrackInfo> mute(Now now, Participant& publisher, const Mute& mute);
  Result<void> set_audio_features(Now now, Participant& publisher, const TrackSid& track,
                                  AudioFeatures features);
  Result<void> set_video_size(Now now, Participant& publisher, const TrackSid& track,
                              VideoSize size);

 private:
  Result<TrackInfo> add_backup_codec(Now now, Participant& publisher, const TrackRequest& request);
  TrackInfo start(Now now, Participant& publisher, const TrackRequest& request);
  void command_publish(const Publication& publication);
  void tell_published(const Publication& publication, const std::string& cid);
  void track_changed(Now now, Publication& publication);
  void drop(Now now, Publication& publication);
  void start_queued(Now now, Participant& publisher, const std::string& cid);

  RoomState& room_;
  Parts parts_;
};

}  // namespace vis::core::rooms
