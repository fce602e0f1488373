#pragma once

#include <cstddef>
#include <cstdint>

/// The attribute types of RFC 8489 section 18.3 and RFC 8445 section 16.1 that this module reads
/// or writes, and those that it knows well enough to skip.
namespace vis::media::stun::attribute {

inline constexpr std::uint16_t kMappedAddress = 0x0001;
inline constexpr std::uint16_t kUsername = 0x0006;
inline constexpr std::uint16_t kMessageIntegrity = 0x0008;
inline constexpr std::uint16_t kErrorCode = 0x0009;
inline constexpr std::uint16_t kUnknownAttributes = 0x000A;
inline constexpr std::uint16_t kRealm = 0x0014;
inline constexpr std::uint16_t kNonce = 0x0015;
inline constexpr std::uint16_t kXorMappedAddress = 0x0020;
inline constexpr std::uint16_t kPriority = 0x0024;
inline constexpr std::uint16_t kUseCandidate = 0x0025;
/// From here on a receiver may ignore what it does not know.
inline constexpr std::uint16_t kFirstOptional = 0x8000;
inline constexpr std::uint16_t kFingerprint = 0x8028;
inline constexpr std::uint16_t kIceControlled = 0x8029;
inline constexpr std::uint16_t kIceControlling = 0x802A;

inline constexpr std::uint8_t kFamilyV4 = 0x01;
inline constexpr std::uint8_t kFamilyV6 = 0x02;

/// A FINGERPRINT is the CRC of the message with this value mixed in ("STUN" in ASCII).
inline constexpr std::uint32_t kFingerprintMask = 0x5354554E;

/// Values start and end on 32-bit boundaries; the announced length does not count the padding.
constexpr std::size_t padding_after(std::size_t value_bytes) { return (4 - value_bytes % 4) % 4; }

}  // namespace vis::media::stun::attribute
