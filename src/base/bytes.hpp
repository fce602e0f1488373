#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.hpp"

namespace vis {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using ByteVector = std::vector<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads big-endian fields off a packet. A read past the end returns zero and marks the reader as
/// failed for good, so a parser may read a whole header and ask `ok()` once; `take` then returns
/// an empty span. Never throws, never allocates.
class ByteReader final {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return bytes_.size() - at_; }
  std::size_t position() const { return at_; }
  bool at_end() const { return at_ == bytes_.size(); }

  std::uint8_t u8() { return read<std::uint8_t>(1); }
  std::uint16_t u16() { return read<std::uint16_t>(2); }
  std::uint32_t u24() { return read<std::uint32_t>(3); }
  std::uint32_t u32() { return read<std::uint32_t>(4); }
  std::uint64_t u64() { return read<std::uint64_t>(8); }

  Bytes take(std::size_t count) {
    if (count > remaining()) return failed();
    const Bytes taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  Bytes take_rest() { return take(remaining()); }
  void skip(std::size_t count) { take(count); }

 private:
  Bytes failed() {
    ok_ = false;
    at_ = bytes_.size();
    return {};
  }
  template <std::unsigned_integral T>
  T read(std::size_t count) {
    const Bytes field = take(count);
    T value = 0;
    for (const std::uint8_t byte : field)
      value = static_cast<T>((std::uint64_t{value} << 8) | byte);
    return value;
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Writes big-endian fields into a buffer of fixed size. A write past the end is dropped and marks
/// the writer as failed for good. Never throws, never allocates.
class ByteWriter final {
 public:
  explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  std::size_t size() const { return at_; }
  std::size_t remaining() const { return buffer_.size() - at_; }
  Bytes written() const { return buffer_.first(at_); }

  void u8(std::uint8_t value) { write(value, 1); }
  void u16(std::uint16_t value) { write(value, 2); }
  void u24(std::uint32_t value) { write(value, 3); }
  void u32(std::uint32_t value) { write(value, 4); }
  void u64(std::uint64_t value) { write(value, 8); }
  void bytes(Bytes source) {
    if (MutableBytes target = reserve(source.size()); !target.empty()) {
      std::memcpy(target.data(), source.data(), source.size());
    }
  }
  void zeros(std::size_t count) { std::ranges::fill(reserve(count), std::uint8_t{0}); }

  /// The next `count` bytes, to be filled by the caller; empty when they do not fit.
  MutableBytes reserve(std::size_t count) {
    if (count > remaining()) {
      ok_ = false;
      return {};
    }
    const MutableBytes target = buffer_.subspan(at_, count);
    at_ += count;
    return target;
  }
  /// Overwrites a field written earlier, such as a length known only at the end.
  void patch_u16(std::size_t position, std::uint16_t value) {
    VIS_ASSERT(position + 2 <= at_);
    buffer_[position] = static_cast<std::uint8_t>(value >> 8);
    buffer_[position + 1] = static_cast<std::uint8_t>(value);
  }

 private:
  void write(std::uint64_t value, std::size_t count) {
    const MutableBytes target = reserve(count);
    for (std::size_t i = 0; i < target.size(); ++i) {
      target[i] = static_cast<std::uint8_t>(value >> (8 * (count - 1 - i)));
    }
  }

  MutableBytes buffer_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace vis
