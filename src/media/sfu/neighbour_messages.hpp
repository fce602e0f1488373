#pragma once

#include <cstdint>
#include <variant>

#include "media/negotiation/negotiator.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/stream_clock.hpp"

/// What the engines of a room that lives on several workers tell each other, but for packets. A
/// track is named by the number that the engine with its publisher has given it.
namespace vis::media::sfu {

// ---- by the engine with the publisher ----

/// There is such a track, or it is now like this.
struct TrackAnnounced {
  RoomId room;
  std::uint32_t track = 0;
  TransportId publisher{};
  PublishConfig config;
  bool muted = false;
  negotiation::ReceiveSection section;
};
struct TrackWithdrawn {
  RoomId room;
  std::uint32_t track = 0;
};
struct TrackMuteChanged {
  std::uint32_t track = 0;
  bool muted = false;
};
/// A sender report of the publisher.
struct ClockReported {
  std::uint32_t track = 0;
  std::uint8_t layer = 0;
  std::uint32_t source = 0;
  StreamClock clock;
};
/// The publisher has said that it switched a layer off.
struct LayerEnded {
  std::uint32_t track = 0;
  std::uint8_t layer = 0;
};
struct PublisherSpeaks {
  RoomId room;
  TransportId publisher{};
};

// ---- to the engine with the publisher ----

/// Packets of the track are wanted, or not any more.
struct TrackWatched {
  std::uint32_t track = 0;
  bool watched = false;
};
struct KeyFrameWanted {
  std::uint32_t track = 0;
  std::uint8_t layer = 0;
  /// The latest key frame that has come so far: a newer one may be on its way already.
  std::int64_t latest = -1;
};

using NeighbourMessage =
    std::variant<TrackAnnounced, TrackWithdrawn, TrackMuteChanged, ClockReported, LayerEnded,
                 PublisherSpeaks, TrackWatched, KeyFrameWanted>;

}  // namespace vis::media::sfu
