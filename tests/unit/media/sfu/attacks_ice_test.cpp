// Transport negative tests: what anybody can do to ICE, beside a call that goes on.

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "media/ice/agent.hpp"
#include "media/stun/builder.hpp"
#include "media/stun/message.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::ForgedCheck;
using test::kAttacker;
using test::kAttackerV6;
using test::LiveCall;
using test::Simulation;

constexpr std::uint64_t kSeed = 5;

/// How many answers the server has given to connectivity checks, of a call whose taps it takes.
class AnswerCount final {
 public:
  explicit AnswerCount(Simulation& simulation) {
    simulation.tap = [this](const Simulation::Captured& datagram) {
      requests_ += datagram.to_server && test::is_stun_request(datagram.bytes) ? 1 : 0;
      answers_ += !datagram.to_server && test::is_stun_response(datagram.bytes) ? 1 : 0;
    };
  }
  /// Answers to what no peer has asked.
  int surplus() const { return answers_ - requests_; }

 private:
  int requests_ = 0;
  int answers_ = 0;
};

TEST(Attack, t05_a_check_with_the_right_ufrag_and_a_wrong_password_is_dropped) {
  for (const bool ipv6 : {false, true}) {
    LiveCall call(kSeed, {.network = {.ipv6 = ipv6}});
    const AnswerCount answers(call.simulation);
    const std::uint64_t before = call.simulation.counters().stun_rejected;
    std::uint64_t forged = 0;
    call.run_for(3s, [&] {
      for (const Simulation::Peer* const peer : {&call.publisher, &call.subscriber}) {
        const ForgedCheck check{.username = test::username_of(*peer->client)};
        for (const SocketAddress& from : {ipv6 ? kAttackerV6 : kAttacker, peer->address}) {
          call.simulation.inject(from, test::forged_check(call.simulation.random(), check));
          ++forged;
        }
      }
    });
    call.expect_undisturbed();
    EXPECT_EQ(answers.surplus(), 0);
    EXPECT_TRUE(call.simulation.strays.empty());
    EXPECT_EQ(call.simulation.counters().stun_rejected - before, forged);
  }
}

TEST(Attack, t05_wrong_passwords_do_not_keep_a_client_from_connecting) {
  LiveCall call(kSeed);
  auto& late = call.simulation.add_publisher({.tracks = {test::camera("late", 3000)}});
  call.run_for(1s, [&] {
    const ForgedCheck check{.username = test::username_of(*late.client)};
    for (const SocketAddress& from : {kAttacker, late.address}) {
      call.simulation.inject(from, test::forged_check(call.simulation.random(), check));
    }
  });
  EXPECT_TRUE(late.state_connected);
  EXPECT_TRUE(late.client->connected());
  call.expect_undisturbed();
}

TEST(Attack, t06_a_check_with_a_wrong_peer_ufrag_is_dropped) {
  LiveCall call(kSeed);
  const AnswerCount answers(call.simulation);
  const std::uint64_t before = call.simulation.counters().stun_rejected;
  std::uint64_t forged = 0;
  call.run_for(3s, [&] {
    // Somebody who has the server's description alone: its fragment and its password.
    ForgedCheck check = test::genuine_check(*call.publisher.client);
    const std::string& ufrag = call.publisher.client->server_credentials()->ufrag;
    for (const std::string& name : {ufrag + ":somebody", ufrag + ":", ufrag, ":" + ufrag}) {
      check.username = name;
      for (const SocketAddress& from : {kAttacker, call.publisher.address}) {
        call.simulation.inject(from, test::forged_check(call.simulation.random(), check));
        ++forged;
      }
    }
  });
  call.expect_undisturbed();
  EXPECT_EQ(answers.surplus(), 0);
  EXPECT_TRUE(call.simulation.strays.empty());
  EXPECT_EQ(call.simulation.counters().stun_rejected - before, forged);
}

TEST(Attack, t07_a_binding_response_with_a_wrong_password_is_dropped) {
  LiveCall call(kSeed, {.ice_lite = false});
  auto& victim =
      call.simulation.add_publisher({.tracks = {test::camera("victim", 3000)}, .ice_lite = false});
  call.run_for(1s);
  ASSERT_TRUE(victim.state_connected);
  victim.cut = true;
  std::vector<Simulation::Captured> checks;
  call.simulation.tap = [&](const Simulation::Captured& datagram) {
    const bool check = !datagram.to_server && test::is_stun_request(datagram.bytes);
    if (check) checks.push_back(datagram);
  };
  std::size_t answered = 0;
  call.run_for(40s, [&] {
    for (const Simulation::Captured& check : std::exchange(checks, {})) {
      const ByteVector response =
          test::forged_response(check.bytes, std::string(test::kWrongPassword));
      call.simulation.inject(check.client, response);
      call.simulation.inject(kAttacker, response);
      ++answered;
    }
  });
  // Its consent has expired, though each of the server's checks was "answered".
  EXPECT_GT(answered, 10U);
  EXPECT_TRUE(victim.state_failed);
  call.expect_undisturbed();
}

