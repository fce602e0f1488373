// What the path of a packet must never do: ask for memory. A real engine, a publisher and some
// subscribers in steady state; every call into the engine is counted.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "support/counting_allocator.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::microphone;
using test::PeerTrack;
using test::Simulation;

constexpr std::size_t kSubscribers = 8;
constexpr std::size_t kPacketsPerFrame = 4;
constexpr std::size_t kFrames = 400;
constexpr std::size_t kWarmingFrames = 200;
constexpr Duration kFrameInterval = 40ms;

/// Counts datagrams and packets, and drops them.
class CountingSink final : public EgressSink {
 public:
  void send(std::span<const EgressRun> runs) override {
    for (const EgressRun& run : runs) datagrams += run.segments;
  }
  std::uint64_t datagrams = 0;
};

/// How often the engine asked for memory, by what it was doing.
struct Asked {
  std::size_t on_datagram = 0;
  std::size_t in_flush = 0;
  std::size_t on_deadline = 0;
};

class PacketPath : public testing::TestWithParam<bool> {
 protected:
  /// Everybody connected, the first key frame through, the stores full.
  void join(const PeerTrack& track) {
    track_ = track;
    publisher_ = &simulation_.add_publisher({.tracks = {track}, .gcm = GetParam()});
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      subscribers_.push_back(&simulation_.add_subscriber({.gcm = GetParam()}));
      // Once their datagrams are diverted they could not report any more, and would be spared.
      subscribers_.back()->client->set_reporting(false);
      simulation_.subscribe(*subscribers_.back(), "TR_" + track.cid);
    }
    simulation_.run_for(500ms);
    ASSERT_EQ(publisher_->client->profile(),
              GetParam() ? srtp::Profile::AeadAes128Gcm : srtp::Profile::Aes128CmHmacSha1_80);
    ASSERT_EQ(subscribers_.front()->client->profile(), publisher_->client->profile());
    // A few frames reach the subscribers, which so learn where their streams stand.
    simulation_.run_for(1s, kFrameInterval, [&] { send_frame(simulation_.now()); });
    simulation_.run_for(100ms);
    now_ = simulation_.now();
    simulation_.divert(&sink_);
    for (std::size_t i = 0; i < kWarmingFrames; ++i) run_frame();
    asked_ = {};
    events_ = 0;
    counted_from_ = simulation_.engine().counters();
  }

  void send_frame(TimePoint now) {
    test::ClientPeer& client = *publisher_->client;
    if (track_.kind == sdp::MediaKind::Video) {
      client.send_video_frame(now, 0, packets_per_frame_, 1100);
    } else {
      for (std::size_t i = 0; i < kPacketsPerFrame; ++i) client.send_audio_packet(now, 0, 20);
    }
  }

  std::vector<ByteVector> next_frame() {
    return simulation_.record(*publisher_, [&] { send_frame(now_); });
  }

  /// A frame goes in, and out to everybody; the engine's timers run if they are due.
  void run_frame() {
    deliver(publisher_->address, next_frame());
    now_ += kFrameInterval;
  }

  void deliver(const SocketAddress& from, std::vector<ByteVector> datagrams) {
    Engine& engine = simulation_.engine();
    count(asked_.on_datagram, [&] {
      for (ByteVector& datagram : datagrams) engine.on_datagram(now_, datagram, {.remote = from});
    });
    const auto due = engine.next_deadline();
    if (due && *due <= now_) count(asked_.on_deadline, [&] { engine.on_deadline(now_); });
    count(asked_.in_flush, [&] { engine.flush(now_); });
    events_ += engine.take_events().size();
  }

  template <typename Act>
  static void count(std::size_t& total, Act act) {
    const std::size_t before = vis::test::allocations();
    act();
    total += vis::test::allocations() - before;
  }

  std::uint64_t forwarded() {
    return simulation_.engine().counters().rtp_forwarded - counted_from_.rtp_forwarded;
  }
  std::uint64_t retransmitted() {
    return simulation_.engine().counters().rtp_retransmitted - counted_from_.rtp_retransmitted;
  }

  void expect_no_memory_asked_for() const {
    EXPECT_EQ(asked_.on_datagram, 0U);
    EXPECT_EQ(asked_.in_flush, 0U);
    // Timers may ask for what an event carries, a few times a second; never for a packet.
    EXPECT_LE(asked_.on_deadline, kPerEvent * events_);
    EXPECT_LE(events_, kMostEvents);
  }

  static constexpr std::size_t kPerEvent = 8;
  /// Audio levels every 400 ms, qualities and a sample every 5 s.
  static constexpr std::size_t kMostEvents = kFrames * kFrameInterval / 300ms;

  Simulation simulation_{7};
  PeerTrack track_;
  std::size_t packets_per_frame_ = kPacketsPerFrame;
  Simulation::Peer* publisher_ = nullptr;
  std::vector<Simulation::Peer*> subscribers_;
  CountingSink sink_;
  TimePoint now_;
  Asked asked_;
  std::size_t events_ = 0;
  EngineCounters counted_from_;
};

TEST(CountingAllocator, counts_plain_and_aligned_new) {
  const std::size_t before = vis::test::allocations();
  ::operator delete(::operator new(1));
  ::operator delete(::operator new(1, std::align_val_t{64}), std::align_val_t{64});
  EXPECT_EQ(vis::test::allocations(), before + 2);
}

