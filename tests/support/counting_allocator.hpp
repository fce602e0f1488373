#pragma once

#include <cstddef>

namespace vis::test {

/// How often memory was asked for since the program started: by operator new in its usual forms,
/// and by OpenSSL's own functions. For programs of one thread that link counting_allocator.cpp,
/// which replaces both. What ipsec-mb does per packet asks nobody for memory.
std::size_t allocations();

}  // namespace vis::test
