#pragma once

#include <cstddef>

/// Limits of `api/whip`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// A browser's offer of a camera and a microphone has about 10 kB.
inline constexpr std::size_t kWhipOfferBytes = 128 * 1024;
inline constexpr std::size_t kTrickleFragmentBytes = 16 * 1024;
/// In one fragment; ICE remembers kIceRemoteCandidates of them.
inline constexpr std::size_t kTrickleCandidates = 64;
inline constexpr std::size_t kWhipTracks = 8;         ///< Sections that one offer may send in.
inline constexpr std::size_t kWhipSessions = 10'000;  ///< WHIP and WHEP together.
inline constexpr std::size_t kWhipSessionsPerRoom = 2'000;  ///< WHIP and WHEP together.

inline constexpr std::size_t kWhepLayerBytes = 1024;  ///< A request for a layer.

}  // namespace vis::limits
