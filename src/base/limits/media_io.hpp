#pragma once

#include <cstddef>

/// Limits of `media_io`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kRooms = 100'000;
inline constexpr std::size_t kWorkerMailbox = 64 * 1024;
inline constexpr std::size_t kDataMailbox = 64 * 1024;
inline constexpr std::size_t kUdpLocalAddresses = 100;  ///< Of this machine that are told apart.
inline constexpr std::size_t kAnnouncedAddresses = 8;   ///< Host candidates of each transport.

}  // namespace vis::limits
