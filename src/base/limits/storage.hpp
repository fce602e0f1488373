#pragma once

#include <cstddef>

/// Limits of `storage`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kPendingCommits = 4096;  ///< Commits that wait for the writer.
inline constexpr std::size_t kPendingCommitBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kCommitsPerGroup = 128;  ///< Commits in one transaction.

}  // namespace vis::limits
