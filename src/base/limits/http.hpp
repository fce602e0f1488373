#pragma once

#include <cstddef>

/// Limits of `http`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kHttpHeaderBytes = 32 * 1024;  ///< Request line included.
inline constexpr std::size_t kHttpHeaderFields = 100;
inline constexpr std::size_t kHttpPathSegments = 64;
inline constexpr std::size_t kHttpParameters = 256;
inline constexpr std::size_t kHttpBodyBytes = 10 * 1024 * 1024;
inline constexpr std::size_t kHttpBodiesInFlightBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kHttpConnections = 8192;
inline constexpr std::size_t kJsonBytes = 1024 * 1024;
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kWebSocketMessageBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kWebSocketQueueBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kWebSocketQueueMessages = 4096;
inline constexpr std::size_t kGuestQueueBytes = 256 * 1024;  ///< To one client of a guest protocol.
inline constexpr std::size_t kStaticFiles = 10'000;
inline constexpr std::size_t kStaticFileBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kStaticCacheBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kHttpClientRequests = 1024;
inline constexpr std::size_t kHttpClientResponseBytes = 64 * 1024;

}  // namespace vis::limits
