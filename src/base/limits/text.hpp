#pragma once

#include <cstddef>

/// Text that people or integrators choose. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kNameBytes = 256;
inline constexpr std::size_t kIdentityBytes = 256;
inline constexpr std::size_t kRoomNameBytes = 256;
inline constexpr std::size_t kMetadataBytes = 512 * 1024;
inline constexpr std::size_t kAttributesBytes = 64 * 1024;

}  // namespace vis::limits
