#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// One peer connection between a participant and the server. Numbered by RoomService, never
/// re-used.
enum class TransportId : std::uint64_t {};

/// What media has counted in one room so far (every 5 s). Counts only rise while their stream
/// lives; one that fell belongs to a new stream. A room on several workers comes in several
/// samples, each with the transports and tracks of one.
struct MediaSample {
  /// One layer of a published track, as it arrived.
  struct Layer {
    TrackSid track;
    std::uint8_t index = 0;  ///< 0 = smallest; from 3 on, those of the backup codec.
    bool active = false;     ///< Heard lately.
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;                ///< On the way from the publisher, repaired or not.
    std::uint64_t frames = 0;              ///< Of video only.
    std::uint64_t key_frames = 0;          ///< Of video only.
    std::uint64_t nacks = 0;               ///< Packets asked for again.
    std::uint64_t key_frame_requests = 0;  ///< Sent to the publisher.
    std::uint32_t jitter_ms = 0;
  };
  /// One track on its way to one subscriber.
  struct Subscription {
    TransportId transport{};
    TrackSid track;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t retransmitted = 0;
    std::uint64_t nacks = 0;
    std::uint64_t key_frame_requests = 0;
    std::optional<std::uint8_t> layer;  ///< The one that is sent; nothing while none is.
    double loss = 0;                    ///< 0..1, as the subscriber reported last.
  };
  /// How media gets to and from a client.
  enum class Way : std::uint8_t { Udp, Tcp, Turn };
  struct Transport {
    TransportId transport{};
    bool connected = false;
    std::optional<Way> way;            ///< Nothing without a path.
    std::uint32_t round_trip_ms = 0;   ///< 0 while unknown.
    std::uint32_t available_kbps = 0;  ///< Of the way to the client; 0 while unknown.
    std::uint32_t wanted_kbps = 0;     ///< What all that the client is to be sent would take.
    std::uint32_t granted_kbps = 0;    ///< Of that, what its path is taken to carry.
    double loss = 0;                   ///< 0..1, of the way to the client.
    std::uint64_t packets = 0;         ///< Sent, of all subscriptions that it has now.
    std::uint64_t bytes = 0;
    std::uint64_t retransmitted = 0;
  };
  RoomSid room;
  std::vector<Transport> transports;
  std::vector<Layer> layers;
  std::vector<Subscription> subscriptions;  ///< Not all of them in a large room.
};

}  // namespace vis::core::rooms
