#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "media/stun/integrity.hpp"
#include "media/stun/message.hpp"

namespace vis::media::stun {

/// Room for every message that an ICE agent sends: a request with a username of 513 bytes.
inline constexpr std::size_t kMaxBuiltBytes = 600;

/// Writes a message into the caller's buffer: attributes in the order of the calls, then
/// `finish`. Never allocates; what does not fit makes `finish` return nothing.
class MessageBuilder final {
 public:
  MessageBuilder(MutableBytes buffer, Class message_class, const TransactionId& id,
                 Method method = Method::Binding);

  void add_username(std::string_view username);
  void add_priority(std::uint32_t priority);
  void add_use_candidate();
  void add_ice_controlled(std::uint64_t tie_breaker);
  void add_ice_controlling(std::uint64_t tie_breaker);
  void add_xor_mapped_address(const SocketAddress& address);
  /// Any other attribute of the same form.
  void add_xor_address(std::uint16_t type, const SocketAddress& address);
  /// Any attribute whose value is bytes or text.
  void add_value(std::uint16_t type, Bytes value);
  void add_error_code(std::uint16_t code, std::string_view reason);
  void add_unknown_attributes(std::span<const std::uint16_t> types);

  /// Closes the message with MESSAGE-INTEGRITY under `key` and FINGERPRINT.
  Bytes finish(const IntegrityKey& key);
  /// Closes a message that nobody authenticates: FINGERPRINT alone.
  Bytes finish();

 private:
  void begin_attribute(std::uint16_t type, std::size_t value_bytes);
  void set_length(std::size_t bytes_to_come);

  ByteWriter writer_;
  TransactionId id_;
};

}  // namespace vis::media::stun
