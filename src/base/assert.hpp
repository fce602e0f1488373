#pragma once

namespace vis {

/// Prints the broken assumption with its place and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace vis

/// States what cannot be false unless this program has a bug. Stays on in release builds.
#define VIS_ASSERT(expression)             \
  (static_cast<bool>(expression) ? void(0) \
                                 : ::vis::assertion_failed(#expression, __FILE__, __LINE__))
