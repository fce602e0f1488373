#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace vis {

/// Reads or writes one big-endian field at a place whose bounds the caller has checked. For the
/// packet path, where the compiler must see a single load or store; parsers use ByteReader.
template <std::unsigned_integral T>
inline T load_be(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

template <std::unsigned_integral T>
inline void store_be(std::uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace vis
