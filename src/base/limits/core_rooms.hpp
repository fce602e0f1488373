#pragma once

#include <cstddef>

/// Limits of `core/rooms`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kRoomsPerRead = 256;

inline constexpr std::size_t kPendingTracks = 20;      ///< Announced, not negotiated, of one.
inline constexpr std::size_t kQueuedTracksPerCid = 3;  ///< Waiting for the same media track.
inline constexpr std::size_t kTracksPerParticipant = 100;
inline constexpr std::size_t kTrackCodecs = 4;              ///< Of one track.
inline constexpr std::size_t kAudioFeatures = 32;           ///< Of one track.
inline constexpr std::size_t kUnknownTrackWishes = 200;     ///< Of one subscriber, remembered.
inline constexpr std::size_t kPermissionGrants = 2000;      ///< Subscribers that a publisher names.
inline constexpr std::size_t kPermissionTracks = 10000;     ///< Tracks that it names with them.
inline constexpr std::size_t kBacklogBytes = 100 * 1000;    ///< Reliable data kept for a newcomer.
inline constexpr std::size_t kStatisticsPoints = 120;       ///< Of one series: 10 minutes of them.
inline constexpr std::size_t kStatisticsSeries = 20'000;    ///< Of all rooms of a server: 58 MB.
inline constexpr std::size_t kDeparturesRemembered = 1000;  ///< Of one room, for those who resume.

}  // namespace vis::limits
