#pragma once

#include <cstddef>

/// Limits of `base`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kPendingJobs = 1024;  ///< Jobs that wait for a blocking pool.

}  // namespace vis::limits
