#pragma once

#include <cstddef>

/// Limits of `media/negotiation`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// Tracks that one peer connection may be sent; leaves room for the data section and a few others.
inline constexpr std::size_t kSendTracks = 190;
/// Further layers that a client offers are not taken.
inline constexpr std::size_t kSimulcastLayers = 4;

}  // namespace vis::limits
