#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::dtls {

inline constexpr std::size_t kRecordHeaderBytes = 13;

enum class ContentType : std::uint8_t {
  ChangeCipherSpec = 20,
  Alert = 21,
  Handshake = 22,
  ApplicationData = 23,
};

/// Whether a datagram is DTLS and no other protocol of the same port (RFC 7983).
inline bool looks_like_dtls(Bytes datagram) {
  return datagram.size() >= kRecordHeaderBytes && datagram[0] >= 20 && datagram[0] <= 63;
}

/// One DTLS record as it stands in a datagram (RFC 6347 section 4.1), a view.
///
/// +---------+--------------+-----------+----------------+------------+---------
/// | type: 8 | version: 16  | epoch: 16 | sequence: 48   | length: 16 | payload
/// +---------+--------------+-----------+----------------+------------+---------
struct Record {
  ContentType type = ContentType::Handshake;
  std::uint16_t epoch = 0;  ///< 0 until the ciphers are agreed; nothing vouches for such a record.
  std::uint64_t sequence = 0;
  Bytes bytes;  ///< Header and payload.

  /// Of a handshake in the clear.
  bool begins_client_hello() const {
    constexpr std::uint8_t kClientHello = 1;
    return type == ContentType::Handshake && epoch == 0 && bytes.size() > kRecordHeaderBytes &&
           bytes[kRecordHeaderBytes] == kClientHello;
  }

  /// The next record of a datagram; nothing when the rest is no DTLS 1.x record.
  static std::optional<Record> parse(ByteReader& reader);
};

}  // namespace vis::media::dtls
