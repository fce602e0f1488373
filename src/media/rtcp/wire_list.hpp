#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace vis::media::rtcp {

/// Items of equal size inside a received packet, decoded as they are visited: no copy, no limit,
/// no allocation. `Item` has `kBytes` and `static Item read(ByteReader&)`.
template <typename Item>
class WireList final {
 public:
  class Iterator final {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Bytes rest) : rest_(rest) {}

    Item operator*() const {
      ByteReader reader{rest_.first(Item::kBytes)};
      return Item::read(reader);
    }
    Iterator& operator++() {
      rest_ = rest_.subspan(Item::kBytes);
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return rest_.empty(); }

   private:
    Bytes rest_;
  };

  WireList() = default;
  explicit WireList(Bytes bytes) : bytes_(bytes) { VIS_ASSERT(bytes.size() % Item::kBytes == 0); }

  std::size_t size() const { return bytes_.size() / Item::kBytes; }
  bool empty() const { return bytes_.empty(); }
  Item operator[](std::size_t index) const {
    ByteReader reader{bytes_.subspan(index * Item::kBytes, Item::kBytes)};
    return Item::read(reader);
  }
  Iterator begin() const { return Iterator{bytes_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  Bytes bytes_;
};

/// An SSRC in a list of them.
struct SsrcItem {
  static constexpr std::size_t kBytes = 4;
  std::uint32_t ssrc = 0;

  static SsrcItem read(ByteReader& reader) { return {.ssrc = reader.u32()}; }
};

}  // namespace vis::media::rtcp
