#include "media/rtcp/compound.hpp"

namespace vis::media::rtcp {
namespace {

template <typename Kind>
std::optional<Message> parse_as(const Packet& packet) {
  if (auto message = Kind::parse(packet)) return Message{*message};
  return std::nullopt;
}

std::optional<Message> parse_transport_layer_feedback(const Packet& packet) {
  switch (packet.count) {
    case Nack::kFormat: return parse_as<Nack>(packet);
    case TransportFeedback::kFormat: return parse_as<TransportFeedback>(packet);
    default: return packet;
  }
}

std::optional<Message> parse_payload_specific_feedback(const Packet& packet) {
  switch (packet.count) {
    case PictureLossIndication::kFormat: return parse_as<PictureLossIndication>(packet);
    case FullIntraRequest::kFormat: return parse_as<FullIntraRequest>(packet);
    case Remb::kFormat: {
      // Other application-layer feedback has this format too.
      if (auto remb = Remb::parse(packet)) return Message{*remb};
      return packet;
    }
    default: return packet;
  }
}

std::optional<Message> parse_message(const Packet& packet) {
  switch (packet.type) {
    case kSenderReport: return parse_as<SenderReport>(packet);
    case kReceiverReport: return parse_as<ReceiverReport>(packet);
    case kSourceDescription: return parse_as<SourceDescription>(packet);
    case kGoodbye: return parse_as<Goodbye>(packet);
    case kTransportLayerFeedback: return parse_transport_layer_feedback(packet);
    case kPayloadSpecificFeedback: return parse_payload_specific_feedback(packet);
    default: return packet;
  }
}

}  // namespace

void Compound::Iterator::advance() {
  message_.reset();
  if (reader_.at_end()) return;
  if (const std::optional<Packet> packet = Packet::parse(reader_)) {
    message_ = parse_message(*packet);
  }
}

std::optional<Compound> Compound::parse(Bytes datagram) {
  if (datagram.empty()) return std::nullopt;
  ByteReader reader{datagram};
  while (!reader.at_end()) {
    const std::optional<Packet> packet = Packet::parse(reader);
    if (!packet || !parse_message(*packet)) return std::nullopt;
  }
  return Compound{datagram};
}

}  // namespace vis::media::rtcp
