#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits/media_stun.hpp"
#include "base/socket_address.hpp"
#include "media/stun/integrity.hpp"

namespace vis::media::stun {

inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::uint32_t kMagicCookie = 0x2112A442;

using TransactionId = std::array<std::uint8_t, 12>;

enum class Class : std::uint8_t { Request, Indication, SuccessResponse, ErrorResponse };

/// RFC 8489 section 18.2 and RFC 8656 section 17. Any other value means a method that we do not
/// know.
enum class Method : std::uint16_t {
  Binding = 0x001,
  Allocate = 0x003,
  Refresh = 0x004,
  Send = 0x006,
  Data = 0x007,
  CreatePermission = 0x008,
  ChannelBind = 0x009,
};

/// Error codes of RFC 8489 section 14.8 and RFC 8445 section 16.2.
inline constexpr std::uint16_t kUnknownAttribute = 420;
inline constexpr std::uint16_t kRoleConflict = 487;

/// Whether a datagram is STUN and no other protocol of the same port (RFC 7983, with the magic
/// cookie). A few compares: run it first, parse only what passes.
bool looks_like_stun(Bytes datagram);

/// The value of an attribute such as XOR-MAPPED-ADDRESS (RFC 8489 section 14.2) of this message.
std::optional<SocketAddress> read_xor_address(Bytes value, Bytes message);

/// A parsed STUN message (RFC 8489), a view into the datagram that it was read from.
///
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |0 0|     type (section 5)      |     length after the header   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     magic cookie 0x2112A442                   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                   transaction id (96 bits)                    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  attributes: type (16), length (16), value, padding to 32 bits
///
/// Parsing proves nothing about who sent it: ask `verify_integrity` before acting on a message.
/// Only the first of equal attributes counts, and of those after MESSAGE-INTEGRITY only
/// FINGERPRINT does (section 14.5), since nothing vouches for the others.
struct Message {
  Class message_class = Class::Request;
  Method method = Method::Binding;
  TransactionId transaction_id{};

  std::optional<std::string_view> username;
  std::optional<std::uint32_t> priority;
  bool use_candidate = false;
  std::optional<std::uint64_t> ice_controlled;   ///< The sender's tie-breaker.
  std::optional<std::uint64_t> ice_controlling;  ///< The sender's tie-breaker.
  std::optional<SocketAddress> xor_mapped_address;
  std::optional<std::uint16_t> error_code;  ///< 300 to 699.

  Bytes raw;                                  ///< The whole datagram.
  std::optional<std::size_t> integrity_at;    ///< Where in `raw` MESSAGE-INTEGRITY begins.
  std::optional<std::size_t> fingerprint_at;  ///< Where in `raw` FINGERPRINT begins.

  /// Nothing unless the datagram is exactly one well-formed message. Never allocates.
  static std::optional<Message> parse(Bytes datagram);

  /// The first few attributes that a receiver must understand and this module does not.
  std::span<const std::uint16_t> unknown_required() const {
    return std::span(unknown_).first(unknown_count_);
  }

  /// False also when there is no MESSAGE-INTEGRITY.
  bool verify_integrity(const IntegrityKey& key) const;
  /// False also when there is no FINGERPRINT.
  bool verify_fingerprint() const;

 private:
  struct Attribute {
    std::uint16_t type;
    Bytes value;
    std::size_t at;  ///< Where in the message its header begins.
  };
  bool read_header(ByteReader& reader);
  bool read_attribute(const Attribute& attribute);
  bool read_trailing_attribute(const Attribute& attribute);
  bool skip_attribute(std::uint16_t type);

  std::array<std::uint16_t, limits::kStunUnknownAttributes> unknown_{};
  std::size_t unknown_count_ = 0;
};

}  // namespace vis::media::stun
