#pragma once

#include <cstddef>

/// Limits of `core/projects`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kProjectIdBytes = 40;
inline constexpr std::size_t kApiKeyIdBytes = 64;
inline constexpr std::size_t kApiSecretBytes = 256;
inline constexpr std::size_t kActiveKeysPerProject = 20;

}  // namespace vis::limits
