#include "unit/media/sfu/forged.hpp"

#include <array>
#include <vector>

#include "media/dtls/record.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/stun/builder.hpp"
#include "media/stun/message.hpp"
#include "unit/media/dtls/openssl_peer.hpp"

namespace vis::media::sfu::test {
namespace {

ByteVector copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// The first flight of a DTLS client.
ByteVector hello_of(const dtls::OpensslPeer::Options& options) {
  dtls::OpensslPeer client{options};
  ByteVector datagram;
  for (const ByteVector& record : client.exchange({})) {
    datagram.insert(datagram.end(), record.begin(), record.end());
  }
  return datagram;
}

bool has_class(Bytes datagram, bool request) {
  const auto message = stun::Message::parse(datagram);
  return message && (message->message_class == stun::Class::Request) == request;
}

}  // namespace

SocketAddress spoofed_address(std::uint32_t number) {
  return {.ip = IpAddress::v4({100, static_cast<std::uint8_t>(number >> 16),
                               static_cast<std::uint8_t>(number >> 8),
                               static_cast<std::uint8_t>(number)}),
          .port = static_cast<std::uint16_t>(1024 + number % 60'000)};
}

ByteVector forged_check(RandomSource& random, const ForgedCheck& check) {
  stun::TransactionId id{};
  random.fill(id);
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
  stun::MessageBuilder builder{buffer, stun::Class::Request, id};
  builder.add_username(check.username);
  builder.add_priority(1);
  builder.add_ice_controlling(1);
  if (check.use_candidate) builder.add_use_candidate();
  return copy_of(builder.finish(stun::IntegrityKey{check.password}));
}

std::string username_of(const vis::test::ClientPeer& client) {
  return client.server_credentials()->ufrag + ":" + client.credentials().ufrag;
}

ForgedCheck genuine_check(const vis::test::ClientPeer& client) {
  return {.username = username_of(client),
          .password = std::string(client.server_credentials()->password.reveal())};
}

ByteVector forged_response(Bytes request, const std::string& password) {
  const auto message = stun::Message::parse(request);
  VIS_ASSERT(message.has_value());
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
  stun::MessageBuilder builder{buffer, stun::Class::SuccessResponse, message->transaction_id};
  builder.add_xor_mapped_address(kAttacker);
  return copy_of(builder.finish(stun::IntegrityKey{password}));
}

bool is_stun_request(Bytes datagram) { return has_class(datagram, true); }
bool is_stun_response(Bytes datagram) { return has_class(datagram, false); }
bool is_dtls(Bytes datagram) { return dtls::looks_like_dtls(datagram); }
bool is_rtp_or_rtcp(Bytes datagram) { return !datagram.empty() && datagram[0] >> 6 == 2; }
bool is_rtp(Bytes datagram) { return is_rtp_or_rtcp(datagram) && !rtcp::is_rtcp(datagram); }

ByteVector client_hello() { return hello_of({}); }
ByteVector null_cipher_hello() { return hello_of({.ciphers = "eNULL:@SECLEVEL=0"}); }

ByteVector forged_record(RecordType type, std::uint16_t epoch, Bytes payload) {
  static std::uint32_t sequence = 1000;
  ByteVector record(dtls::kRecordHeaderBytes + payload.size());
  ByteWriter writer{record};
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u16(0xFEFD);
  writer.u16(epoch);
  writer.u16(0);
  writer.u32(++sequence);
  writer.u16(static_cast<std::uint16_t>(payload.size()));
  writer.bytes(payload);
  return record;
}

ByteVector fatal_alert(std::uint16_t epoch) {
  constexpr std::array<std::uint8_t, 2> kFatalHandshakeFailure{2, 40};
  return forged_record(RecordType::Alert, epoch, kFatalHandshakeFailure);
}

ByteVector plain_rtp(const ForgedRtp& rtp) {
  ByteVector packet(12 + 200, 0x10);
  ByteWriter writer{packet};
  writer.u8(0x80);
  writer.u8(rtp.payload_type);
  writer.u16(rtp.sequence);
  writer.u32(1);
  writer.u32(rtp.ssrc);
  return packet;
}

ByteVector plain_rtcp(std::uint32_t ssrc) {
  ByteVector packet(12);
  ByteWriter writer{packet};
  rtcp::PictureLossIndication::write(writer, {.sender = 1, .media = ssrc});
  return packet;
}

}  // namespace vis::media::sfu::test
