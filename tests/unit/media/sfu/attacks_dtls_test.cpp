// Transport negative tests: what can be done to DTLS and to the descriptions that secure it, beside
// a call that goes on.

#include <gtest/gtest.h>
#include <malloc.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::kAttacker;
using test::LiveCall;
using test::RecordType;
using test::Simulation;

constexpr std::uint64_t kSeed = 7;
/// Of the client: it speaks first, or the server does.
constexpr std::array kRoles{sdp::Setup::Active, sdp::Setup::Passive};

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string fingerprint_line(const std::string& text) {
  const std::size_t begin = text.find("a=fingerprint:");
  return text.substr(begin, text.find("\r\n", begin) + 2 - begin);
}

/// Somebody else's certificate, well-formed.
std::string other_fingerprint() {
  std::string line = "a=fingerprint:sha-256 00";
  for (int i = 1; i < 32; ++i) line += ":AA";
  return line + "\r\n";
}

std::string claim_other_certificate(std::string text) {
  return replace_all(text, fingerprint_line(text), other_fingerprint());
}

/// How many datagrams of each kind the server has sent to each of the peers.
struct Sent {
  explicit Sent(Simulation& simulation) {
    simulation.tap = [this](const Simulation::Captured& datagram) {
      if (datagram.to_server) return;
      if (test::is_rtp_or_rtcp(datagram.bytes)) ++media[datagram.client];
      if (test::is_dtls(datagram.bytes)) ++dtls[datagram.client];
    };
  }
  std::map<SocketAddress, int> media;
  std::map<SocketAddress, int> dtls;
};

/// Counts what leaves DTLS.
class CountingData final : public vis::test::SimulatedData {
 public:
  void open(TransportId, const DataAssociation&) override {}
  void receive(TransportId, Bytes packet) override {
    ++packets;
    last = {packet.begin(), packet.end()};
  }
  void close(TransportId) override {}
  void on_step(TimePoint, Engine&) override {}
  std::optional<TimePoint> next_deadline() const override { return std::nullopt; }

  int packets = 0;
  ByteVector last;
};

// ---- T1: whose certificate it is ----

void expect_no_keys(LiveCall& call, Simulation::Peer& mallory, const Sent& sent) {
  EXPECT_TRUE(mallory.state_failed);
  EXPECT_FALSE(mallory.state_connected);
  EXPECT_EQ(mallory.state_reason, "the client's certificate is not the one that it announced");
  EXPECT_FALSE(sent.media.contains(mallory.address));
  // What it protects with the keys of its own end is not let in.
  if (!mallory.client->connected()) return;
  const std::uint64_t before = call.simulation.counters().rtcp_rejected;
  for (int i = 0; i < 10; ++i) mallory.client->send_rtcp(test::plain_rtcp(1));
  mallory.client->flush();
  call.run_for(100ms);
  EXPECT_GE(call.simulation.counters().rtcp_rejected - before, 10U);
}

TEST(Attack, t01_a_publisher_with_another_certificate_than_announced_gets_no_keys) {
  for (const sdp::Setup setup : kRoles) {
    LiveCall call(kSeed);
    const Sent sent(call.simulation);
    auto& mallory = call.simulation.add_publisher({.tracks = {test::camera("mallory", 3000)},
                                                   .setup = setup,
                                                   .rewrite = claim_other_certificate});
    call.run_for(5s);
    expect_no_keys(call, mallory, sent);
    call.expect_undisturbed();
  }
}

TEST(Attack, t01_a_subscriber_with_another_certificate_than_announced_gets_no_keys) {
  for (const sdp::Setup setup : kRoles) {
    LiveCall call(kSeed);
    const Sent sent(call.simulation);
    auto& mallory =
        call.simulation.add_subscriber({.setup = setup, .rewrite = claim_other_certificate});
    call.simulation.subscribe(mallory, "TR_live_cam");
    call.run_for(5s);
    expect_no_keys(call, mallory, sent);
    call.expect_undisturbed();
  }
}

