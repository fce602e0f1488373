#pragma once

#include <cstddef>

/// Limits of `media/rtcp`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// Packets that one transport feedback message may report; a few bytes can announce 65 535.
inline constexpr std::size_t kTransportFeedbackStatuses = 8192;

}  // namespace vis::limits
