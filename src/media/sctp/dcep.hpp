#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// The Data Channel Establishment Protocol (RFC 8832): messages of PPID 50 that open a channel on
/// the stream on which they travel.
namespace vis::media::sctp {

/// Whether a channel retransmits for ever, a number of times, or for a time in milliseconds.
enum class Reliability : std::uint8_t { Reliable = 0, Retransmits = 1, Lifetime = 2 };

/// DATA_CHANNEL_OPEN, section 5.1
///
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   |  type = 0x03  |  Channel Type |            Priority           |
///   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   |                    Reliability Parameter                      |
///   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   |         Label Length          |       Protocol Length         |
///   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   |                      Label, then Protocol                     |
///   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The channel type is the reliability, with 0x80 added for unordered delivery.
struct DcepOpen {
  Reliability reliability = Reliability::Reliable;
  bool ordered = true;
  std::uint16_t priority = 256;         ///< RFC 8831 section 6.4: 256 is normal.
  std::uint32_t reliability_value = 0;  ///< Retransmissions or milliseconds.
  std::string label;
  std::string protocol;

  static Result<DcepOpen> parse(ByteReader& reader);
  void write(ByteWriter& writer) const;
  std::size_t size() const { return 12 + label.size() + protocol.size(); }

  friend bool operator==(const DcepOpen&, const DcepOpen&) = default;
};

/// DATA_CHANNEL_ACK, section 5.2: the one byte 0x02.
struct DcepAck {
  void write(ByteWriter& writer) const;
  friend bool operator==(const DcepAck&, const DcepAck&) = default;
};

using DcepMessage = std::variant<DcepOpen, DcepAck>;

/// Refuses messages of unknown type, unknown channel types, lengths that do not add up, text that
/// is not UTF-8, and labels or protocols beyond kDataChannelLabelBytes.
Result<DcepMessage> parse_dcep(Bytes message);

}  // namespace vis::media::sctp
