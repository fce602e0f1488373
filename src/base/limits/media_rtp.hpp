#pragma once

#include <cstddef>

/// Limits of `media/rtp`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// An outgoing RTP header with its extensions; elements that would pass it are left out. Room for
/// a dependency descriptor with its structure, the largest of them.
inline constexpr std::size_t kOutgoingHeaderBytes = 320;
/// Encodings in one RED payload: the primary and those it repeats.
inline constexpr std::size_t kRedBlocks = 10;
/// The dependency descriptor's own ranges, but for spatial layers, of which it allows four.
inline constexpr std::size_t kDependencyTemplates = 64;
inline constexpr std::size_t kDecodeTargets = 32;
inline constexpr std::size_t kSpatialLayers = 4;
inline constexpr std::size_t kTemporalLayers = 8;
/// Packets of one received stream that may be missing at once; beyond it a key frame is cheaper.
inline constexpr std::size_t kNackedPackets = 512;
/// Transport-wide sequence numbers that are remembered until they are reported. A power of two.
inline constexpr std::size_t kTransportFeedbackWindow = 1024;

}  // namespace vis::limits
