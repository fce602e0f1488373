// What happens to transports during a call: clients that vanish, move, restart and come back.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "media/ice/agent.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LiveCall;
using test::Simulation;
using Identity = vis::test::ClientPeer::Identity;

constexpr std::uint64_t kSeed = 17;

const test::PeerStream& only_stream(const Simulation::Peer& peer) {
  EXPECT_EQ(peer.client->received().size(), 1U);
  return peer.client->received().begin()->second;
}

/// A camera of its own beside the live call, and somebody who watches it.
class SideCall {
 public:
  explicit SideCall(LiveCall& call, bool ice_lite = true)
      : call_(call),
        publisher(call.simulation.add_publisher(
            {.tracks = {test::camera("side", 3000)}, .ice_lite = ice_lite})),
        watcher(call.simulation.add_subscriber({.ice_lite = ice_lite})) {
    call.simulation.subscribe(watcher, "TR_side");
    call.run_for(500ms);
    run_for(500ms);
    EXPECT_GT(received(), 20U);
  }

  /// One packet of the side call in every tick of the live one.
  void run_for(Duration duration) {
    call_.run_for(duration, [this] {
      publisher.client->send_video_frame(call_.simulation.now(), 0, 1, 500);
      ++sent;
    });
  }
  std::uint64_t received() const { return only_stream(watcher).packets; }

 private:
  LiveCall& call_;

 public:
  Simulation::Peer& publisher;
  Simulation::Peer& watcher;
  std::uint64_t sent = 0;
};

/// The latest time at which the server sent something to a peer.
class LastSent {
 public:
  LastSent(Simulation& simulation, const Simulation::Peer& peer) {
    simulation.tap = [this, &simulation, &peer](const Simulation::Captured& datagram) {
      if (!datagram.to_server && datagram.client == peer.address) at_ = simulation.now();
    };
  }
  TimePoint at() const { return at_; }

 private:
  TimePoint at_;
};

// ---- consent ----

TEST(Consent, of_a_client_that_vanishes_expires_and_nothing_is_sent_to_it_any_more) {
  for (const bool ice_lite : {true, false}) {
    for (const bool publisher_vanishes : {true, false}) {
      LiveCall call(kSeed);
      SideCall side(call, ice_lite);
      Simulation::Peer& vanishing = publisher_vanishes ? side.publisher : side.watcher;
      const LastSent last(call.simulation, vanishing);
      vanishing.cut = true;
      const TimePoint cut_at = call.simulation.now();
      side.run_for(10s);
      EXPECT_FALSE(vanishing.state_connected);
      EXPECT_FALSE(vanishing.state_failed);
      side.run_for(30s);
      EXPECT_TRUE(vanishing.state_failed);
      EXPECT_LE(last.at() - cut_at, 30s);
      EXPECT_GT(last.at() - cut_at, 20s);
      call.expect_undisturbed();
    }
  }
}

TEST(Consent, that_has_expired_is_won_again_by_a_restart) {
  LiveCall call(kSeed);
  SideCall side(call);
  side.watcher.cut = true;
  side.publisher.cut = true;
  side.run_for(40s);
  ASSERT_TRUE(side.watcher.state_failed);
  ASSERT_TRUE(side.publisher.state_failed);
  side.watcher.cut = false;
  side.publisher.cut = false;
  const std::uint64_t before = side.received();
  const std::uint64_t key_frames = only_stream(side.watcher).key_frames;
  call.simulation.engine().restart_ice(call.simulation.now(), side.watcher.id);
  side.publisher.client->restart(call.simulation.now(), Identity::Same);
  call.simulation.offer(side.publisher);
  side.run_for(2s);
  EXPECT_TRUE(side.watcher.state_connected);
  EXPECT_TRUE(side.publisher.state_connected);
  EXPECT_GT(side.received(), before + 75);
  EXPECT_GT(only_stream(side.watcher).key_frames, key_frames);
  EXPECT_EQ(only_stream(side.watcher).picture_gaps, 0U);
  call.expect_undisturbed();
}

/// When the server's consent for a peer expires: 30 s after it last heard of it.
class Expiry {
 public:
  Expiry(Simulation& simulation, const Simulation::Peer& peer) : delay_(peer.link.delay) {
    simulation.tap = [this, &simulation, &peer](const Simulation::Captured& datagram) {
      const bool heard = datagram.to_server && datagram.client == peer.address && !peer.cut;
      if (heard && test::is_stun_request(datagram.bytes)) last_ = simulation.now();
    };
  }
  TimePoint at() const { return last_ + delay_ + ice::Agent::kConsentExpiry; }

 private:
  Duration delay_;
  TimePoint last_;
};

