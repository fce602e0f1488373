#include "media/sctp/dcep.hpp"

#include "base/encoding.hpp"
#include "base/limits/media_sctp.hpp"

namespace vis::media::sctp {
namespace {

constexpr std::uint8_t kAck = 0x02;
constexpr std::uint8_t kOpen = 0x03;
constexpr std::uint8_t kUnordered = 0x80;

std::unexpected<Error> malformed(std::string message) {
  return fail(Errc::InvalidArgument, "DCEP: " + std::move(message));
}

}  // namespace

Result<DcepOpen> DcepOpen::parse(ByteReader& reader) {
  DcepOpen open;
  const std::uint8_t type = reader.u8();
  const std::uint8_t channel_type = reader.u8();
  open.priority = reader.u16();
  open.reliability_value = reader.u32();
  const std::size_t label_length = reader.u16();
  const std::size_t protocol_length = reader.u16();
  if (!reader.ok() || type != kOpen) return malformed("not an open message");
  if (reader.remaining() != label_length + protocol_length) return malformed("wrong lengths");
  if (label_length > limits::kDataChannelLabelBytes ||
      protocol_length > limits::kDataChannelLabelBytes) {
    return fail(Errc::LimitExceeded, "DCEP: label or protocol is too long");
  }
  open.ordered = (channel_type & kUnordered) == 0;
  switch (channel_type & ~kUnordered) {
    case 0: open.reliability = Reliability::Reliable; break;
    case 1: open.reliability = Reliability::Retransmits; break;
    case 2: open.reliability = Reliability::Lifetime; break;
    default: return malformed("unknown channel type");
  }
  open.label = as_text(reader.take(label_length));
  open.protocol = as_text(reader.take(protocol_length));
  if (!is_valid_text(open.label) || !is_valid_text(open.protocol)) {
    return malformed("label or protocol is not UTF-8");
  }
  return open;
}

void DcepOpen::write(ByteWriter& writer) const {
  writer.u8(kOpen);
  writer.u8(
      static_cast<std::uint8_t>(static_cast<unsigned>(reliability) | (ordered ? 0U : kUnordered)));
  writer.u16(priority);
  writer.u32(reliability_value);
  writer.u16(static_cast<std::uint16_t>(label.size()));
  writer.u16(static_cast<std::uint16_t>(protocol.size()));
  writer.bytes(as_bytes(label));
  writer.bytes(as_bytes(protocol));
}

void DcepAck::write(ByteWriter& writer) const { writer.u8(kAck); }

Result<DcepMessage> parse_dcep(Bytes message) {
  if (message.empty()) return malformed("empty message");
  // Some stacks pad the acknowledgement; its type alone carries meaning.
  if (message[0] == kAck) return DcepAck{};
  ByteReader reader{message};
  auto open = DcepOpen::parse(reader);
  if (!open) return std::unexpected(std::move(open.error()));
  return *std::move(open);
}

}  // namespace vis::media::sctp
