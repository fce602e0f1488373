#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

inline constexpr std::size_t kFixedHeaderBytes = 12;
inline constexpr std::uint16_t kOneByteProfile = 0xBEDE;
inline constexpr std::uint16_t kTwoByteProfile = 0x1000;
/// The other bits are for the application to use (RFC 8285 section 4.3).
inline constexpr std::uint16_t kTwoByteProfileMask = 0xFFF0;

/// One element of a header extension block: the negotiated id and its bytes.
struct ExtensionElement {
  std::uint8_t id = 0;
  Bytes data{};
};

/// The elements of a header extension block (RFC 8285), for a range-based for loop. Padding is
/// skipped, an element that would overrun the block ends the walk, and a block of an unknown
/// profile has none.
class ExtensionElements final {
 public:
  class Iterator final {
   public:
    using value_type = ExtensionElement;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(std::uint16_t profile, Bytes rest) : profile_(profile), rest_(rest) { advance(); }

    const ExtensionElement& operator*() const { return element_; }
    const ExtensionElement* operator->() const { return &element_; }
    Iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    bool operator==(std::default_sentinel_t) const { return at_end_; }
    /// Whether the walk stopped at an element that announces more bytes than there are.
    bool overrun() const { return overrun_; }

   private:
    void advance();
    void advance_one_byte();
    void advance_two_byte();
    void take(std::uint8_t id, std::size_t header, std::size_t length);

    std::uint16_t profile_ = 0;
    Bytes rest_;
    ExtensionElement element_;
    bool at_end_ = true;
    bool overrun_ = false;
  };

  ExtensionElements() = default;
  ExtensionElements(std::uint16_t profile, Bytes block) : profile_(profile), block_(block) {}

  Iterator begin() const { return {profile_, block_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::uint16_t profile_ = 0;
  Bytes block_;
};

// The walk is inline because every packet takes it two or three times.

inline void ExtensionElements::Iterator::advance() {
  at_end_ = true;
  while (!rest_.empty() && rest_[0] == 0) rest_ = rest_.subspan(1);
  if (rest_.empty()) return;
  if (profile_ == kOneByteProfile) {
    advance_one_byte();
  } else if ((profile_ & kTwoByteProfileMask) == kTwoByteProfile) {
    advance_two_byte();
  }
}

inline void ExtensionElements::Iterator::advance_one_byte() {
  // In the one-byte form this id ends the block (RFC 8285 section 4.2).
  constexpr std::uint8_t kReservedId = 15;
  const auto id = static_cast<std::uint8_t>(rest_[0] >> 4);
  // Id 0 with a length is no padding byte; like id 15 it ends the block.
  if (id == 0 || id == kReservedId) return;
  take(id, 1, (rest_[0] & 0x0FU) + 1U);
}

inline void ExtensionElements::Iterator::advance_two_byte() {
  if (rest_.size() < 2) {
    overrun_ = true;
    return;
  }
  take(rest_[0], 2, rest_[1]);
}

inline void ExtensionElements::Iterator::take(std::uint8_t id, std::size_t header,
                                              std::size_t length) {
  if (header + length > rest_.size()) {
    overrun_ = true;
    return;
  }
  element_ = {.id = id, .data = rest_.subspan(header, length)};
  rest_ = rest_.subspan(header + length);
  at_end_ = false;
}

/// The RTP header, RFC 3550 section 5.1, with the extension block of section 5.3.1:
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                           timestamp                           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |           synchronization source (SSRC) identifier            |
///     +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
///     |            contributing source (CSRC) identifiers             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |      defined by profile       |           length              |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                        header extension                       |
///
/// Only what stays in the clear under SRTP, so it parses protected packets too. The spans point
/// into the packet.
struct Header {
  bool padding = false;
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  Bytes csrcs{};  ///< Four bytes each.
  std::uint16_t extension_profile = 0;
  Bytes extension_block{};  ///< Without its profile and length.
  std::size_t size = 0;     ///< Bytes from the start of the packet to its payload.

  /// Nothing when a length points outside the packet or an extension element outside its block.
  static std::optional<Header> parse(Bytes packet);

  ExtensionElements elements() const { return {extension_profile, extension_block}; }
};

/// A whole RTP packet in the clear: its header and its payload without padding. A view for the
/// moment of reading; it owns nothing and allocates nothing, and the bytes must outlive it.
class PacketView final {
 public:
  /// Nothing when `Header::parse` refuses or the padding count is zero or exceeds the payload.
  static std::optional<PacketView> parse(Bytes packet);

  const Header& header() const { return header_; }
  bool marker() const { return header_.marker; }
  std::uint8_t payload_type() const { return header_.payload_type; }
  std::uint16_t sequence() const { return header_.sequence; }
  std::uint32_t timestamp() const { return header_.timestamp; }
  std::uint32_t ssrc() const { return header_.ssrc; }

  Bytes bytes() const { return bytes_; }
  Bytes payload() const {
    return bytes_.subspan(header_.size, bytes_.size() - header_.size - padding_bytes_);
  }
  std::size_t padding_bytes() const { return padding_bytes_; }

  ExtensionElements elements() const { return header_.elements(); }
  /// The first element with this id.
  std::optional<Bytes> element(std::uint8_t id) const;

 private:
  PacketView(Bytes bytes, const Header& header, std::size_t padding_bytes)
      : bytes_(bytes), header_(header), padding_bytes_(padding_bytes) {}

  Bytes bytes_;
  Header header_;
  std::size_t padding_bytes_ = 0;
};

}  // namespace vis::media::rtp