/// In the moment itself, and shortly before and after; nothing may remember the transport.
TEST(Consent, may_expire_while_the_transport_is_being_closed) {
  for (const Duration late : {-20ms, -1ms, 0ms, 1ms, 20ms}) {
    LiveCall call(kSeed);
    SideCall side(call);
    Engine& engine = call.simulation.engine();
    for (Simulation::Peer* const peer : {&side.publisher, &side.watcher}) {
      const Expiry expiry(call.simulation, *peer);
      call.run_for(7s);  // Until it has checked at least once.
      peer->cut = true;
      call.run_for(expiry.at() + late - call.simulation.now());
      EXPECT_EQ(peer->state_failed, late >= 0ms);
      const TimePoint now = std::max(call.simulation.now(), expiry.at());
      engine.on_deadline(now);
      engine.close_transport(now, peer->id);
      engine.on_deadline(now);
      engine.flush(now);
      // What comes too late for it.
      peer->cut = false;
      engine.send_sctp(now, peer->id, as_bytes("late"));
      engine.restart_ice(now, peer->id);
      peer->client->check_path(now);
      call.run_for(1s);
    }
    call.expect_undisturbed();
  }
}

TEST(Goodbye, of_a_client_ends_what_is_sent_to_it) {
  LiveCall call(kSeed);
  SideCall side(call);
  const LastSent last(call.simulation, side.watcher);
  side.run_for(200ms);
  side.watcher.client->say_goodbye();
  const TimePoint at = call.simulation.now();
  side.run_for(2s);
  EXPECT_FALSE(side.watcher.state_connected);
  EXPECT_EQ(side.watcher.state_reason, "the client closed the connection");
  EXPECT_LE(last.at() - at, 100ms);
  call.expect_undisturbed();
}

// ---- addresses that change ----

/// How long a peer's media has been silent at the most.
class LongestGap {
 public:
  LongestGap(Simulation& simulation, Simulation::Peer& watcher) : last_(simulation.now()) {
    watcher.client->on_media = [this, &simulation](std::uint32_t, Bytes) {
      longest_ = std::max(longest_, simulation.now() - last_);
      last_ = simulation.now();
    };
  }
  Duration longest() const { return longest_; }

 private:
  TimePoint last_;
  Duration longest_{};
};

const SocketAddress kElsewhere = *SocketAddress::parse("203.0.113.7:4444");

TEST(NewAddress, of_a_client_that_notices_costs_less_than_two_seconds) {
  for (const bool publisher_moves : {true, false}) {
    LiveCall call(kSeed);
    SideCall side(call);
    Simulation::Peer& mover = publisher_moves ? side.publisher : side.watcher;
    const LongestGap gap(call.simulation, side.watcher);
    side.run_for(500ms);
    call.simulation.rebind(mover, kElsewhere);
    side.run_for(300ms);  // Until the system has told the client.
    mover.client->check_path(call.simulation.now());
    side.run_for(3s);
    EXPECT_LT(gap.longest(), 2s);
    EXPECT_GT(gap.longest(), 290ms);
    call.simulation.strays.clear();
    side.run_for(1s);
    EXPECT_TRUE(call.simulation.strays.empty());  // Nothing goes to the old address.
    EXPECT_TRUE(mover.state_connected);
    call.expect_undisturbed();
  }
}

/// Behind a NAT that has forgotten it, the client's next consent check tells where it is now.
TEST(NewAddress, of_a_client_that_does_not_notice_is_found_by_its_next_check) {
  for (const bool publisher_moves : {true, false}) {
    LiveCall call(kSeed);
    SideCall side(call);
    Simulation::Peer& mover = publisher_moves ? side.publisher : side.watcher;
    const LongestGap gap(call.simulation, side.watcher);
    side.run_for(500ms);
    call.simulation.rebind(mover, kElsewhere);
    side.run_for(10s);
    EXPECT_LE(gap.longest(), ice::Agent::kConsentInterval * 6 / 5 + 100ms);
    EXPECT_TRUE(mover.state_connected);
    const std::uint64_t before = side.received();
    side.run_for(1s);
    EXPECT_GE(side.received(), before + 49);
    call.expect_undisturbed();
  }
}

/// A NAT gives another port as soon as the client sends, and media goes on before the client's next
/// check, which may be 2.5 s and more away.
TEST(NewAddress, of_the_same_host_is_asked_whether_it_is_the_client) {
  for (const bool ice_lite : {true, false}) {
    for (const bool publisher_moves : {true, false}) {
      LiveCall call(kSeed);
      SideCall side(call, ice_lite);
      Simulation::Peer& mover = publisher_moves ? side.publisher : side.watcher;
      side.run_for(500ms);
      const LongestGap gap(call.simulation, side.watcher);
      call.simulation.rebind(mover, {.ip = mover.address.ip, .port = 4444});
      side.run_for(2s);
      EXPECT_LE(gap.longest(), 1200ms) << "lite " << ice_lite << ", publisher " << publisher_moves;
      const std::uint64_t before = side.received();
      side.run_for(1s);
      EXPECT_GE(side.received(), before + 49);
      EXPECT_TRUE(mover.state_connected);
      call.expect_undisturbed();
    }
  }
}

