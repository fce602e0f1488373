#include "media/rtp/header_writer.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/byte_order.hpp"
#include "media/rtp/dependency_descriptor.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::uint8_t kVersion2 = 0x80;
constexpr std::uint8_t kExtensionBit = 0x10;
constexpr std::size_t kElementsAt = kFixedHeaderBytes + 4;
constexpr std::size_t kLargestOneByteId = 14;
constexpr std::size_t kLargestOneByteLength = 16;
constexpr std::size_t kMidMaxBytes = 16;
/// What a MID element can add: its own header, its text and the padding of the block.
constexpr std::size_t kMidRoom = 2 + kMidMaxBytes + 3;
/// One copy of this constant size covers nearly every header and costs a store or two.
constexpr std::size_t kFastCopy = 64;
static_assert(kFastCopy <= limits::kOutgoingHeaderBytes);

/// What an SFU hands on unchanged; the others belong to one hop.
constexpr std::array kEndToEnd{
    HeaderExtension::AudioLevel,     HeaderExtension::VideoOrientation,
    HeaderExtension::PlayoutDelay,   HeaderExtension::DependencyDescriptor,
    HeaderExtension::AbsCaptureTime,
};

constexpr std::size_t round_up_to_word(std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; }

constexpr std::uint8_t one_byte_header(std::size_t id, std::size_t length) {
  return static_cast<std::uint8_t>((id << 4) | (length - 1));
}

/// The length field of the extension block, for a header of `size` bytes.
constexpr std::uint16_t words_of_elements(std::size_t size) {
  return static_cast<std::uint16_t>((size - kElementsAt) / 4);
}

bool needs_two_byte(std::uint8_t id, std::size_t length) {
  return id > kLargestOneByteId || length == 0 || length > kLargestOneByteLength;
}

bool contains(std::span<const ExtensionValue> values, HeaderExtension kind) {
  return std::ranges::find(values, kind, &ExtensionValue::kind) != values.end();
}

}  // namespace

HeaderTemplate::HeaderTemplate(const Header& source, const ExtensionMap& from,
                               const ExtensionMap& to, std::span<const ExtensionValue> own) {
  std::array<ExtensionValue, 2 * kHeaderExtensions.size()> values;
  std::size_t count = std::min(own.size(), kHeaderExtensions.size());
  std::ranges::copy(own.first(count), values.begin());
  for (const ExtensionElement& element : source.elements()) {
    const std::optional<HeaderExtension> kind = from.kind(element.id);
    if (!kind || count == values.size()) continue;
    if (std::ranges::find(kEndToEnd, *kind) == kEndToEnd.end()) continue;
    if (contains(std::span{values}.first(count), *kind)) continue;
    values[count++] = {.kind = *kind, .data = element.data};
  }
  build(to, std::span{values}.first(count));
}

void HeaderTemplate::build(const ExtensionMap& map, std::span<const ExtensionValue> values) {
  const auto wants_two_byte = [&](const ExtensionValue& value) {
    return map.has(value.kind) && needs_two_byte(map.id(value.kind), value.data.size());
  };
  const auto has_large_id = [&](HeaderExtension kind) { return map.id(kind) > kLargestOneByteId; };
  two_byte_ = map.two_byte_allowed() &&
              (std::ranges::any_of(values, wants_two_byte) || has_large_id(HeaderExtension::Mid) ||
               has_large_id(HeaderExtension::TransportWideCc) ||
               has_large_id(HeaderExtension::AbsSendTime));
  store_be(bytes_.data() + kFixedHeaderBytes, two_byte_ ? kTwoByteProfile : kOneByteProfile);

  constexpr std::array<std::uint8_t, 3> kPlaceholder{};
  end_of_elements_ = kElementsAt;
  if (const std::uint8_t id = map.id(HeaderExtension::TransportWideCc); id != 0) {
    append(id, Bytes{kPlaceholder}.first(kTransportSequenceBytes));
    if (end_of_elements_ != kElementsAt) {
      transport_sequence_ = static_cast<std::uint16_t>(end_of_elements_ - kTransportSequenceBytes);
    }
  }
  if (const std::uint8_t id = map.id(HeaderExtension::AbsSendTime); id != 0) {
    const std::uint16_t before = end_of_elements_;
    append(id, Bytes{kPlaceholder}.first(kAbsSendTimeBytes));
    if (end_of_elements_ != before) {
      abs_send_time_ = static_cast<std::uint16_t>(end_of_elements_ - kAbsSendTimeBytes);
    }
  }
  for (const ExtensionValue& value : values) {
    if (!map.has(value.kind)) continue;
    const std::uint16_t before = end_of_elements_;
    append(map.id(value.kind), value.data);
    const bool numbered = value.kind == HeaderExtension::DependencyDescriptor &&
                          value.data.size() >= DependencyDescriptor::kMandatoryBytes;
    if (numbered && end_of_elements_ != before) {
      frame_number_ = static_cast<std::uint16_t>(end_of_elements_ - value.data.size() +
                                                 DependencyDescriptor::kFrameNumberAt);
    }
  }
  mid_id_ = map.id(HeaderExtension::Mid);
  if (!two_byte_ && mid_id_ > kLargestOneByteId) mid_id_ = 0;

  bytes_[0] = kVersion2;
  size_ = kFixedHeaderBytes;
  if (end_of_elements_ == kElementsAt) return;
  bytes_[0] |= kExtensionBit;
  const std::size_t padded = round_up_to_word(end_of_elements_);
  store_be(bytes_.data() + kFixedHeaderBytes + 2, words_of_elements(padded));
  size_ = static_cast<std::uint16_t>(padded);
}