TEST(Attack, t08_a_nomination_without_the_password_does_not_move_the_media) {
  LiveCall call(kSeed);
  call.run_for(5s, [&] {
    for (const Simulation::Peer* const peer : {&call.publisher, &call.subscriber}) {
      const ForgedCheck check{.username = test::username_of(*peer->client)};
      call.simulation.inject(kAttacker, test::forged_check(call.simulation.random(), check));
    }
  });
  call.expect_undisturbed();
  EXPECT_TRUE(call.simulation.strays.empty());
}

/// Every check that has arrived is sent again, and again, from elsewhere.
TEST(Attack, t08_a_captured_nomination_sent_from_elsewhere_does_not_move_the_media) {
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed, {.ice_lite = ice_lite});
    struct Check {
      TimePoint at;
      ByteVector bytes;
    };
    std::vector<Check> captured;
    call.simulation.tap = [&](const Simulation::Captured& datagram) {
      const bool check = datagram.to_server && test::is_stun_request(datagram.bytes);
      if (check) captured.push_back({call.simulation.now(), datagram.bytes});
    };
    call.publisher.client->check_path(call.simulation.now());
    call.subscriber.client->check_path(call.simulation.now());
    call.run_for(20s, [&] {
      for (const Check& check : captured) {
        const bool arrived = call.simulation.now() - check.at > call.publisher.link.delay;
        if (arrived) call.simulation.inject(kAttacker, check.bytes);
      }
    });
    EXPECT_GT(captured.size(), 4U);
    call.expect_undisturbed();
    // Neither media nor as much as an answer.
    EXPECT_TRUE(call.simulation.strays.empty());
  }
}

TEST(Attack, t08_a_participant_cannot_take_over_the_address_of_another) {
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed, {.ice_lite = ice_lite});
    auto& mallory = call.simulation.add_publisher(
        {.tracks = {test::camera("mallory", 3000)}, .ice_lite = ice_lite});
    call.run_for(1s);
    ASSERT_TRUE(mallory.state_connected);
    call.run_for(12s, [&] {
      // With good credentials of its own, from where the others are.
      const ForgedCheck check = test::genuine_check(*mallory.client);
      for (const Simulation::Peer* const peer : {&call.publisher, &call.subscriber}) {
        call.simulation.inject(peer->address, test::forged_check(call.simulation.random(), check));
      }
    });
    call.expect_undisturbed();
  }
}

TEST(Attack, t08_the_client_itself_may_nominate_another_path) {
  LiveCall call(kSeed);
  auto& mover = call.simulation.add_subscriber();
  call.simulation.subscribe(mover, "TR_live_cam");
  call.run_for(1s);
  const SocketAddress elsewhere = *SocketAddress::parse("203.0.113.7:4444");
  call.simulation.rebind(mover, elsewhere);
  mover.client->check_path(call.simulation.now());
  call.run_for(100ms);
  const std::uint64_t before = mover.client->received().begin()->second.distinct();
  call.run_for(1s);
  // The new path is probed with packets once more, which are not counted here.
  EXPECT_EQ(mover.client->received().begin()->second.distinct(), before + 75);
  call.expect_undisturbed();
}

/// Media under the name of a client's host, whose client is silent or not.
TEST(Attack, t08_media_from_other_ports_of_a_host_moves_nobody_and_is_answered_rarely) {
  for (const bool silent : {true, false}) {
    LiveCall call(kSeed);
    auto& victim = call.simulation.add_subscriber();
    call.simulation.subscribe(victim, "TR_live_cam");
    call.run_for(1s);
    victim.cut = silent;
    call.simulation.strays.clear();
    std::uint16_t port = 20'000;
    call.run_for(2s, [&] {
      for (int i = 0; i < 20; ++i) {
        ByteVector packet(100, 0x5A);
        packet[0] = 0x80;
        packet[1] = 111;
        call.simulation.inject({.ip = victim.address.ip, .port = port++}, std::move(packet));
      }
    });
    EXPECT_LE(call.simulation.strays.size(), std::size_t{2s / ice::Agent::kMoveCheckInterval});
    EXPECT_FALSE(silent && call.simulation.strays.empty());
    victim.cut = false;
    call.run_for(3s);
    const std::uint64_t before = victim.client->received().begin()->second.packets;
    call.run_for(1s);
    EXPECT_GE(victim.client->received().begin()->second.packets, before + 75);
    call.expect_undisturbed();
  }
}

TEST(Attack, t08_a_packet_from_nobody_makes_a_few_silent_clients_be_asked) {
  for (const std::size_t silent : {limits::kStrayAsked, limits::kStrayAsked + 1}) {
    LiveCall call(kSeed);
    const IpAddress host = *IpAddress::parse("203.0.113.7");
    for (std::uint16_t i = 0; i < silent; ++i) {
      auto& client = call.simulation.add_subscriber(
          {.address = SocketAddress{.ip = host, .port = static_cast<std::uint16_t>(4000 + i)}});
      call.run_for(1s);
      ASSERT_TRUE(client.state_connected);
      client.cut = true;
    }
    call.run_for(1s);
    call.simulation.strays.clear();
    ByteVector packet(100, 0x5A);
    packet[0] = 0x80;
    packet[1] = 111;
    call.simulation.inject({.ip = host, .port = 5000}, std::move(packet));
    call.run_for(100ms);
    EXPECT_EQ(call.simulation.strays.size(), limits::kStrayAsked);
  }
}

