// How a subscriber's packets are spread over time.

#include "media/sfu/pacer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "support/network.hpp"
#include "support/rtc/simulation.hpp"

namespace vis::media::sfu {
namespace {

using congestion::BitRate;
using test::Network;
using test::PeerTrack;
using test::Simulation;

constexpr TimePoint kStart{1000s};

/// Packets as a pacer sees them; it never looks at their senders.
class Packets final {
 public:
  Packets() : slab_(slabs_.take()) {
    slab_->size = 1200;
    slab_->room[0] = 0x80;
  }
  ForwardPacket next() {
    return {.slab = slab_,
            .view = *rtp::PacketView::parse(slab_.packet()),
            .sequence = next_++,
            .info = {}};
  }
  static Pacer::Held by(std::size_t sender) {
    // The address alone counts.
    return {.sender = *static_cast<Sender*>(static_cast<void*>(&stand_ins[sender])),
            .layer = 0,
            .source = 1};
  }

 private:
  static inline std::array<std::uint64_t, 2> stand_ins{};
  SlabPool slabs_{SlabPool::kSlabsPerChunk};
  SlabRef slab_;
  std::int64_t next_ = 0;
};

class PacerTest : public testing::Test {
 protected:
  /// Sends a packet as a sender does; whether it passed at once.
  bool send(TimePoint now, std::size_t sender = 0) {
    const ForwardPacket packet = packets_.next();
    if (pacer_.may_pass(now)) {
      pacer_.on_sent(1200);
      return true;
    }
    EXPECT_TRUE(pacer_.hold(Packets::by(sender), packet));
    return false;
  }
  std::vector<std::int64_t> release(TimePoint now) {
    std::vector<std::int64_t> sequences;
    pacer_.release_due(now, [&](const PacedPacket& held) {
      sequences.push_back(held.packet->sequence);
      pacer_.on_sent(held.size());
    });
    return sequences;
  }