/// A decoder that got nothing for a while waits three seconds before it asks for a key frame.
TEST(NewAddress, found_after_a_break_begins_with_a_key_frame) {
  for (const bool publisher_moves : {true, false}) {
    for (const Duration away : {200ms, 2000ms}) {
      LiveCall call(kSeed);
      SideCall side(call);
      Simulation::Peer& mover = publisher_moves ? side.publisher : side.watcher;
      side.run_for(2s);
      call.simulation.rebind(mover, kElsewhere);
      side.run_for(away);
      const std::uint64_t before = side.publisher.client->key_frame_requests();
      mover.client->check_path(call.simulation.now());
      side.run_for(200ms);
      const std::uint64_t asked = side.publisher.client->key_frame_requests() - before;
      EXPECT_EQ(asked, away > 1s ? 1U : 0U) << "publisher " << publisher_moves;
      call.expect_undisturbed();
    }
  }
}

TEST(NewAddress, with_full_ice_is_checked_before_it_is_used) {
  LiveCall call(kSeed);
  SideCall side(call, false);
  const LongestGap gap(call.simulation, side.watcher);
  side.run_for(500ms);
  call.simulation.rebind(side.publisher, kElsewhere);
  side.publisher.client->check_path(call.simulation.now());
  side.run_for(3s);
  EXPECT_LT(gap.longest(), 2s);
  call.expect_undisturbed();
}

/// A NAT may give the port of a client that is gone to another one.
TEST(NewAddress, may_be_that_of_a_client_which_is_silent) {
  LiveCall call(kSeed);
  SideCall side(call);
  auto& heir = call.simulation.add_subscriber();
  call.simulation.subscribe(heir, "TR_live_cam");
  call.run_for(1s);
  const SocketAddress address = side.watcher.address;
  call.simulation.rebind(side.watcher, kElsewhere);
  side.watcher.cut = true;
  call.run_for(12s);
  ASSERT_FALSE(side.watcher.state_connected);
  call.simulation.rebind(heir, address);
  heir.client->check_path(call.simulation.now());
  call.run_for(1s);
  const std::uint64_t before = only_stream(heir).packets;
  call.run_for(1s);
  EXPECT_EQ(only_stream(heir).packets, before + 75);
  // The first one comes back, from where it is now.
  side.watcher.cut = false;
  side.watcher.client->check_path(call.simulation.now());
  side.run_for(1s);
  const std::uint64_t received = side.received();
  side.run_for(1s);
  EXPECT_GE(side.received(), received + 49);
  call.expect_undisturbed();
}

// ---- restarts ----

TEST(IceRestart, of_a_subscriber_leaves_no_gap_in_its_media) {
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed);
    SideCall side(call, ice_lite);
    const LongestGap gap(call.simulation, side.watcher);
    for (int i = 0; i < 3; ++i) {
      call.simulation.engine().restart_ice(call.simulation.now(), side.watcher.id);
      side.run_for(1s);
    }
    call.run_for(100ms);
    EXPECT_EQ(side.received(), side.sent);
    EXPECT_EQ(only_stream(side.watcher).missing(), 0U);
    EXPECT_LE(gap.longest(), 2 * LiveCall::kTick);
    EXPECT_EQ(side.watcher.offers_seen.size(), 5U);
    EXPECT_TRUE(side.watcher.state_connected);
    call.expect_undisturbed();
  }
}

TEST(IceRestart, of_a_publisher_leaves_no_gap_in_its_media) {
  for (const bool ice_lite : {true, false}) {
    LiveCall call(kSeed);
    SideCall side(call, ice_lite);
    for (int i = 0; i < 3; ++i) {
      side.publisher.client->restart(call.simulation.now(), Identity::Same);
      call.simulation.offer(side.publisher);
      EXPECT_EQ(side.publisher.negotiation_error, "");
      side.run_for(1s);
    }
    call.run_for(100ms);
    EXPECT_EQ(side.received(), side.sent);
    EXPECT_EQ(only_stream(side.watcher).missing(), 0U);
    call.expect_undisturbed();
  }
}

/// The server asks for a restart, and the client does not hear of it.
TEST(IceRestart, without_an_answer_leaves_the_call_on_its_old_path) {
  LiveCall call(kSeed);
  SideCall side(call);
  side.watcher.unhelpful = true;
  call.simulation.engine().restart_ice(call.simulation.now(), side.watcher.id);
  side.run_for(40s);
  call.run_for(100ms);
  EXPECT_EQ(side.received(), side.sent);
  EXPECT_TRUE(side.watcher.state_connected);
  call.expect_undisturbed();
}

TEST(IceRestart, after_a_new_address_brings_the_media_back) {
  LiveCall call(kSeed);
  SideCall side(call);
  const LongestGap gap(call.simulation, side.watcher);
  side.run_for(500ms);
  call.simulation.rebind(side.watcher, kElsewhere);
  side.run_for(300ms);
  call.simulation.engine().restart_ice(call.simulation.now(), side.watcher.id);
  side.run_for(3s);
  EXPECT_LT(gap.longest(), 2s);
  EXPECT_TRUE(side.watcher.state_connected);
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
