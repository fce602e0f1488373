#pragma once

#include <cstddef>

/// Limits of `media/sfu`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// Sources that one client may send from at once: tracks, layers and their retransmissions. As many
/// that send control packets are remembered.
inline constexpr std::size_t kInboundStreams = 128;
/// Silent clients of one address that are asked whether a stray packet is theirs.
inline constexpr std::size_t kStrayAsked = 4;
/// Packets of one subscriber that may wait for their turn, and of all subscribers of one worker.
inline constexpr std::size_t kPacedPackets = 512;
inline constexpr std::size_t kPacedPacketsOfWorker = 64 * 1024;

/// Of sound that the server writes in RED: with header and tag it fits any path's datagrams.
inline constexpr std::size_t kRedPayloadBytes = 1100;
/// Subscriptions that one sample of a room tells of one by one; the rest is in its sums.
inline constexpr std::size_t kSampledSubscriptions = 2048;
/// Microphones of a large room whose clients tell no level, and which are heard at all times.
inline constexpr std::size_t kUnlevelledMicrophones = 16;
/// Microphones of a room that are heard at once, however many are configured.
inline constexpr std::size_t kSpeakers = 64;
/// Packets on their way from one worker's engine to one other; more are dropped.
inline constexpr std::size_t kNeighbourPackets = 4096;

}  // namespace vis::limits