TEST_P(PacketPath, asks_for_no_memory_for_video) {
  join(camera("cam", 1000));
  for (std::size_t i = 0; i < kFrames; ++i) run_frame();
  EXPECT_EQ(forwarded(), kFrames * kPacketsPerFrame * kSubscribers);
  EXPECT_GE(sink_.datagrams, forwarded());
  expect_no_memory_asked_for();
}

TEST_P(PacketPath, asks_for_no_memory_for_audio) {
  join(microphone("mic", 2000));
  for (std::size_t i = 0; i < kFrames; ++i) run_frame();
  EXPECT_EQ(forwarded(), kFrames * kPacketsPerFrame * kSubscribers);
  EXPECT_GE(sink_.datagrams, forwarded());
  expect_no_memory_asked_for();
}

TEST_P(PacketPath, asks_for_no_memory_to_answer_nacks) {
  join(camera("cam", 1000));
  Simulation::Peer& subscriber = *subscribers_.front();
  const auto& [ssrc, stream] = *subscriber.client->received().begin();
  // The subscriber's stream went on by as many packets as the warming frames had.
  auto lost = static_cast<std::uint16_t>(static_cast<std::size_t>(stream.highest) +
                                         kWarmingFrames * kPacketsPerFrame);
  for (std::size_t i = 0; i < kFrames; ++i) {
    run_frame();
    lost = static_cast<std::uint16_t>(lost + kPacketsPerFrame);
    deliver(subscriber.address, simulation_.record(subscriber, [&] {
      subscriber.client->request_retransmission(ssrc, std::array{lost});
    }));
  }
  EXPECT_EQ(retransmitted(), kFrames);
  expect_no_memory_asked_for();
}

TEST_P(PacketPath, asks_for_no_memory_when_packets_of_the_publisher_are_late_or_lost) {
  join(camera("cam", 1000));
  std::vector<ByteVector> late;
  for (std::size_t i = 0; i < kFrames; ++i) {
    std::vector<ByteVector> frame = next_frame();
    deliver(publisher_->address, std::exchange(late, {}));
    // The second is late by a frame; of every tenth frame, the third is lost.
    late.push_back(std::move(frame.at(1)));
    frame.erase(frame.begin() + 1);
    if (i % 10 == 0) frame.erase(frame.begin() + 1);
    deliver(publisher_->address, std::move(frame));
    now_ += kFrameInterval;
  }
  EXPECT_GE(forwarded(), (kFrames - 1) * (kPacketsPerFrame - 1) * kSubscribers);
  expect_no_memory_asked_for();
}

TEST_P(PacketPath, asks_for_no_memory_to_spread_large_frames) {
  join(camera("cam", 1000));
  const auto run_frames = [&] {
    for (std::size_t i = 0; i < kFrames; ++i) {
      packets_per_frame_ = i % 10 == 0 ? 60 : kPacketsPerFrame;
      run_frame();
    }
  };
  run_frames();
  asked_ = {};
  events_ = 0;
  counted_from_ = simulation_.engine().counters();
  run_frames();
  const std::uint64_t paced = simulation_.engine().counters().rtp_paced - counted_from_.rtp_paced;
  EXPECT_GT(paced, kFrames / 10 * kSubscribers);
  EXPECT_EQ(simulation_.engine().counters().rtp_overflowed, 0U);
  expect_no_memory_asked_for();
}

/// The publisher on one worker, all subscribers on another.
TEST(SpreadPacketPath, asks_for_no_memory_on_either_worker) {
  Simulation simulation(7, {.workers = 2});
  Engine& home = simulation.engine(0);
  Engine& other = simulation.engine(1);
  Simulation::Peer& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  for (std::size_t i = 0; i < kSubscribers; ++i) {
    Simulation::Peer& subscriber = simulation.add_subscriber({.worker = 1});
    subscriber.client->set_reporting(false);
    simulation.subscribe(subscriber, "TR_cam");
  }
  TimePoint now;
  const auto send = [&] { publisher.client->send_video_frame(now, 0, kPacketsPerFrame, 1100); };
  simulation.run_for(1s, kFrameInterval, [&] {
    now = simulation.now();
    send();
  });
  CountingSink sink;
  simulation.divert(&sink);
  std::size_t asked = 0;
  const auto run_frame = [&] {
    now += kFrameInterval;
    std::vector<ByteVector> datagrams = simulation.record(publisher, send);
    for (Engine* const engine : {&home, &other}) {
      if (const auto due = engine->next_deadline(); due && *due <= now) engine->on_deadline(now);
    }
    const std::size_t before = vis::test::allocations();
    for (ByteVector& datagram : datagrams) {
      home.on_datagram(now, datagram, {.remote = publisher.address});
    }
    home.flush(now);
    other.look_at_neighbours();
    other.take_from_neighbours(now);
    other.flush(now);
    asked += vis::test::allocations() - before;
    home.take_events();
    other.take_events();
  };
  for (std::size_t i = 0; i < kWarmingFrames; ++i) run_frame();
  asked = 0;
  const std::uint64_t before = other.counters().rtp_forwarded;
  for (std::size_t i = 0; i < kFrames; ++i) run_frame();
  EXPECT_EQ(other.counters().rtp_forwarded - before, kFrames * kPacketsPerFrame * kSubscribers);
  EXPECT_EQ(asked, 0U);
}

INSTANTIATE_TEST_SUITE_P(Profiles, PacketPath, testing::Bool(), [](const auto& info) {
  return info.param ? "aead_aes_128_gcm" : "aes128_cm_sha1_80";
});

}  // namespace
}  // namespace vis::media::sfu
