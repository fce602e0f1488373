#include "media/turn/message.hpp"

#include <algorithm>

#include "media/stun/attributes.hpp"
#include "media/turn/attributes.hpp"

namespace vis::media::turn {
namespace {

/// Whether the value has the length that its type demands; then the field is its number.
template <typename T>
bool read_number(std::optional<T>& field, Bytes value, std::size_t bytes) {
  if (value.size() != 4) return false;
  // Numbers shorter than 32 bits stand first and are followed by reserved bytes.
  std::uint32_t number = ByteReader{value}.u32();
  number >>= 8 * (4 - bytes);
  if (!field) field = static_cast<T>(number);
  return true;
}

bool is_known_of_stun(std::uint16_t type) {
  namespace known = stun::attribute;
  return type == known::kMappedAddress || type == known::kUsername ||
         type == known::kMessageIntegrity || type == known::kErrorCode ||
         type == known::kUnknownAttributes || type == known::kXorMappedAddress ||
         type == known::kPriority || type == known::kUseCandidate;
}

}  // namespace

std::optional<Message> Message::parse(Bytes bytes) {
  const auto parsed = stun::Message::parse(bytes);
  if (!parsed) return std::nullopt;
  Message message;
  message.stun = *parsed;
  // What stands behind the proof of integrity is not vouched for.
  const std::size_t end = message.stun.integrity_at.value_or(
      message.stun.fingerprint_at.value_or(message.stun.raw.size()));
  ByteReader reader{message.stun.raw.first(end)};
  reader.skip(stun::kHeaderBytes);
  while (!reader.at_end()) {
    const std::uint16_t type = reader.u16();
    const Bytes value = reader.take(reader.u16());
    reader.skip(stun::attribute::padding_after(value.size()));
    if (!reader.ok() || !message.read(type, value)) return std::nullopt;
  }
  return message;
}

bool Message::read(std::uint16_t type, Bytes value) {
  switch (type) {
    case stun::attribute::kRealm:
      if (!realm) realm = as_text(value);
      return true;
    case stun::attribute::kNonce:
      if (!nonce) nonce = as_text(value);
      return true;
    case attribute::kChannelNumber: return read_number(channel, value, 2);
    case attribute::kLifetime: return read_number(lifetime_s, value, 4);
    case attribute::kRequestedTransport: return read_number(requested_transport, value, 1);
    case attribute::kRequestedAddressFamily: return read_number(requested_family, value, 1);
    case attribute::kXorPeerAddress: return read_peer(value);
    case attribute::kData:
      if (!data) data = value;
      return true;
    case attribute::kEvenPort:
    case attribute::kReservationToken: wants_port_pair = true; return true;
    case attribute::kDontFragment: return value.empty();
    default: break;
  }
  if (!is_known_of_stun(type) && type < stun::attribute::kFirstOptional &&
      unknown_count_ < unknown_.size()) {
    unknown_[unknown_count_++] = type;
  }
  return true;
}

bool Message::read_peer(Bytes value) {
  const auto peer = stun::read_xor_address(value, stun.raw);
  if (!peer || peer_count_ == peers_.size()) return false;
  peers_[peer_count_++] = *peer;
  return true;
}

std::optional<ChannelData> ChannelData::parse(Bytes bytes) {
  ByteReader reader{bytes};
  ChannelData parsed;
  parsed.number = reader.u16();
  parsed.data = reader.take(reader.u16());
  if (!reader.ok() || !is_number(parsed.number)) return std::nullopt;
  return parsed;
}

void ChannelData::write(ByteWriter& writer, bool padded) const {
  writer.u16(number);
  writer.u16(static_cast<std::uint16_t>(data.size()));
  writer.bytes(data);
  if (padded) writer.zeros(stun::attribute::padding_after(data.size()));
}

std::optional<std::size_t> message_size(Bytes stream) {
  if (stream.size() < ChannelData::kHeaderBytes) return std::nullopt;
  ByteReader reader{stream};
  const std::uint16_t first = reader.u16();
  const std::size_t length = reader.u16();
  std::size_t size = 0;
  if (ChannelData::is_number(first)) {
    size = ChannelData::kHeaderBytes + length + stun::attribute::padding_after(length);
  } else if (first < ChannelData::kFirstNumber && length % 4 == 0) {
    size = stun::kHeaderBytes + length;
  }
  return size <= limits::kTurnMessageBytes ? size : 0;
}

}  // namespace vis::media::turn
