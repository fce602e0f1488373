#pragma once

#include <cstddef>

/// Limits of `api/livekit`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// A `join_request` of /rtc/v1 after inflation.
inline constexpr std::size_t kJoinRequestBytes = 1024 * 1024;
/// Named by one request of a client; each may be answered with a message of its own.
inline constexpr std::size_t kTracksPerRequest = 2000;
inline constexpr std::size_t kClientCapabilities = 32;  ///< Of one client, mirrored to the others.
inline constexpr std::size_t kNoncesRemembered = 100;   ///< Of one sender's data packets.
inline constexpr std::size_t kServerNoncesRemembered = 1000;  ///< Of the server API's packets.
inline constexpr std::size_t kDataDestinations = 1000;        ///< Named by one data packet.
inline constexpr std::size_t kRpcPayloadBytes = 15360;        ///< Of a server's remote call.
inline constexpr std::size_t kPendingRpcCalls = 1000;         ///< Server's calls without an answer.
inline constexpr std::size_t kSimulatedDrops = 64;  ///< Sessions whose next resume shall fail.
/// Events that one webhook endpoint may have in memory, delivered or waiting.
inline constexpr std::size_t kWebhookWindow = 1024;
inline constexpr std::size_t kWebhookRequests = 16;  ///< At once, to one endpoint.

}  // namespace vis::limits