TEST(Attack, t01_an_honest_client_gets_keys_in_either_role) {
  for (const sdp::Setup setup : kRoles) {
    LiveCall call(kSeed);
    auto& publisher =
        call.simulation.add_publisher({.tracks = {test::camera("honest", 3000)}, .setup = setup});
    auto& subscriber = call.simulation.add_subscriber({.setup = setup});
    call.simulation.subscribe(subscriber, "TR_live_cam");
    call.run_for(2s);
    EXPECT_TRUE(publisher.state_connected);
    EXPECT_TRUE(subscriber.state_connected);
    EXPECT_GT(subscriber.client->received().begin()->second.packets, 100U);
    call.expect_undisturbed();
  }
}

// ---- T2 and T17: descriptions that would weaken the transport ----

struct BadOffer {
  const char* what;
  std::string (*bend)(std::string);
  const char* error;
};
constexpr BadOffer kBadOffers[] = {
    {"no fingerprint",
     [](std::string text) { return replace_all(text, fingerprint_line(text), ""); },
     "no DTLS fingerprint"},
    {"two certificates",
     [](std::string text) {
       const std::string line = fingerprint_line(text);
       return replace_all(text, line, line + other_fingerprint());
     },
     "two sha-256 fingerprints"},
    {"one section with another certificate",
     [](std::string text) {
       const std::string line = fingerprint_line(text);
       return text.replace(text.rfind(line), line.size(), other_fingerprint());
     },
     "section 1 has another fingerprint than the rest"},
    {"a weak hash alone", [](std::string text) { return replace_all(text, "sha-256", "sha-1"); },
     "no sha-256 fingerprint"},
    {"a fingerprint of the wrong length",
     [](std::string text) {
       return replace_all(text, fingerprint_line(text), "a=fingerprint:sha-256 AA:BB\r\n");
     },
     "a sha-256 fingerprint of another length than that has"},
    {"setup:holdconn", [](std::string text) { return replace_all(text, "actpass", "holdconn"); },
     "setup:holdconn"},
    {"no setup", [](std::string text) { return replace_all(text, "a=setup:actpass\r\n", ""); },
     "no DTLS setup"},
    {"media in the clear",
     [](std::string text) { return replace_all(text, "UDP/TLS/RTP/SAVPF", "RTP/AVP"); },
     "section 0 is not RTP/SAVPF but RTP/AVP"},
};

TEST(Attack, t02_an_offer_without_one_certificate_is_refused_and_changes_nothing) {
  for (const BadOffer& bad : kBadOffers) {
    SCOPED_TRACE(bad.what);
    LiveCall call(kSeed);
    const Sent sent(call.simulation);
    auto& mallory = call.simulation.add_publisher(
        {.tracks = {test::camera("mallory", 3000), test::microphone("mallory_mic", 4000)},
         .rewrite = bad.bend});
    EXPECT_EQ(mallory.negotiation_error, bad.error);
    call.run_for(3s);
    EXPECT_FALSE(mallory.state_connected);
    EXPECT_FALSE(sent.dtls.contains(mallory.address));
    EXPECT_TRUE(call.simulation.strays.empty());
    call.expect_undisturbed();
  }
}

TEST(Attack, t02_a_bad_offer_in_mid_call_is_refused_and_the_call_goes_on) {
  for (const BadOffer& bad : kBadOffers) {
    SCOPED_TRACE(bad.what);
    LiveCall call(kSeed);
    const std::string offer = bad.bend(call.publisher.client->create_offer());
    call.run_for(500ms);
    call.simulation.engine().apply_offer(call.simulation.now(), call.publisher.id, offer, 99);
    call.run_for(3s);
    EXPECT_EQ(call.publisher.negotiation_error, bad.error);
    call.expect_undisturbed();
  }
}

