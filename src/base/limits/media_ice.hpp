#pragma once

#include <cstddef>

/// Limits of `media/ice`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kIceUfragBytes = 256;      ///< RFC 8839 section 5.4.
inline constexpr std::size_t kIcePasswordBytes = 256;   ///< RFC 8839 section 5.4.
inline constexpr std::size_t kIceCandidateBytes = 512;  ///< One `candidate:` line.
inline constexpr std::size_t kIceLocalCandidates = 16;
inline constexpr std::size_t kIceRemoteCandidates = 32;
inline constexpr std::size_t kIceCandidatePairs = 64;
inline constexpr std::size_t kIceEarlyChecks = 8;      ///< Kept until the peer's description comes.
inline constexpr std::size_t kIceRecentRequests = 32;  ///< Remembered to recognise replays.
inline constexpr std::size_t kIceMoveChecks = 4;       ///< Of the paths that media came along.

}  // namespace vis::limits
