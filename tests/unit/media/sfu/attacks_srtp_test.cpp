// Transport negative tests: media that is not authentic, or not for the first time, beside a call
// that goes on.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/byte_order.hpp"
#include "base/limits/media_srtp.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::kAttacker;
using test::LiveCall;
using test::Simulation;

constexpr std::uint64_t kSeed = 11;
constexpr std::size_t kTagBytes = 10;  ///< Of AES-CM; that of GCM is longer.

/// Everything of a kind that one peer sends, as it leaves.
class Capture {
 public:
  Capture(Simulation& simulation, const Simulation::Peer& peer, bool (*wanted)(Bytes)) {
    simulation.tap = [this, &peer, wanted](const Simulation::Captured& datagram) {
      if (!datagram.to_server || datagram.client != peer.address) return;
      if (wanted(datagram.bytes)) fresh.push_back(datagram.bytes);
    };
  }
  std::vector<ByteVector> take() { return std::exchange(fresh, {}); }

  std::vector<ByteVector> fresh;
};

std::uint64_t refused(const Simulation& simulation) {
  const EngineCounters& counters = simulation.counters();
  return counters.rtp_rejected + counters.rtcp_rejected;
}

/// A call for each SRTP profile.
template <typename Run>
void for_each_profile(Run run) {
  for (const bool gcm : {true, false}) {
    SCOPED_TRACE(gcm ? "AEAD_AES_128_GCM" : "AES128_CM_SHA1_80");
    LiveCall call(kSeed, {.gcm = gcm});
    EXPECT_EQ(call.publisher.client->profile(),
              gcm ? srtp::Profile::AeadAes128Gcm : srtp::Profile::Aes128CmHmacSha1_80);
    run(call);
  }
}

TEST(Attack, t09_good_srtp_from_a_new_address_changes_no_destination) {
  for_each_profile([](LiveCall& call) {
    auto& victim = call.simulation.add_publisher({.tracks = {test::camera("victim", 3000)}});
    auto& watcher = call.simulation.add_subscriber();
    call.simulation.subscribe(watcher, "TR_victim");
    call.run_for(1s);
    Capture capture(call.simulation, victim, test::is_rtp_or_rtcp);
    // Its packets do not reach the server, but those that an attacker has caught do, for the first
    // time, from where the attacker is.
    victim.cut = true;
    const std::uint64_t before = refused(call.simulation);
    std::uint64_t sent = 0;
    call.run_for(2s, [&] {
      victim.client->send_video_frame(call.simulation.now(), 0, 1, 500);
      victim.client->flush();
      for (ByteVector& datagram : capture.take()) {
        call.simulation.inject(kAttacker, std::move(datagram));
        ++sent;
      }
    });
    victim.cut = false;
    EXPECT_GE(sent, 100U);
    call.expect_undisturbed();
    EXPECT_EQ(refused(call.simulation) - before, sent);
    EXPECT_TRUE(watcher.client->received().empty());
    EXPECT_TRUE(call.simulation.strays.empty());
  });
}

TEST(Attack, t10_srtp_with_a_wrong_tag_is_dropped_and_reaches_nobody) {
  for_each_profile([](LiveCall& call) {
    Capture capture(call.simulation, call.publisher, test::is_rtp_or_rtcp);
    const std::uint64_t before = refused(call.simulation);
    std::uint64_t sent = 0;
    call.run_for(3s, [&] {
      call.publisher.client->flush();
      // They arrive before the genuine ones.
      for (const ByteVector& datagram : capture.take()) {
        ByteVector zeroed = datagram;
        std::fill(zeroed.end() - kTagBytes, zeroed.end(), std::uint8_t{0});
        ByteVector flipped = datagram;
        flipped.back() ^= 1U;
        ByteVector other_payload = datagram;
        other_payload[other_payload.size() / 2] ^= 0x80U;
        ByteVector other_header = datagram;
        other_header[2] ^= 0x40U;
        ByteVector no_tag(datagram.begin(), datagram.end() - kTagBytes);
        for (ByteVector* const bent : {&zeroed, &flipped, &other_payload, &other_header, &no_tag}) {
          call.simulation.inject(call.publisher.address, std::move(*bent));
          ++sent;
        }
      }
    });
    EXPECT_GT(sent, 1000U);
    call.expect_undisturbed();
    EXPECT_EQ(refused(call.simulation) - before, sent);
  });
}