TEST(Attack, t02_an_answer_without_the_right_certificate_is_refused) {
  for (const BadOffer& bad : kBadOffers) {
    SCOPED_TRACE(bad.what);
    LiveCall call(kSeed);
    // An answer says passive where an offer says actpass.
    const auto bend = [&](std::string text) {
      return replace_all(bad.bend(replace_all(std::move(text), "passive", "actpass")), "actpass",
                         "passive");
    };
    auto& mallory = call.simulation.add_subscriber({.rewrite = bend});
    call.simulation.subscribe(mallory, "TR_live_cam");
    call.run_for(2s);
    EXPECT_FALSE(mallory.negotiation_error.empty());
    EXPECT_TRUE(mallory.client->received().empty());
    call.expect_undisturbed();
  }
}

TEST(Attack, t17_another_dtls_role_without_a_new_association_is_refused) {
  LiveCall call(kSeed);
  for (const char* const role : {"active", "holdconn"}) {
    call.publisher.negotiation_error.clear();
    const std::string offer = replace_all(call.publisher.client->create_offer(), "actpass", role);
    call.simulation.engine().apply_offer(call.simulation.now(), call.publisher.id, offer, 99);
    call.run_for(1s);
    EXPECT_FALSE(call.publisher.negotiation_error.empty()) << role;
  }
  call.expect_undisturbed();
}

TEST(Attack, t17_another_certificate_without_a_new_association_is_refused) {
  LiveCall call(kSeed);
  const std::string offer = claim_other_certificate(call.publisher.client->create_offer());
  call.simulation.engine().apply_offer(call.simulation.now(), call.publisher.id, offer, 99);
  call.run_for(1s);
  EXPECT_EQ(call.publisher.negotiation_error,
            "another DTLS fingerprint without new ICE credentials");
  call.expect_undisturbed();
}

// ---- T3, T4, T14, T15, T16: the handshake ----

TEST(Attack, t03_a_client_hello_from_an_address_without_a_valid_pair_is_ignored) {
  for (const bool ipv6 : {false, true}) {
    LiveCall call(kSeed, {.network = {.ipv6 = ipv6}});
    const ByteVector hello = test::client_hello();
    const SocketAddress attacker = ipv6 ? test::kAttackerV6 : kAttacker;
    auto& late = call.simulation.add_publisher({.tracks = {test::camera("late", 3000)}});
    // Before its own checks have arrived, that is what its own address is, too.
    call.simulation.inject(late.address, hello);
    std::uint64_t sent = 1;
    call.run_for(2s, [&] {
      call.simulation.inject(attacker, hello);
      ++sent;
    });
    EXPECT_TRUE(late.state_connected);
    EXPECT_TRUE(late.client->connected());
    call.expect_undisturbed();
    EXPECT_EQ(call.simulation.counters().dtls_rejected, sent);
    EXPECT_TRUE(call.simulation.strays.empty());
  }
}

TEST(Attack, t04_a_null_cipher_hello_and_alerts_from_outside_do_not_spoil_a_handshake) {
  const ByteVector hello = test::null_cipher_hello();
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed);
    auto& late = call.simulation.add_publisher(
        {.tracks = {test::camera("late", 3000)}, .ice_lite = ice_lite});
    // As soon as the address is valid, and while the handshake is under way.
    int hellos = 0;
    call.simulation.tap = [&](const Simulation::Captured& datagram) {
      if (!datagram.to_server || datagram.client != late.address) return;
      if (test::is_dtls(datagram.bytes) && hellos++ < 2) {
        call.simulation.inject(late.address, hello);
      }
      for (const std::uint16_t epoch : std::to_array<std::uint16_t>({0, 1})) {
        call.simulation.inject(late.address, test::fatal_alert(epoch));
      }
    };
    call.run_for(2s);
    EXPECT_GT(hellos, 1);
    EXPECT_TRUE(late.state_connected);
    EXPECT_TRUE(late.client->connected());
    call.expect_undisturbed();
  }
}

