#pragma once

#include <cstddef>

/// Limits of `core/events`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kEventsPerRead = 256;
inline constexpr std::size_t kLogReaderBytes = 512;  ///< The name of a reader of the event log.

}  // namespace vis::limits
