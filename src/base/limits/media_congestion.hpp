#pragma once

#include <cstddef>

/// Limits of `media/congestion`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// Packets that one subscriber's transport may have sent before feedback on them comes: a second of
/// 10 Mbit/s. A power of two.
inline constexpr std::size_t kSentPacketHistory = 1024;
/// Read of one subscriber; browsers send about 20, and more tell nothing new.
inline constexpr std::size_t kTransportFeedbacksPerSecond = 100;

}  // namespace vis::limits
