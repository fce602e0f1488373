#pragma once

#include <cstddef>

/// Limits of `media/stun`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kStunUsernameBytes = 513;    ///< RFC 8489 section 14.3.
inline constexpr std::size_t kStunUnknownAttributes = 8;  ///< Named in a 420 answer; more are not.

}  // namespace vis::limits
