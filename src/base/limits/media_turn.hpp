#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of `media/turn`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kTurnAllocations = 16 * 1024;
/// A browser makes one for each of its addresses, of our URLs and of its two peer connections.
inline constexpr std::size_t kTurnAllocationsPerCredential = 32;
inline constexpr std::size_t kTurnChannels = 32;         ///< Of one allocation.
inline constexpr std::size_t kTurnPeersPerRequest = 16;  ///< XOR-PEER-ADDRESS of one request.
inline constexpr std::size_t kTurnMessageBytes = 2048;   ///< One message or ChannelData.
inline constexpr std::chrono::seconds kTurnLifetimeMax{3600};
/// Requests that prove nothing are answered this often to one source, since the answer is larger
/// than the request and its source address may be somebody else's.
inline constexpr std::uint32_t kTurnChallengesPerSecond = 50;

}  // namespace vis::limits
