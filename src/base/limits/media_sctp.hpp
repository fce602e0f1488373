#pragma once

#include <cstddef>

/// Limits of `media/sctp`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// One data channel message, as max-message-size promises in SDP.
inline constexpr std::size_t kSctpMessageBytes = 262144;
/// Pieces of messages that are not complete yet, of one association.
inline constexpr std::size_t kSctpReassemblyBytes = 4 * kSctpMessageBytes;
/// What waits in front of SCTP, of one association; SCTP itself holds up to kSctpSendBuffer more.
inline constexpr std::size_t kSctpQueueBytes = 1024 * 1024;
inline constexpr std::size_t kSctpSendBuffer = 2 * kSctpMessageBytes;
inline constexpr std::size_t kDataChannels = 64;
inline constexpr std::size_t kDataChannelLabelBytes = 256;

}  // namespace vis::limits