TEST(Attack, t11_a_call_survives_10000_bad_srtp_packets) {
  for_each_profile([](LiveCall& call) {
    const std::uint64_t before = refused(call.simulation);
    std::uint64_t sent = 0;
    const auto bad = [&](std::uint32_t ssrc) {
      ByteVector packet = test::plain_rtp(
          {.ssrc = ssrc, .sequence = static_cast<std::uint16_t>(call.simulation.random().u32())});
      call.simulation.random().fill(MutableBytes{packet}.subspan(12));
      return packet;
    };
    call.run_for(2s, [&] {
      for (int i = 0; i < 50; ++i) {
        // Of a known source, of an unknown one, and control packets.
        call.simulation.inject(call.publisher.address, bad(1000));
        call.simulation.inject(call.publisher.address, bad(call.simulation.random().u32()));
        ByteVector control = bad(1000);
        control[1] = 200;
        call.simulation.inject(call.publisher.address, std::move(control));
        sent += 3;
      }
    });
    EXPECT_GE(sent, 10'000U);
    call.expect_undisturbed();
    EXPECT_EQ(refused(call.simulation) - before, sent);
  });
}

TEST(Attack, t12_replayed_srtp_is_dropped_and_the_call_goes_on) {
  for_each_profile([](LiveCall& call) {
    Capture capture(call.simulation, call.publisher, test::is_rtp_or_rtcp);
    std::vector<ByteVector> all;
    const std::uint64_t before = refused(call.simulation);
    std::uint64_t sent = 0;
    const auto replay = [&](const ByteVector& datagram) {
      call.simulation.inject(call.publisher.address, datagram);
      ++sent;
    };
    call.run_for(20s, [&] {
      for (const ByteVector& datagram : all) {
        // Of the last tick, and of every so many ticks before.
        if (&datagram >= &all.back() - 4 || (&datagram - all.data()) % 50 == 0) replay(datagram);
      }
      for (ByteVector& datagram : capture.take()) all.push_back(std::move(datagram));
    });
    // The oldest are far behind the replay window by now.
    EXPECT_GT(all.size(), 2 * limits::kSrtpReplayWindow);
    EXPECT_GT(sent, 10'000U);
    call.expect_undisturbed();
    EXPECT_EQ(refused(call.simulation) - before, sent);
  });
}

TEST(Attack, t13_plain_rtp_and_rtcp_to_an_srtp_port_are_dropped) {
  for (const bool ipv6 : {false, true}) {
    LiveCall call(kSeed, {.network = {.ipv6 = ipv6}});
    const std::uint64_t before = refused(call.simulation);
    const std::uint64_t key_frames = call.publisher.client->key_frame_requests();
    std::uint64_t sent = 0;
    std::uint16_t sequence = 200;
    call.run_for(3s, [&] {
      const SocketAddress attacker = ipv6 ? test::kAttackerV6 : kAttacker;
      for (const SocketAddress& from : {call.publisher.address, attacker}) {
        for (const std::uint32_t ssrc : {1000U, 10U, 4711U}) {
          const auto type = static_cast<std::uint8_t>(ssrc == 10 ? 111 : 96);
          call.simulation.inject(
              from, test::plain_rtp({.ssrc = ssrc, .sequence = sequence++, .payload_type = type}));
          ++sent;
        }
      }
      // The subscriber asks for nothing that it has not signed.
      for (const SocketAddress& from : {call.subscriber.address, attacker}) {
        call.simulation.inject(from, test::plain_rtcp(call.video_ssrc()));
        ++sent;
      }
    });
    call.expect_undisturbed();
    EXPECT_EQ(refused(call.simulation) - before, sent);
    EXPECT_EQ(call.publisher.client->key_frame_requests(), key_frames);
    EXPECT_TRUE(call.simulation.strays.empty());
  }
}

/// What anybody who listens can see of nonces: an SSRC and a sequence number under one key. The
/// same pair twice must be the same packet.
class NonceWatch {
 public:
  explicit NonceWatch(Simulation& simulation) {
    simulation.tap = [this](const Simulation::Captured& datagram) {
      if (datagram.to_server || !test::is_rtp(datagram.bytes)) return;
      const std::uint8_t* const bytes = datagram.bytes.data();
      const Nonce nonce{datagram.client, load_be<std::uint32_t>(bytes + 8),
                        load_be<std::uint16_t>(bytes + 2)};
      const auto [entry, added] = seen_.try_emplace(nonce, datagram.bytes);
      if (!added && entry->second != datagram.bytes) ++reused_;
    };
  }
  std::size_t packets() const { return seen_.size(); }
  int reused() const { return reused_; }
  void new_keys() { seen_.clear(); }

 private:
  struct Nonce {
    SocketAddress client;
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    auto operator<=>(const Nonce&) const = default;
  };
  std::map<Nonce, ByteVector> seen_;
  int reused_ = 0;
};

/// Loss with retransmissions, layers that change, pauses, and restarts of ICE under the same keys.
TEST(Attack, t22_no_packet_leaves_under_a_nonce_that_was_used) {
  LiveCall call(kSeed);
  auto& publisher =
      call.simulation.add_publisher({.tracks = {test::simulcast_camera("layers", 3000)}});
  auto& watcher = call.simulation.add_subscriber();
  watcher.link.loss = 0.1;
  call.simulation.subscribe(watcher, "TR_layers");
  call.run_for(1s);
  NonceWatch watch(call.simulation);
  int ticks = 0;
  call.run_for(20s, [&] {
    publisher.client->send_video_frame(call.simulation.now(), 0, 2, 400);
    Engine& engine = call.simulation.engine();
    const TimePoint now = call.simulation.now();
    if (++ticks % 40 == 0) {
      engine.set_layer_target(
          now, watcher.id, TrackId{"TR_layers"},
          {.disabled = ticks % 160 == 0, .max_layer = static_cast<std::uint8_t>(ticks / 40 % 3)});
    }
    if (ticks % 300 == 0) engine.restart_ice(now, watcher.id);
  });
  EXPECT_GT(watch.packets(), 3000U);
  EXPECT_EQ(watch.reused(), 0);
  const auto& received = watcher.client->received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_GT(received.begin()->second.recovered, 20U);
  call.expect_undisturbed();
}

/// Under new keys indices begin afresh on both sides, for sources that stay the same.
TEST(Attack, t22_a_new_association_does_not_share_keys_with_the_old_one) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("again", 3000)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_again");
  const auto send = [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 400); };
  call.run_for(500ms);
  Capture capture(call.simulation, publisher, test::is_rtp);
  call.run_for(1s, send);
  const std::vector<ByteVector> under_old_keys = capture.take();
  ASSERT_GT(under_old_keys.size(), 40U);
  call.run_for(100ms);
  publisher.client->restart(call.simulation.now(), vis::test::ClientPeer::Identity::New);
  call.simulation.offer(publisher);
  call.run_for(1s);
  ASSERT_TRUE(publisher.client->connected());
  const std::uint64_t before = watcher.client->received().begin()->second.packets;
  call.run_for(1s, [&] {
    send();
    for (const ByteVector& datagram : under_old_keys) {
      call.simulation.inject(publisher.address, datagram);
    }
  });
  call.expect_undisturbed();
  EXPECT_EQ(watcher.client->received().begin()->second.packets, before + 50);
  EXPECT_EQ(watcher.client->received().begin()->second.duplicates, 0U);
}

}  // namespace
}  // namespace vis::media::sfu
