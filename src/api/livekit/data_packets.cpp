#include "api/livekit/data_packets.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/livekit/wire.hpp"

namespace vis::api::livekit {

namespace rooms = core::rooms;

namespace {

bool is_agent(const rooms::ParticipantInfo& sender) {
  return sender.kind == rooms::ParticipantKind::Agent || sender.permissions.agent;
}

/// What of a packet's kind, whatever its sender's rights, nobody but some may send.
bool may_send(const rooms::ParticipantInfo& sender, const proto::DataPacket& packet) {
  switch (packet.value_case()) {
    case proto::DataPacket::kSpeaker:
    case proto::DataPacket::kMetrics: return false;
    case proto::DataPacket::kTranscription: return is_agent(sender);
    case proto::DataPacket::kUser:
    case proto::DataPacket::kSipDtmf:
    case proto::DataPacket::kChatMessage:
    case proto::DataPacket::kRpcRequest:
    case proto::DataPacket::kRpcAck:
    case proto::DataPacket::kRpcResponse:
    case proto::DataPacket::kStreamHeader:
    case proto::DataPacket::kStreamChunk:
    case proto::DataPacket::kStreamTrailer:
    case proto::DataPacket::kEncryptedPacket:
    case proto::DataPacket::VALUE_NOT_SET: return true;
  }
  std::unreachable();
}

/// Agents speak for others: what they generate may bear another identity than their own.
bool keeps_identity(const rooms::ParticipantInfo& sender, const proto::DataPacket& packet) {
  if (!is_agent(sender) || packet.participant_identity().empty()) return false;
  return packet.chat_message().generated() || packet.stream_header().has_text_header() ||
         packet.has_stream_chunk() || packet.has_stream_trailer() || packet.has_transcription();
}

std::optional<proto::DataPacket> read_packet(const rooms::DataReceived& data) {
  proto::DataPacket packet;
  if (data.channel == rooms::DataChannel::Other) {
    packet.mutable_user()->set_payload(std::string(as_text(data.payload)));
  } else if (!parse_bytes(as_text(data.payload), packet)) {
    return std::nullopt;
  }
  return packet;
}

void name_sender(const rooms::ParticipantInfo& sender, proto::DataPacket& packet) {
  const bool hidden = sender.permissions.hidden;
  const std::string identity = hidden ? std::string() : sender.identity;
  const std::string sid = hidden ? std::string() : sender.sid.str();
  if (!keeps_identity(sender, packet)) packet.set_participant_identity(identity);
  packet.set_participant_sid(sid);
  if (!packet.has_user()) return;
  packet.mutable_user()->set_participant_identity(identity);
  packet.mutable_user()->set_participant_sid(sid);
}

struct Receivers {
  std::vector<std::string> identities;
  std::vector<rooms::ParticipantSid> participants;

  std::size_t size() const { return identities.size() + participants.size(); }
};

/// New clients name the receivers beside the content, old ones inside a UserPacket.
Receivers receivers_of(const proto::DataPacket& packet) {
  const proto::UserPacket& user = packet.user();
  const auto& identities = packet.destination_identities().empty()
                               ? user.destination_identities()
                               : packet.destination_identities();
  Receivers receivers{.identities = {identities.begin(), identities.end()}, .participants = {}};
  if (packet.destination_identities().empty()) {
    const auto& sids = user.destination_sids();
    receivers.participants = std::vector<rooms::ParticipantSid>(sids.begin(), sids.end());
  }
  return receivers;
}

/// Both places show the receivers, for clients that read either.
void mirror(const Receivers& receivers, proto::DataPacket& packet) {
  if (!packet.has_user()) return;
  const auto& identities = receivers.identities;
  packet.mutable_destination_identities()->Assign(identities.begin(), identities.end());
  packet.mutable_user()->mutable_destination_identities()->Assign(identities.begin(),
                                                                  identities.end());
}

}  // namespace

ByteVector packet_bytes(const proto::DataPacket& packet) {
  ByteVector bytes(packet.ByteSizeLong());
  packet.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void DataPackets::forward(rooms::Now now, const Sender& sender, const rooms::DataReceived& data) {
  auto packet = read_packet(data);
  if (!packet || !admit(sender.participant, data, *packet)) return;
  Receivers receivers = receivers_of(*packet);
  if (receivers.size() > limits::kDataDestinations) return;
  name_sender(sender.participant, *packet);
  mirror(receivers, *packet);
  const bool lossy = data.channel == rooms::DataChannel::Lossy;
  packet->set_kind(lossy ? proto::DataPacket::LOSSY : proto::DataPacket::RELIABLE);
  rooms_.send_data(now,
                   {.room = sender.room,
                    .from = sender.participant.sid,
                    .identities = std::move(receivers.identities),
                    .participants = std::move(receivers.participants),
                    .channel = lossy ? rooms::DataChannel::Lossy : rooms::DataChannel::Reliable,
                    .payload = packet_bytes(*packet)});
}

bool DataPackets::admit(const rooms::ParticipantInfo& sender, const rooms::DataReceived& data,
                        const proto::DataPacket& packet) {
  // The numbers count every packet, also those that are not for the others.
  if (data.channel == rooms::DataChannel::Reliable &&
      !rooms_.accept_reliable_sequence(sender.sid, packet.sequence())) {
    return false;
  }
  if (rpc_.consume(sender.sid, packet)) return false;
  if (!rooms_.can_publish_data(sender.sid) || !may_send(sender, packet)) return false;
  const std::string& nonce = packet.user().nonce();
  return nonce.size() != NonceHistory::kNonceBytes || nonces_.add(nonce);
}

}  // namespace vis::api::livekit
