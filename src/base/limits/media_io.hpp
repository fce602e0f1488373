#pragma once

#include <chrono>
#include <cstddef>

/// Limits of `media_io`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kRooms = 100'000;
inline constexpr std::size_t kWorkerMailbox = 64 * 1024;
inline constexpr std::size_t kDataMailbox = 64 * 1024;
inline constexpr std::size_t kUdpLocalAddresses = 100;  ///< Of this machine that are told apart.
inline constexpr std::size_t kAnnouncedAddresses = 8;   ///< Host candidates of each transport.

/// Connections of ICE-TCP and TURN at once: in all, and from one address.
inline constexpr std::size_t kTcpConnections = 4096;
inline constexpr std::size_t kTcpConnectionsPerAddress = 256;
/// What waits to be sent on one connection; a packet that does not fit is dropped.
inline constexpr std::size_t kTcpSendQueueBytes = 256 * 1024;
/// Until a connection has said for whom it is, and while nothing comes along one that has.
inline constexpr std::chrono::seconds kTcpIntroduction{10};
inline constexpr std::chrono::seconds kTcpSilence{60};
/// Packets between a worker and the relay loop, in each direction; more are dropped.
inline constexpr std::size_t kRelayRingPackets = 2048;
inline constexpr std::size_t kRelayMailbox = 16 * 1024;

}  // namespace vis::limits
