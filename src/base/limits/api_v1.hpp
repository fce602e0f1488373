#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

/// Limits of `api/v1`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kMeetRoomCharacters = 64;
inline constexpr std::size_t kMeetRequestBytes = 4096;
inline constexpr std::uint32_t kMeetTokensAtOnce = 20;  ///< Of one client address, ...
inline constexpr Duration kMeetTokenInterval = 3s;      ///< ... then one each.
inline constexpr std::size_t kMeetAddresses = 10'000;   ///< Whose use is remembered.

}  // namespace vis::limits
