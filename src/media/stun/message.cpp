#include "media/stun/message.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "media/stun/attributes.hpp"
#include "media/stun/crc32.hpp"

namespace vis::media::stun {
namespace {

constexpr std::size_t kLengthFieldAt = 2;
constexpr std::size_t kCookieAt = 4;
constexpr std::size_t kAttributeHeaderBytes = 4;

std::optional<std::uint32_t> read_u32(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return ByteReader{value}.u32();
}

std::optional<std::uint64_t> read_u64(Bytes value) {
  if (value.size() != 8) return std::nullopt;
  return ByteReader{value}.u64();
}

std::optional<SocketAddress> unmask_address(Bytes value, Bytes mask) {
  ByteReader reader{value};
  reader.skip(1);
  const std::uint8_t family = reader.u8();
  std::array<std::uint8_t, 18> plain{};
  const std::size_t address_bytes = family == attribute::kFamilyV4 ? 4 : 16;
  const bool known = family == attribute::kFamilyV4 || family == attribute::kFamilyV6;
  if (!known || reader.remaining() != 2 + address_bytes) return std::nullopt;
  for (std::size_t i = 0; i < 2 + address_bytes; ++i) {
    plain[i] = reader.u8() ^ mask[i < 2 ? i : i - 2];
  }
  SocketAddress address;
  address.port = ByteReader{plain}.u16();
  IpAddress::V6Bytes bytes{};
  std::copy_n(plain.begin() + 2, address_bytes, bytes.begin());
  address.ip = family == attribute::kFamilyV6
                   ? IpAddress::v6(bytes)
                   : IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  return address;
}

/// RFC 8489 section 14.8: 21 reserved bits, the hundreds (3 bits), the rest of the number.
std::optional<std::uint16_t> read_error_code(Bytes value) {
  ByteReader reader{value};
  reader.skip(2);
  const std::uint8_t hundreds = reader.u8() & 0x07;
  const std::uint8_t number = reader.u8();
  if (!reader.ok() || hundreds < 3 || hundreds > 6 || number > 99) return std::nullopt;
  return static_cast<std::uint16_t>(hundreds * 100 + number);
}

/// Keeps the first of equal attributes. False when the value is malformed.
template <typename T>
bool keep_first(std::optional<T>& field, const std::optional<T>& value) {
  if (!field) field = value;
  return value.has_value();
}

}  // namespace

bool looks_like_stun(Bytes datagram) {
  if (datagram.size() < kHeaderBytes || datagram[0] > 3) return false;
  ByteReader reader{datagram};
  reader.skip(kLengthFieldAt);
  const std::size_t length = reader.u16();
  return length % 4 == 0 && reader.u32() == kMagicCookie &&
         kHeaderBytes + length == datagram.size();
}

std::optional<SocketAddress> read_xor_address(Bytes value, Bytes message) {
  // The port and address are mixed with the 16 bytes from the cookie on.
  if (message.size() < kHeaderBytes) return std::nullopt;
  return unmask_address(value, message.subspan(kCookieAt, kHeaderBytes - kCookieAt));
}

std::optional<Message> Message::parse(Bytes datagram) {
  Message message;
  message.raw = datagram;
  ByteReader reader{datagram};
  if (!looks_like_stun(datagram) || !message.read_header(reader)) return std::nullopt;
  while (!reader.at_end()) {
    Attribute attribute;
    attribute.at = reader.position();
    attribute.type = reader.u16();
    attribute.value = reader.take(reader.u16());
    reader.skip(attribute::padding_after(attribute.value.size()));
    const bool trailing = message.integrity_at || message.fingerprint_at;
    if (!reader.ok() || !(trailing ? message.read_trailing_attribute(attribute)
                                   : message.read_attribute(attribute))) {
      return std::nullopt;
    }
  }
  return message;
}

bool Message::read_header(ByteReader& reader) {
  const std::uint16_t type = reader.u16();
  reader.skip(2 + 4);  // The length and the cookie, which looks_like_stun() has checked.
  std::ranges::copy(reader.take(transaction_id.size()), transaction_id.begin());
  // Section 5: the two bits of the class sit at 4 and 8, between those of the method.
  const int class_bits = ((type >> 7) & 0b10) | ((type >> 4) & 0b01);
  message_class = static_cast<Class>(class_bits);
  method = static_cast<Method>((type & 0x000F) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0F80));
  return reader.ok();
}

bool Message::read_attribute(const Attribute& attribute) {
  const Bytes value = attribute.value;
  switch (attribute.type) {
    case attribute::kUsername:
      if (!username) username = as_text(value);
      return value.size() <= limits::kStunUsernameBytes;
    case attribute::kMessageIntegrity:
    case attribute::kFingerprint: return read_trailing_attribute(attribute);
    case attribute::kErrorCode: return keep_first(error_code, read_error_code(value));
    case attribute::kXorMappedAddress:
      return keep_first(xor_mapped_address, stun::read_xor_address(value, raw));
    case attribute::kPriority: return keep_first(priority, read_u32(value));
    case attribute::kUseCandidate: use_candidate = true; return value.empty();
    case attribute::kIceControlled: return keep_first(ice_controlled, read_u64(value));
    case attribute::kIceControlling: return keep_first(ice_controlling, read_u64(value));
    default: return skip_attribute(attribute.type);
  }
}

bool Message::read_trailing_attribute(const Attribute& attribute) {
  // Section 14.7: FINGERPRINT is the last attribute of all.
  if (fingerprint_at) return false;
  if (attribute.type == attribute::kFingerprint) {
    fingerprint_at = attribute.at;
    return attribute.value.size() == 4;
  }
  if (attribute.type == attribute::kMessageIntegrity && !integrity_at) {
    integrity_at = attribute.at;
    return attribute.value.size() == IntegrityKey::kMacBytes;
  }
  return true;
}

bool Message::skip_attribute(std::uint16_t type) {
  const bool known = type == attribute::kMappedAddress || type == attribute::kUnknownAttributes ||
                     type == attribute::kRealm || type == attribute::kNonce;
  if (!known && type < attribute::kFirstOptional && unknown_count_ < unknown_.size()) {
    unknown_[unknown_count_++] = type;
  }
  return true;
}

bool Message::verify_integrity(const IntegrityKey& key) const {
  if (!integrity_at) return false;
  // The code covers the header with a length that ends just after MESSAGE-INTEGRITY itself,
  // whatever follows it.
  constexpr std::size_t kAttributeBytes = kAttributeHeaderBytes + IntegrityKey::kMacBytes;
  std::array<std::uint8_t, kHeaderBytes> header{};
  std::ranges::copy(raw.first(kHeaderBytes), header.begin());
  const std::size_t length = *integrity_at + kAttributeBytes - kHeaderBytes;
  header[kLengthFieldAt] = static_cast<std::uint8_t>(length >> 8);
  header[kLengthFieldAt + 1] = static_cast<std::uint8_t>(length);
  const Bytes body = raw.subspan(kHeaderBytes, *integrity_at - kHeaderBytes);
  const Bytes claimed = raw.subspan(*integrity_at + kAttributeHeaderBytes, IntegrityKey::kMacBytes);
  return constant_time_equal(key.sign(header, body), claimed);
}

bool Message::verify_fingerprint() const {
  if (!fingerprint_at) return false;
  ByteReader claimed{raw.subspan(*fingerprint_at + kAttributeHeaderBytes)};
  return claimed.u32() == (crc32(raw.first(*fingerprint_at)) ^ attribute::kFingerprintMask);
}

}  // namespace vis::media::stun
