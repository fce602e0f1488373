#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.hpp"

/// Everything that the network can grow, and how far. Each limit has a test at the limit and one
/// past it. Grouped by the folder that enforces it.
namespace vis::limits {

// ---- text that people or integrators choose ----
inline constexpr std::size_t kNameBytes = 256;
inline constexpr std::size_t kIdentityBytes = 256;
inline constexpr std::size_t kRoomNameBytes = 256;
inline constexpr std::size_t kMetadataBytes = 512 * 1024;
inline constexpr std::size_t kAttributesBytes = 64 * 1024;

// ---- media_io ----
inline constexpr std::size_t kRooms = 100'000;
inline constexpr std::size_t kWorkerMailbox = 64 * 1024;
inline constexpr std::size_t kDataMailbox = 64 * 1024;
// ---- media/stun ----
inline constexpr std::size_t kStunUsernameBytes = 513;    ///< RFC 8489 section 14.3.
inline constexpr std::size_t kStunUnknownAttributes = 8;  ///< Named in a 420 answer; more are not.

}  // namespace vis::limits
