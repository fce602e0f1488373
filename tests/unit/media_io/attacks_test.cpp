// Floods from raw sockets against a worker on loopback, beside a call that goes on: T3, T5 and T13
// of the transport negative tests, as the kernel delivers them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "media/stun/message.hpp"
#include "media_io/udp_socket.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media_io/real_call.hpp"

namespace vis::media_io {
namespace {

namespace forged = media::sfu::test;
using test::Client;
using test::loopback;
using test::RealCall;

/// A socket of somebody who is in no call.
class Attacker {
 public:
  void send(const SocketAddress& to, Bytes datagram) {
    const media::sfu::EgressRun run{.to = to,
                                    .bytes = datagram,
                                    .segment_size = static_cast<std::uint16_t>(datagram.size()),
                                    .segments = 1};
    socket_.send(std::span{&run, 1});
    ++sent;
  }
  /// A check asks whether a client is there, of this host that has been silent for a moment; it
  /// gives nothing away.
  bool was_answered() {
    return std::ranges::any_of(socket_.receive(), [](const UdpSocket::Datagram& datagram) {
      const auto message = media::stun::Message::parse(datagram.bytes);
      return !message || message->message_class != media::stun::Class::Request;
    });
  }

  std::uint64_t sent = 0;

 private:
  UdpSocket socket_ = *UdpSocket::open(loopback(0));
};

/// Runs a call up, floods it for 100 frames, and checks that it has lost nothing.
void expect_survives(const std::function<void(RealCall&, Attacker&)>& attack) {
  RealCall call;
  ASSERT_TRUE(call.run_until([&] { return call.received() > 10; }));
  const std::uint64_t rejected = call.rejected();
  std::array<Attacker, 8> attackers;
  std::uint64_t own = 0;
  const std::uint64_t until = call.frames() + 100;
  ASSERT_TRUE(call.run_until([&] { return call.frames() >= until; },
                             [&] {
                               for (Attacker& attacker : attackers) attack(call, attacker);
                             }));
  std::uint64_t sent = own;
  for (const Attacker& attacker : attackers) sent += attacker.sent;
  EXPECT_GT(sent, 1000U);
  // All of it has been looked at, and of the call nothing is missing.
  EXPECT_TRUE(call.run_until([&] { return call.rejected() - rejected >= sent; }));
  EXPECT_TRUE(call.run_until(
      [&] { return call.subscriber.peer.received().begin()->second.missing() == 0; }));
  EXPECT_GE(call.received(), 2 * 90U);
  EXPECT_TRUE(call.publisher.connected && call.subscriber.connected);
  EXPECT_FALSE(call.publisher.peer.failed() || call.subscriber.peer.failed());
  for (Attacker& attacker : attackers) EXPECT_FALSE(attacker.was_answered());
}

TEST(SocketAttack, t03_hellos_from_addresses_without_a_valid_pair_are_ignored) {
  const ByteVector hello = forged::client_hello();
  expect_survives([&](RealCall& call, Attacker& attacker) {
    for (int i = 0; i < 4; ++i) attacker.send(call.server(), hello);
  });
}

TEST(SocketAttack, t05_checks_with_a_wrong_password_are_dropped) {
  expect_survives([](RealCall& call, Attacker& attacker) {
    for (Client* const client : {&call.publisher, &call.subscriber}) {
      const ByteVector check =
          forged::forged_check(call.random(), {.username = forged::username_of(client->peer)});
      attacker.send(call.server(), check);
      // From the client's own address as well.
      client->send_raw(call.server(), check);
      ++attacker.sent;
    }
  });
}

TEST(SocketAttack, t13_plain_rtp_to_an_srtp_port_is_dropped) {
  std::uint16_t sequence = 0;
  expect_survives([&](RealCall& call, Attacker& attacker) {
    for (int i = 0; i < 2; ++i) {
      const ByteVector rtp = forged::plain_rtp({.ssrc = 1000, .sequence = ++sequence});
      attacker.send(call.server(), rtp);
      call.publisher.send_raw(call.server(), rtp);
      ++attacker.sent;
    }
  });
}

}  // namespace
}  // namespace vis::media_io
