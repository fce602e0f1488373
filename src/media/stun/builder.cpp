#include "media/stun/builder.hpp"

#include <algorithm>
#include <array>

#include "media/stun/attributes.hpp"
#include "media/stun/crc32.hpp"

namespace vis::media::stun {
namespace {

constexpr std::size_t kLengthFieldAt = 2;
constexpr std::size_t kFingerprintAttributeBytes = 8;
constexpr std::size_t kIntegrityAttributeBytes = 4 + IntegrityKey::kMacBytes;

/// RFC 8489 section 5: the bits of the class stand between those of the method.
std::uint16_t message_type(Class message_class, Method method) {
  const auto of_class = static_cast<unsigned>(message_class);
  const auto of_method = static_cast<unsigned>(method);
  return static_cast<std::uint16_t>(((of_class & 0b10) << 7) | ((of_class & 0b01) << 4) |
                                    (of_method & 0x000F) | ((of_method & 0x0070) << 1) |
                                    ((of_method & 0x0F80) << 2));
}

}  // namespace

MessageBuilder::MessageBuilder(MutableBytes buffer, Class message_class, const TransactionId& id,
                               Method method)
    : writer_(buffer), id_(id) {
  writer_.u16(message_type(message_class, method));
  writer_.u16(0);
  writer_.u32(kMagicCookie);
  writer_.bytes(id_);
}

void MessageBuilder::add_username(std::string_view username) {
  add_value(attribute::kUsername, as_bytes(username));
}

void MessageBuilder::add_value(std::uint16_t type, Bytes value) {
  begin_attribute(type, value.size());
  writer_.bytes(value);
  writer_.zeros(attribute::padding_after(value.size()));
}

void MessageBuilder::add_priority(std::uint32_t priority) {
  begin_attribute(attribute::kPriority, 4);
  writer_.u32(priority);
}

void MessageBuilder::add_use_candidate() { begin_attribute(attribute::kUseCandidate, 0); }

void MessageBuilder::add_ice_controlled(std::uint64_t tie_breaker) {
  begin_attribute(attribute::kIceControlled, 8);
  writer_.u64(tie_breaker);
}

void MessageBuilder::add_ice_controlling(std::uint64_t tie_breaker) {
  begin_attribute(attribute::kIceControlling, 8);
  writer_.u64(tie_breaker);
}

void MessageBuilder::add_xor_mapped_address(const SocketAddress& address) {
  add_xor_address(attribute::kXorMappedAddress, address);
}

void MessageBuilder::add_xor_address(std::uint16_t type, const SocketAddress& address) {
  std::array<std::uint8_t, 16> mask{};
  ByteWriter mask_writer{mask};
  mask_writer.u32(kMagicCookie);
  mask_writer.bytes(id_);
  const bool v6 = address.ip.is_v6();
  const std::size_t address_bytes = v6 ? 16 : 4;
  begin_attribute(type, 4 + address_bytes);
  writer_.u8(0);
  writer_.u8(v6 ? attribute::kFamilyV6 : attribute::kFamilyV4);
  writer_.u16(address.port ^ static_cast<std::uint16_t>(kMagicCookie >> 16));
  IpAddress::V6Bytes bytes{};
  if (v6) {
    bytes = address.ip.v6_bytes();
  } else {
    std::ranges::copy(address.ip.v4_bytes(), bytes.begin());
  }
  for (std::size_t i = 0; i < address_bytes; ++i) writer_.u8(bytes[i] ^ mask[i]);
}

void MessageBuilder::add_error_code(std::uint16_t code, std::string_view reason) {
  begin_attribute(attribute::kErrorCode, 4 + reason.size());
  writer_.u16(0);
  writer_.u8(static_cast<std::uint8_t>(code / 100));
  writer_.u8(static_cast<std::uint8_t>(code % 100));
  writer_.bytes(as_bytes(reason));
  writer_.zeros(attribute::padding_after(reason.size()));
}

void MessageBuilder::add_unknown_attributes(std::span<const std::uint16_t> types) {
  begin_attribute(attribute::kUnknownAttributes, 2 * types.size());
  for (const std::uint16_t type : types) writer_.u16(type);
  writer_.zeros(attribute::padding_after(2 * types.size()));
}

Bytes MessageBuilder::finish(const IntegrityKey& key) {
  if (!writer_.ok()) return {};
  set_length(kIntegrityAttributeBytes);
  const IntegrityKey::Mac mac = key.sign(writer_.written());
  begin_attribute(attribute::kMessageIntegrity, mac.size());
  writer_.bytes(mac);
  return finish();
}

Bytes MessageBuilder::finish() {
  if (!writer_.ok()) return {};
  set_length(kFingerprintAttributeBytes);
  const std::uint32_t fingerprint = crc32(writer_.written()) ^ attribute::kFingerprintMask;
  begin_attribute(attribute::kFingerprint, 4);
  writer_.u32(fingerprint);
  return writer_.ok() ? writer_.written() : Bytes{};
}

void MessageBuilder::begin_attribute(std::uint16_t type, std::size_t value_bytes) {
  writer_.u16(type);
  writer_.u16(static_cast<std::uint16_t>(value_bytes));
}

/// Both closing attributes cover the header with a length that already counts themselves.
void MessageBuilder::set_length(std::size_t bytes_to_come) {
  writer_.patch_u16(kLengthFieldAt,
                    static_cast<std::uint16_t>(writer_.size() - kHeaderBytes + bytes_to_come));
}

}  // namespace vis::media::stun