  Packets packets_;
  PacedPacketPool pool_;
  Pacer pacer_{pool_};
};

TEST_F(PacerTest, holds_nothing_back_without_a_rate) {
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(send(kStart));
  EXPECT_FALSE(pacer_.next_deadline().has_value());
}

TEST_F(PacerTest, lets_a_frame_of_a_steady_video_pass_in_one_burst) {
  pacer_.set_rate(BitRate::kbps(2500));  // Of a target of 1 Mbit/s.
  for (int frame = 0; frame < 100; ++frame) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(send(kStart + frame * 33ms)) << frame;
  }
}

TEST_F(PacerTest, spreads_a_large_frame_at_the_rate_and_in_order) {
  pacer_.set_rate(BitRate::kbps(2400));
  int passed = 0;
  for (int i = 0; i < 50; ++i) passed += send(kStart) ? 1 : 0;
  EXPECT_EQ(passed, 5) << "6000 bytes in 20 ms";
  ASSERT_TRUE(pacer_.next_deadline().has_value());
  EXPECT_EQ(*pacer_.next_deadline(), kStart + Pacer::kQuantum);
  std::int64_t next = passed;
  TimePoint now = kStart;
  while (!pacer_.empty()) {
    now += Pacer::kQuantum;
    const auto released = release(now);
    EXPECT_LE(released.size(), 2U);
    for (const std::int64_t sequence : released) EXPECT_EQ(sequence, next++);
  }
  EXPECT_EQ(next, 50);
  // 45 packets at one in 4 ms.
  EXPECT_NEAR(congestion::to_ms(now - kStart), 180, 15);
}

TEST_F(PacerTest, nothing_overtakes_what_waits) {
  pacer_.set_rate(BitRate::kbps(1000));
  while (send(kStart)) {
  }
  EXPECT_FALSE(send(kStart + 1s)) << "though there would be room by now";
  EXPECT_EQ(release(kStart + 1s).size(), 2U);
  EXPECT_TRUE(send(kStart + 2s));
}

TEST_F(PacerTest, a_long_queue_drains_in_half_a_second_whatever_the_rate) {
  pacer_.set_rate(BitRate::kbps(75));
  for (int i = 0; i < 100; ++i) send(kStart);
  TimePoint now = kStart;
  // The shorter it gets the slower it drains: a third is left when the half second is over.
  for (; now < kStart + Pacer::kMaxWait; now += Pacer::kQuantum) release(now);
  EXPECT_LT(pacer_.packets(), 45U);
}

TEST_F(PacerTest, what_could_not_wait_delays_the_rest_by_a_burst_at_the_most) {
  pacer_.set_rate(BitRate::kbps(2400));
  EXPECT_TRUE(pacer_.may_pass(kStart));
  pacer_.on_sent(1'000'000);
  EXPECT_FALSE(send(kStart + 10ms));
  EXPECT_EQ(release(kStart + 10ms + Pacer::kBurst + Pacer::kQuantum).size(), 1U);
}

TEST_F(PacerTest, takes_as_many_as_the_limit_and_no_more) {
  pacer_.set_rate(BitRate::kbps(100));
  while (pacer_.may_pass(kStart)) pacer_.on_sent(1200);
  for (std::size_t i = 0; i < limits::kPacedPackets; ++i) {
    ASSERT_TRUE(pacer_.hold(Packets::by(0), packets_.next()));
  }
  EXPECT_FALSE(pacer_.hold(Packets::by(0), packets_.next()));
  EXPECT_EQ(pool_.in_use(), limits::kPacedPackets);
  pacer_.clear();
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST_F(PacerTest, drops_the_packets_of_one_sender) {
  pacer_.set_rate(BitRate::kbps(100));
  while (pacer_.may_pass(kStart)) pacer_.on_sent(1200);
  for (std::size_t i = 0; i < 9; ++i) send(kStart, i % 3 == 0 ? 1 : 0);
  pacer_.drop(packets_.by(1).sender);
  EXPECT_EQ(pacer_.packets(), 6U);
  std::vector<std::int64_t> left;
  for (TimePoint now = kStart; !pacer_.empty(); now += 100ms) {
    for (const std::int64_t sequence : release(now)) left.push_back(sequence);
  }
  EXPECT_EQ(left, (std::vector<std::int64_t>{1, 2, 4, 5, 7, 8}));
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST(PacedPacketPool, gives_as_many_as_the_limit_and_no_more) {
  PacedPacketPool pool;
  std::vector<PacedPacket*> taken;
  for (std::size_t i = 0; i < limits::kPacedPacketsOfWorker; ++i) {
    taken.push_back(pool.take());
    ASSERT_NE(taken.back(), nullptr);
  }
  EXPECT_EQ(pool.take(), nullptr);
  for (PacedPacket* const packet : taken) pool.give_back(*packet);
  EXPECT_NE(pool.take(), nullptr);
}

// ---- in a call ----

/// A camera without layers.
PeerTrack plain_camera() {
  return {.cid = "cam",
          .kind = sdp::MediaKind::Video,
          .codec = "VP8",
          .layers = {{.rid = "", .ssrc = 1000, .rtx_ssrc = 1001}}};
}

class PacedCall : public testing::Test {
 protected:
  PacedCall() {
    subscriber_.downlink = std::make_unique<Network>(
        7, test::NetworkConditions{.rate_bps = 1'000'000, .queue = 300ms});
    simulation_.subscribe(subscriber_, "TR_cam");
  }
  /// Frames of 500 kbit/s, every 50th of which is large.
  void run(Duration duration, std::size_t large_packets) {
    simulation_.run_for(duration, 40ms, [&] {
      const std::size_t packets = ++frames_ % 50 == 0 ? large_packets : 2;
      sent_ += packets;
      publisher_.client->send_video_frame(simulation_.now(), 0, packets, 1200);
    });
  }
  const test::PeerStream& received() const {
    return subscriber_.client->received().begin()->second;
  }

  Simulation simulation_{7};
  Simulation::Peer& publisher_ = simulation_.add_publisher({.tracks = {plain_camera()}});
  Simulation::Peer& subscriber_ = simulation_.add_subscriber();
  std::size_t frames_ = 0;
  std::size_t sent_ = 0;
};

TEST_F(PacedCall, a_frame_too_large_for_the_queue_on_the_way_arrives_whole) {
  run(8s, 2);
  const std::uint64_t dropped = subscriber_.downlink->dropped();
  // At once they would take 0.4 s: more than the bottleneck can hold.
  run(8s, 40);
  simulation_.run_for(1s);
  EXPECT_LT(subscriber_.downlink->dropped() - dropped, 5U) << "a probe may meet a key frame";
  EXPECT_GT(simulation_.counters().rtp_paced, 60U);
  EXPECT_EQ(simulation_.counters().rtp_overflowed, 0U);
  EXPECT_EQ(received().missing(), 0U);
}

TEST_F(PacedCall, leaves_nothing_behind_when_the_subscriber_goes) {
  run(8s, 2);
  publisher_.client->send_video_frame(simulation_.now(), 0, 200, 1200);
  publisher_.client->flush();
  simulation_.run_for(20ms);
  EXPECT_GT(simulation_.counters().rtp_paced, 100U);
  simulation_.close(subscriber_);
  run(1s, 2);
}

TEST_F(PacedCall, leaves_nothing_behind_when_the_track_goes) {
  run(8s, 2);
  publisher_.client->send_video_frame(simulation_.now(), 0, 200, 1200);
  publisher_.client->flush();
  simulation_.run_for(20ms);
  EXPECT_GT(simulation_.counters().rtp_paced, 100U);
  simulation_.engine().unpublish(simulation_.now(), publisher_.id, TrackId{"TR_cam"});
  simulation_.run_for(1s);
}

TEST_F(PacedCall, an_overflow_costs_whole_frames_and_asks_for_a_key_frame) {
  run(8s, 2);
  const std::uint64_t asked = publisher_.client->key_frame_requests();
  // Far more than the path carries, for longer than the queue holds.
  simulation_.run_for(400ms, 10ms,
                      [&] { publisher_.client->send_video_frame(simulation_.now(), 0, 40, 1200); });
  EXPECT_GT(simulation_.counters().rtp_overflowed, 0U);
  run(10s, 2);
  EXPECT_GT(publisher_.client->key_frame_requests(), asked);
  const std::uint64_t before = received().packets;
  run(4s, 2);
  EXPECT_GT(received().packets, before + 150);
  EXPECT_EQ(received().picture_gaps, 0U);
}

}  // namespace
}  // namespace vis::media::sfu