TEST(Attack, t04_hellos_and_alerts_from_the_address_of_a_connected_client_are_ignored) {
  LiveCall call(kSeed);
  const Sent sent(call.simulation);
  const ByteVector null_cipher = test::null_cipher_hello();
  const ByteVector good = test::client_hello();
  call.run_for(3s, [&] {
    for (const Simulation::Peer* const peer : {&call.publisher, &call.subscriber}) {
      call.simulation.inject(peer->address, null_cipher);
      call.simulation.inject(peer->address, good);
      for (const std::uint16_t epoch : std::to_array<std::uint16_t>({0, 1, 2})) {
        call.simulation.inject(peer->address, test::fatal_alert(epoch));
      }
    }
  });
  EXPECT_TRUE(sent.dtls.empty());
  call.expect_undisturbed();
}

TEST(Attack, t14_application_data_before_the_end_of_the_handshake_is_dropped) {
  CountingData data;
  LiveCall call(kSeed, {.network = {.data = &data}});
  auto& late =
      call.simulation.add_publisher({.tracks = {test::camera("late", 3000)}, .data = true});
  const ByteVector evil(100, 0xE1);
  int sent = 0;
  call.simulation.tap = [&](const Simulation::Captured& datagram) {
    if (!datagram.to_server || datagram.client != late.address) return;
    for (const std::uint16_t epoch : std::to_array<std::uint16_t>({0, 1, 2})) {
      call.simulation.inject(late.address,
                             test::forged_record(RecordType::ApplicationData, epoch, evil));
      ++sent;
    }
  };
  call.run_for(2s);
  EXPECT_GE(sent, 6);
  EXPECT_TRUE(late.state_connected);
  EXPECT_EQ(data.packets, 0);
  // And what is encrypted as it should be does arrive.
  call.simulation.tap = {};
  ASSERT_TRUE(late.client->send_data(call.simulation.now(), as_bytes("good")));
  call.run_for(100ms);
  EXPECT_EQ(as_text(data.last), "good");
  call.expect_undisturbed();
}

TEST(Attack, t15_a_flood_of_hellos_from_spoofed_addresses_costs_no_memory) {
  LiveCall call(kSeed);
  const ByteVector hello = test::client_hello();
  std::uint32_t number = 0;
  const auto flood = [&] {
    for (int i = 0; i < 200; ++i) {
      call.simulation.inject(test::spoofed_address(number++), hello);
    }
  };
  call.run_for(100ms, flood);
  const std::size_t before = mallinfo2().uordblks;
  call.run_for(1s, flood);
  EXPECT_GT(number, 10'000U);
  const std::size_t after = mallinfo2().uordblks;
  EXPECT_LT(after, before + std::size_t{1024} * 1024);
  call.expect_undisturbed();
  EXPECT_EQ(call.simulation.counters().dtls_rejected, number);
  EXPECT_TRUE(call.simulation.strays.empty());
}

TEST(Attack, t15_a_flood_of_checks_from_spoofed_addresses_costs_no_memory) {
  LiveCall call(kSeed);
  const test::ForgedCheck check{.username = test::username_of(*call.publisher.client)};
  std::uint32_t number = 0;
  const auto flood = [&] {
    for (int i = 0; i < 200; ++i) {
      call.simulation.inject(test::spoofed_address(number++),
                             test::forged_check(call.simulation.random(), check));
    }
  };
  call.run_for(100ms, flood);
  const std::size_t before = mallinfo2().uordblks;
  call.run_for(1s, flood);
  EXPECT_LT(mallinfo2().uordblks, before + std::size_t{1024} * 1024);
  EXPECT_TRUE(call.simulation.strays.empty());
  call.expect_undisturbed();
}

TEST(Attack, t16_the_server_does_not_start_dtls_before_a_valid_pair_exists) {
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed);
    const Sent sent(call.simulation);
    // The server would be the DTLS client, and speak first.
    auto& mute = call.simulation.add_publisher({.tracks = {test::camera("mute", 3000)},
                                                .ice_lite = ice_lite,
                                                .setup = sdp::Setup::Passive,
                                                .cut = true});
    // Media, checks without proof, hellos: nothing of that makes an address valid.
    call.run_for(5s, [&] {
      const test::ForgedCheck check{.username = test::username_of(*mute.client)};
      call.simulation.inject(mute.address, test::forged_check(call.simulation.random(), check));
      call.simulation.inject(mute.address, test::client_hello());
      call.simulation.inject(mute.address, test::plain_rtp({.ssrc = 3000}));
    });
    EXPECT_FALSE(sent.dtls.contains(mute.address));
    mute.cut = false;
    call.run_for(3s);
    EXPECT_TRUE(sent.dtls.contains(mute.address));
    EXPECT_TRUE(mute.state_connected);
    call.expect_undisturbed();
  }
}

