#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/limits/media_sfu.hpp"

namespace vis::media::sfu {

/// One peer connection. Chosen by the caller, never re-used.
enum class TransportId : std::uint64_t {};
using RoomId = Id<struct SfuRoomTag>;
using TrackId = Id<struct SfuTrackTag>;

/// What has been counted in one room so far, taken every few seconds. Counts only rise while their
/// stream lives; whoever wants rates takes the difference of two samples, and a count that fell
/// belongs to a new stream.
struct RoomSample {
  /// One layer of a published track, as it arrived.
  struct Layer {
    TrackId track;
    std::uint8_t index = 0;  ///< 0 = smallest; from 3 on, those of the backup codec.
    bool active = false;     ///< Heard lately.
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;                ///< On the way from the publisher, repaired or not.
    std::uint64_t frames = 0;              ///< Ends of frames; of video only.
    std::uint64_t key_frames = 0;          ///< Of video only.
    std::uint64_t nacks = 0;               ///< Packets asked for again.
    std::uint64_t key_frame_requests = 0;  ///< PLIs sent to the publisher.
    std::uint32_t jitter_ms = 0;
  };
  /// One track on its way to one subscriber.
  struct Subscription {
    TransportId transport{};
    TrackId track;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t retransmitted = 0;
    std::uint64_t nacks = 0;               ///< Packets that the subscriber asked for again.
    std::uint64_t key_frame_requests = 0;  ///< PLIs and FIRs of the subscriber.
    std::optional<std::uint8_t> layer;  ///< The one that is sent; nothing before the first packet.
    double loss = 0;                    ///< 0..1, of the subscriber's last report.
  };
  struct Transport {
    TransportId transport{};
    bool connected = false;
    std::uint32_t round_trip_ms = 0;   ///< 0 while unknown.
    std::uint32_t available_kbps = 0;  ///< Of the way to the client; 0 while unknown.
    /// Which of our addresses its path has (ice::Path::local); nothing without a path.
    std::optional<std::uint8_t> local;
    std::uint32_t wanted_kbps = 0;   ///< What all that the client is to be sent would take.
    std::uint32_t granted_kbps = 0;  ///< Of that, what its path is taken to carry.
    double loss = 0;                 ///< 0..1, of the way to the client.
    std::uint64_t packets = 0;       ///< Of all subscriptions that it has now.
    std::uint64_t bytes = 0;
    std::uint64_t retransmitted = 0;
  };
  RoomId room;
  std::vector<Transport> transports;
  std::vector<Layer> layers;
  std::vector<Subscription> subscriptions;  ///< At most limits::kSampledSubscriptions.

  /// Passed over beyond the limit.
  void add(Subscription subscription) {
    if (subscriptions.size() >= limits::kSampledSubscriptions) return;
    subscriptions.push_back(std::move(subscription));
  }
};

}  // namespace vis::media::sfu
