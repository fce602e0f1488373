#pragma once

#include <cstddef>

/// Limits of `media/srtp`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// RFC 3711 section 3.3.2 asks for at least 64; video at high rates reorders over more.
inline constexpr std::size_t kSrtpReplayWindow = 1024;
inline constexpr std::size_t kSrtcpReplayWindow = 128;
/// How far behind the newest packet of a stream another may still be sent for the first time.
inline constexpr std::size_t kSrtpSentWindow = 1024;
/// AES-CM packets that wait for their tags: two rounds of the widest vector unit.
inline constexpr std::size_t kSrtpPendingTags = 32;

}  // namespace vis::limits
