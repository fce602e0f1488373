#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "support/rtc/client_peer.hpp"

/// Datagrams that an attacker writes by hand.
namespace vis::media::sfu::test {

/// Somebody who is in no call.
inline const SocketAddress kAttacker = *SocketAddress::parse("203.0.113.66:6666");
inline const SocketAddress kAttackerV6 = *SocketAddress::parse("[2001:db8:bad::66]:6666");
/// One of as many addresses as an attacker likes to spoof.
SocketAddress spoofed_address(std::uint32_t number);

inline constexpr std::string_view kWrongPassword = "wrongwrongwrongwrongwrongwrong12";

struct ForgedCheck {
  std::string username;
  std::string password{kWrongPassword};
  bool use_candidate = true;
};
ByteVector forged_check(RandomSource& random, const ForgedCheck& check);
/// "server's fragment:client's fragment", as the client's own checks have it.
std::string username_of(const vis::test::ClientPeer& client);
/// A check that the client itself could have sent.
ForgedCheck genuine_check(const vis::test::ClientPeer& client);
/// A success response to a request of the server.
ByteVector forged_response(Bytes request, const std::string& password);

bool is_stun_request(Bytes datagram);
bool is_stun_response(Bytes datagram);
bool is_dtls(Bytes datagram);
bool is_rtp_or_rtcp(Bytes datagram);
bool is_rtp(Bytes datagram);

ByteVector client_hello();
/// Asks for encryption by the null cipher alone.
ByteVector null_cipher_hello();
enum class RecordType : std::uint8_t { ChangeCipherSpec = 20, Alert, Handshake, ApplicationData };
ByteVector forged_record(RecordType type, std::uint16_t epoch, Bytes payload);
ByteVector fatal_alert(std::uint16_t epoch);

struct ForgedRtp {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint8_t payload_type = 96;
};
/// RTP in the clear.
ByteVector plain_rtp(const ForgedRtp& rtp);
/// PLI in the clear.
ByteVector plain_rtcp(std::uint32_t ssrc);

}  // namespace vis::media::sfu::test
