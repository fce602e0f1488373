#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits/media_turn.hpp"
#include "base/socket_address.hpp"
#include "media/stun/message.hpp"

namespace vis::media::turn {

/// What a client's STUN message says beyond a Binding: the attributes of RFC 8656 section 18, and
/// those of long-term credentials (RFC 8489 section 9.2). A view into the message it was read from.
struct Message {
  stun::Message stun;
  std::optional<std::string_view> realm;
  std::optional<std::string_view> nonce;
  std::optional<std::uint32_t> lifetime_s;
  std::optional<std::uint8_t> requested_transport;
  std::optional<std::uint8_t> requested_family;  ///< stun::attribute::kFamilyV4 or kFamilyV6.
  std::optional<std::uint16_t> channel;
  std::optional<Bytes> data;
  bool wants_port_pair = false;  ///< EVEN-PORT or RESERVATION-TOKEN, which we do not give.

  /// Nothing unless the bytes are one well-formed message with at most
  /// limits::kTurnPeersPerRequest peers. Never allocates.
  static std::optional<Message> parse(Bytes bytes);

  std::span<const SocketAddress> peers() const { return std::span(peers_).first(peer_count_); }
  /// The first few attributes that a server must understand and this one does not.
  std::span<const std::uint16_t> unknown_required() const {
    return std::span(unknown_).first(unknown_count_);
  }

 private:
  bool read(std::uint16_t type, Bytes value);
  bool read_peer(Bytes value);

  std::array<SocketAddress, limits::kTurnPeersPerRequest> peers_{};
  std::size_t peer_count_ = 0;
  std::array<std::uint16_t, limits::kStunUnknownAttributes> unknown_{};
  std::size_t unknown_count_ = 0;
};

/// Data on a channel (RFC 8656 section 12.4).
///
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |    channel number 0x4000 on   |             length            |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  data; on a stream padded to 32 bits, which the length does not count
struct ChannelData {
  static constexpr std::size_t kHeaderBytes = 4;
  static constexpr std::uint16_t kFirstNumber = 0x4000;
  static constexpr std::uint16_t kLastNumber = 0x4FFF;

  std::uint16_t number = 0;
  Bytes data;

  static bool is_number(std::uint16_t number) {
    return number >= kFirstNumber && number <= kLastNumber;
  }
  /// Nothing unless number and length are right; bytes that follow the data are padding.
  static std::optional<ChannelData> parse(Bytes bytes);
  void write(ByteWriter& writer, bool padded) const;
};

/// How long the message is that a stream begins with, padding included: nothing while fewer than 4
/// bytes are there, 0 when they begin neither a STUN message nor ChannelData, or one that is longer
/// than limits::kTurnMessageBytes.
std::optional<std::size_t> message_size(Bytes stream);

}  // namespace vis::media::turn