// ---- T18: what is left of an association ----

/// A publisher that begins a new association on its old port, and what it sent before.
class Restarting {
 public:
  Restarting(LiveCall& call, sdp::Setup setup)
      : call_(call),
        publisher(call.simulation.add_publisher(
            {.tracks = {test::camera("restarting", 3000)}, .setup = setup})),
        watcher_(call.simulation.add_subscriber()) {
    call.simulation.subscribe(watcher_, "TR_restarting");
    call.simulation.tap = [this](const Simulation::Captured& datagram) {
      if (!datagram.to_server || datagram.client != publisher.address) return;
      if (test::is_stun_request(datagram.bytes)) return;
      (publisher.state_connected ? late_ : handshake_).push_back(datagram.bytes);
    };
    call.run_for(500ms);
    call.run_for(500ms, [this] { send(); });
    call.simulation.tap = {};
    EXPECT_GT(handshake_.size(), 1U);
    EXPECT_GT(late_.size(), 20U);
  }

  void send() { publisher.client->send_video_frame(call_.simulation.now(), 0, 1, 500); }
  void replay_handshake() { replay(handshake_); }
  void replay_late() { replay(late_); }
  std::uint64_t watched() const { return watcher_.client->received().begin()->second.packets; }

 private:
  void replay(const std::vector<ByteVector>& datagrams) {
    for (const ByteVector& datagram : datagrams) {
      call_.simulation.inject(publisher.address, datagram);
    }
  }

  LiveCall& call_;

 public:
  Simulation::Peer& publisher;

 private:
  Simulation::Peer& watcher_;
  std::vector<ByteVector> handshake_;
  std::vector<ByteVector> late_;
};

TEST(Attack, t18_late_packets_of_an_old_association_are_ignored) {
  for (const sdp::Setup setup : kRoles) {
    LiveCall call(kSeed);
    Restarting restarting(call, setup);
    Simulation::Peer& publisher = restarting.publisher;
    // The new association waits for a path of the new ICE generation. Until then whatever comes on
    // the old one is of the old association, and could be taken for a handshake.
    publisher.cut = true;
    publisher.client->restart(call.simulation.now(), vis::test::ClientPeer::Identity::New);
    call.simulation.offer(publisher);
    EXPECT_EQ(publisher.negotiation_error, "");
    call.run_for(500ms, [&] {
      restarting.replay_handshake();
      restarting.replay_late();
    });
    publisher.cut = false;
    call.run_for(3s, [&] { restarting.replay_late(); });
    ASSERT_TRUE(publisher.state_connected);
    ASSERT_TRUE(publisher.client->connected());

    const std::uint64_t before = restarting.watched();
    const std::uint64_t rejected = call.simulation.counters().rtp_rejected;
    call.run_for(1s, [&] {
      restarting.replay_handshake();
      restarting.replay_late();
      restarting.send();
    });
    EXPECT_GE(restarting.watched(), before + 45);
    EXPECT_GT(call.simulation.counters().rtp_rejected, rejected + 1000);
    EXPECT_FALSE(publisher.state_failed);
    call.expect_undisturbed();
  }
}

}  // namespace
}  // namespace vis::media::sfu
