#include "support/counting_allocator.hpp"

#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

#include "base/assert.hpp"

namespace {

std::size_t counter = 0;

void* counted(std::size_t size) {
  ++counter;
  return std::malloc(size);
}
void* crypto_malloc(std::size_t size, const char*, int) { return counted(size); }
void* crypto_realloc(void* memory, std::size_t size, const char*, int) {
  ++counter;
  return std::realloc(memory, size);
}
void crypto_free(void* memory, const char*, int) { std::free(memory); }

/// OpenSSL takes other memory functions only before it has used its own.
const bool crypto_is_counted =
    CRYPTO_set_mem_functions(&crypto_malloc, &crypto_realloc, &crypto_free) == 1;

}  // namespace

namespace vis::test {

std::size_t allocations() {
  VIS_ASSERT(crypto_is_counted);
  return counter;
}

}  // namespace vis::test

void* operator new(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++counter;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