// ---- T19: messages that lie about their sizes ----

/// A genuine check with one byte changed and its MESSAGE-INTEGRITY left as it was, in memory of
/// just its size, so that a sanitizer sees a read past the end.
TEST(Attack, t19_checks_with_any_byte_changed_or_cut_short_are_dropped) {
  LiveCall call(kSeed);
  SeededRandom& random = call.simulation.random();
  const ByteVector good = test::forged_check(random, test::genuine_check(*call.publisher.client));
  const std::uint64_t before = call.simulation.counters().stun_rejected;
  const std::uint64_t others = call.simulation.counters().unknown_dropped;
  std::uint64_t sent = 0;
  call.run_for(1s);
  // The first two bytes are the type: of another one, the message is no check.
  for (std::size_t at = 2; at < good.size(); ++at) {
    for (const std::uint8_t value : std::to_array<std::uint8_t>({0x00, 0x01, 0x7F, 0xFF})) {
      ByteVector bent = good;
      if (bent[at] == value) continue;
      bent[at] = value;
      call.simulation.inject(kAttacker, std::move(bent));
      ++sent;
    }
    call.simulation.inject(
        kAttacker, ByteVector(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at)));
    ++sent;
  }
  call.run_for(1s);
  EXPECT_TRUE(call.simulation.strays.empty());
  const auto& counters = call.simulation.counters();
  EXPECT_EQ(counters.stun_rejected - before + counters.unknown_dropped - others, sent);
  call.expect_undisturbed();
}

/// A message of one attribute that announces `announced` bytes and has `present`.
ByteVector one_attribute(std::uint16_t message_type, std::uint16_t type, std::size_t announced,
                         std::size_t present) {
  ByteVector message(20 + 4 + present);
  ByteWriter writer{message};
  writer.u16(message_type);
  writer.u16(static_cast<std::uint16_t>(4 + present));
  writer.u32(0x2112A442);
  writer.zeros(12);
  writer.u16(type);
  writer.u16(static_cast<std::uint16_t>(announced));
  return message;
}

TEST(Attack, t19_attributes_that_announce_other_sizes_than_they_have_are_dropped) {
  LiveCall call(kSeed, {.ice_lite = false});
  const auto& counters = call.simulation.counters();
  const auto dropped = [&] { return counters.stun_rejected + counters.unknown_dropped; };
  const std::uint64_t before = dropped();
  std::uint64_t sent = 0;
  // MAPPED-ADDRESS, USERNAME, MESSAGE-INTEGRITY, ERROR-CODE, UNKNOWN-ATTRIBUTES,
  // XOR-MAPPED-ADDRESS, PRIORITY, USE-CANDIDATE, FINGERPRINT, ICE-CONTROLLED, ICE-CONTROLLING.
  constexpr auto kTypes = std::to_array<std::uint16_t>(
      {0x01, 0x06, 0x08, 0x09, 0x0A, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802A});
  constexpr std::uint16_t kRequest = 0x0001;
  constexpr std::uint16_t kResponse = 0x0101;
  constexpr std::uint16_t kError = 0x0111;
  for (const std::uint16_t message : {kRequest, kResponse, kError}) {
    for (const std::uint16_t type : kTypes) {
      for (const std::size_t present : {0U, 4U, 8U, 20U, 516U, 1024U}) {
        for (const std::size_t announced : {0U, 1U, 5U, 517U, 2000U, 65'535U}) {
          for (const SocketAddress& from : {kAttacker, call.publisher.address}) {
            call.simulation.inject(from, one_attribute(message, type, announced, present));
            ++sent;
          }
        }
      }
    }
  }
  call.run_for(1s);
  EXPECT_TRUE(call.simulation.strays.empty());
  EXPECT_EQ(dropped() - before, sent);
  call.expect_undisturbed();
}

TEST(Attack, t19_a_username_is_taken_up_to_its_limit) {
  LiveCall call(kSeed);
  const std::string ufrag = call.publisher.client->server_credentials()->ufrag;
  ForgedCheck check = test::genuine_check(*call.publisher.client);
  const std::uint64_t before = call.simulation.counters().stun_rejected;
  for (const std::size_t size : {513U, 514U}) {
    check.username = ufrag + ":" + std::string(size - ufrag.size() - 1, 'x');
    call.simulation.inject(kAttacker, test::forged_check(call.simulation.random(), check));
  }
  call.run_for(1s);
  EXPECT_EQ(call.simulation.counters().stun_rejected - before, 2U);
  EXPECT_TRUE(call.simulation.strays.empty());
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