void HeaderTemplate::append(std::uint8_t id, Bytes data) {
  if (!two_byte_ && needs_two_byte(id, data.size())) return;
  const std::size_t element_header = two_byte_ ? 2 : 1;
  if (data.size() > 0xFF) return;
  const std::size_t end = end_of_elements_ + element_header + data.size();
  if (end + kMidRoom > bytes_.size()) return;
  std::uint8_t* at = bytes_.data() + end_of_elements_;
  if (two_byte_) {
    *at++ = id;
    *at++ = static_cast<std::uint8_t>(data.size());
  } else {
    *at++ = one_byte_header(id, data.size());
  }
  std::ranges::copy(data, at);
  end_of_elements_ = static_cast<std::uint16_t>(end);
}

std::size_t HeaderTemplate::append_mid(std::string_view mid, std::uint8_t* out) const {
  VIS_ASSERT(mid.size() <= kMidMaxBytes);
  std::size_t end = end_of_elements_;
  if (two_byte_) {
    out[end++] = mid_id_;
    out[end++] = static_cast<std::uint8_t>(mid.size());
  } else {
    out[end++] = one_byte_header(mid_id_, mid.size());
  }
  std::memcpy(out + end, mid.data(), mid.size());
  end += mid.size();
  const std::size_t padded = round_up_to_word(end);
  std::memset(out + end, 0, padded - end);
  out[0] |= kExtensionBit;
  store_be(out + kFixedHeaderBytes + 2, words_of_elements(padded));
  return padded;
}

std::size_t write_header(const HeaderTemplate& shared, const OutgoingHeader& own,
                         MutableBytes out) {
  VIS_ASSERT(out.size() >= limits::kOutgoingHeaderBytes);
  std::uint8_t* const at = out.data();
  std::memcpy(at, shared.bytes_.data(), kFastCopy);
  if (shared.size_ > kFastCopy) [[unlikely]] {
    std::memcpy(at + kFastCopy, shared.bytes_.data() + kFastCopy, shared.size_ - kFastCopy);
  }
  at[1] = static_cast<std::uint8_t>((own.marker ? 0x80 : 0) | own.payload_type);
  store_be(at + 2, own.sequence);
  store_be(at + 4, own.timestamp);
  store_be(at + 8, own.ssrc);
  if (shared.transport_sequence_ != 0) {
    store_be(at + shared.transport_sequence_, own.transport_sequence);
  }
  if (shared.abs_send_time_ != 0) {
    at[shared.abs_send_time_] = static_cast<std::uint8_t>(own.abs_send_time >> 16);
    store_be(at + shared.abs_send_time_ + 1, static_cast<std::uint16_t>(own.abs_send_time));
  }
  if (own.frame_number_offset != 0 && shared.frame_number_ != 0) {
    std::uint8_t* const number = at + shared.frame_number_;
    store_be(number,
             static_cast<std::uint16_t>(load_be<std::uint16_t>(number) + own.frame_number_offset));
  }
  if (own.mid.empty() || shared.mid_id_ == 0) return shared.size_;
  return shared.append_mid(own.mid, at);
}

}  // namespace vis::media::rtp
