#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"
#include "core/rooms/room_service.hpp"
#include "support/rooms/recording_journal.hpp"
#include "support/rooms/recording_media.hpp"
#include "support/rooms/recording_session.hpp"

namespace vis::core::rooms {

inline JoinRequest join_request(std::string identity) {
  JoinRequest request;
  request.project = ProjectId("demo");
  request.room_name = "meeting";
  request.identity = std::move(identity);
  request.client.protocol = 17;
  return request;
}

/// A client of a room in a test.
struct Peer {
  RecordingSession session;
  JoinResult joined;

  const ParticipantSid& sid() const { return joined.participant.sid; }
  const RoomSid& room() const { return joined.room.sid; }
};

/// A RoomService with everything around it, in simulated time.
class RoomWorld {
 public:
  explicit RoomWorld(RoomDefaults defaults = {})
      : rooms(defaults, {.media = media, .journal = journal, .random = random_}) {
    // What tests provoke is not worth a line each.
    [[maybe_unused]] static const bool quiet =
        (log::configure(log::Level::Error, log::Format::Text), true);
  }

  Now now() const { return now_; }
  /// Lets time pass in steps of a tick.
  void advance(Duration duration) {
    constexpr Duration kTick = 100ms;
    for (Duration passed{}; passed < duration; passed += kTick) {
      now_.monotonic += kTick;
      now_.wall += std::chrono::duration_cast<std::chrono::milliseconds>(kTick);
      rooms.on_tick(now_);
    }
  }

  // ---- coming in ----

  Result<Peer*> try_join(JoinRequest request) {
    Peer* peer = peers_.emplace_back(std::make_unique<Peer>()).get();
    auto joined = rooms.join(now_, std::move(request), peer->session);
    if (!joined) return std::unexpected(joined.error());
    peer->joined = std::move(*joined);
    return peer;
  }
  /// Joined, with its transports opened, but without media.
  Peer* join(JoinRequest request) {
    const auto peer = try_join(std::move(request));
    VIS_ASSERT(peer.has_value());
    rooms.joined(now_, (*peer)->sid());
    return *peer;
  }
  /// In the room with media and data channels up.
  Peer* enter(JoinRequest request) {
    Peer* peer = join(std::move(request));
    connect(*peer);
    return peer;
  }
  Peer* enter(std::string identity) { return enter(join_request(std::move(identity))); }

  // ---- what media would tell ----

  void event(const Peer& peer, MediaEvent event) {
    rooms.on_media_event(now_, peer.room(), std::move(event));
  }
  TransportId transport(const Peer& peer, TransportRole role) const {
    const auto specs = transports(peer);
    const auto spec = std::ranges::find(specs, role, &TransportSpec::role);
    VIS_ASSERT(spec != specs.end());
    return spec->id;
  }
  std::vector<TransportSpec> transports(const Peer& peer) const {
    std::vector<TransportSpec> specs;
    for (const TransportSpec& spec : media.transports) {
      if (spec.participant == peer.sid()) specs.push_back(spec);
    }
    return specs;
  }
  bool is_single(const Peer& peer) const { return transports(peer).size() == 1; }
  TransportId downlink(const Peer& peer) const {
    return transport(peer, is_single(peer) ? TransportRole::Single : TransportRole::Subscriber);
  }
  TransportId uplink(const Peer& peer) const {
    return transport(peer, is_single(peer) ? TransportRole::Single : TransportRole::Publisher);
  }
  TransportId primary(const Peer& peer) const {
    return peer.joined.subscriber_primary ? downlink(peer) : uplink(peer);
  }
  void change(const Peer& peer, TransportId transport, TransportState state) {
    event(peer, TransportChanged{.transport = transport, .state = state});
  }
  void connect(const Peer& peer) {
    change(peer, primary(peer), TransportState::Connected);
    event(peer, DataReady{downlink(peer)});
  }

  // ---- tracks ----

  static TrackRequest track_request(std::string cid, TrackSource source) {
    const bool video = source == TrackSource::Camera || source == TrackSource::ScreenShare;
    TrackRequest request{.cid = std::move(cid),
                         .kind = video ? TrackKind::Video : TrackKind::Audio,
                         .source = source};
    if (video) {
      request.width = 1280;
      request.height = 720;
      request.layers = {{.quality = VideoQuality::Low, .width = 320, .height = 180},
                        {.quality = VideoQuality::Medium, .width = 640, .height = 360},
                        {.quality = VideoQuality::High, .width = 1280, .height = 720}};
      request.codecs = {{.mime_type = "video/vp8", .cid = request.cid}};
    }
    return request;
  }
  /// Announced only.
  TrackSid announce(const Peer& peer, TrackSource source, std::string cid = {}) {
    if (cid.empty()) cid = "cid-" + std::to_string(++last_cid_);
    auto track = rooms.add_track(now_, peer.sid(), track_request(std::move(cid), source));
    VIS_ASSERT(track.has_value());
    return track->sid;
  }
  void bind(const Peer& peer, const TrackSid& track, std::string mime_type = {}) {
    const bool video = track.str().starts_with("TR_V");
    if (mime_type.empty()) mime_type = video ? "video/vp8" : "audio/opus";
    event(peer, TrackBound{.track = track,
                           .mid = std::to_string(++last_mid_),
                           .mime_type = std::move(mime_type),
                           .rids = video ? std::vector<std::string>{"q", "h", "f"}
                                         : std::vector<std::string>{}});
  }
  TrackSid publish(const Peer& peer, TrackSource source) {
    const TrackSid track = announce(peer, source);
    bind(peer, track);
    return track;
  }
  /// Media has negotiated the subscription.
  void bind_subscription(const Peer& subscriber, const TrackSid& track) {
    event(subscriber, SubscriptionBound{.transport = downlink(subscriber), .track = track});
  }
  /// Whether media was asked for the track and not to stop it since.
  bool is_subscribed(const Peer& subscriber, const TrackSid& track) const {
    return media.subscriptions.contains({downlink(subscriber), track});
  }

  RoomService::ParticipantRef ref(std::string identity) const {
    return {.project = ProjectId("demo"), .room_name = "meeting", .identity = std::move(identity)};
  }

  RecordingMedia media;
  RecordingJournal journal;

 private:
  std::vector<std::unique_ptr<Peer>> peers_;  ///< Kept: the rooms may still tell them something.
  SeededRandom random_{1};
  Now now_{.monotonic = TimePoint(1000s), .wall = wall_from_unix_ms(1'700'000'000'000)};
  int last_cid_ = 0;
  int last_mid_ = 0;

 public:
  RoomService rooms;
};

}  // namespace vis::core::rooms
