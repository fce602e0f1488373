// Transports, tracks and rooms that go while packets are on their way through the engine.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "media/rtcp/nack.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LiveCall;
using test::PeerStream;
using test::Simulation;
using Identity = vis::test::ClientPeer::Identity;

constexpr std::uint64_t kSeed = 19;
constexpr std::uint32_t kSsrc = 3000;
const RoomId kOtherRoom{"RM_other"};
const TrackId kTrack{"TR_side"};

/// A call in another room of the same engine, with its packets held in the engine's hands.
class OtherRoom {
 public:
  OtherRoom(LiveCall& call, bool gcm) : call_(call) {
    Engine& engine = call.simulation.engine();
    engine.open_room(call.simulation.now(), kOtherRoom);
    publisher = &call.simulation.add_publisher(
        {.tracks = {test::simulcast_camera("side", kSsrc)}, .gcm = gcm, .room = kOtherRoom});
    for (int i = 0; i < 3; ++i) {
      watchers.push_back(&call.simulation.add_subscriber({.gcm = gcm, .room = kOtherRoom}));
      call.simulation.subscribe(*watchers.back(), "TR_side");
    }
    call.run_for(500ms);
    call.run_for(500ms, [this] { send(); });
    call.run_for(100ms);
    EXPECT_GT(watchers.back()->client->received().begin()->second.packets, 20U);
  }

  void send() { publisher->client->send_video_frame(call_.simulation.now(), 0, 3, 600); }

  /// Video and repeated packets are decrypted and encrypted, and nothing has left yet.
  void fill_queues() {
    Engine& engine = call_.simulation.engine();
    const TimePoint now = call_.simulation.now();
    for (ByteVector& datagram : call_.simulation.record(*publisher, [this] { send(); })) {
      engine.on_datagram(now, datagram, {.remote = publisher->address});
    }
    for (Simulation::Peer* const watcher : watchers) {
      for (ByteVector& datagram : call_.simulation.record(*watcher, [&] { ask_again(*watcher); })) {
        engine.on_datagram(now, datagram, {.remote = watcher->address});
      }
    }
  }

 private:
  static void ask_again(Simulation::Peer& watcher) {
    const auto& [ssrc, stream] = *watcher.client->received().begin();
    const std::array<std::uint16_t, 3> lost{static_cast<std::uint16_t>(stream.highest - 2),
                                            static_cast<std::uint16_t>(stream.highest - 1),
                                            static_cast<std::uint16_t>(stream.highest)};
    std::array<std::uint8_t, 64> buffer{};
    ByteWriter writer{buffer};
    rtcp::Nack::write(writer, {.sender = 1, .media = ssrc}, lost);
    watcher.client->send_rtcp(writer.written());
  }

  LiveCall& call_;

 public:
  Simulation::Peer* publisher = nullptr;
  std::vector<Simulation::Peer*> watchers;
};

struct Ending {
  const char* what;
  std::function<void(Engine&, TimePoint, OtherRoom&)> act;
};

std::vector<Ending> endings() {
  return {
      {"the publisher's transport closes",
       [](Engine& e, TimePoint now, OtherRoom& r) { e.close_transport(now, r.publisher->id); }},
      {"a subscriber's transport closes",
       [](Engine& e, TimePoint now, OtherRoom& r) { e.close_transport(now, r.watchers[1]->id); }},
      {"all close, the publisher last",
       [](Engine& e, TimePoint now, OtherRoom& r) {
         for (Simulation::Peer* const watcher : r.watchers) e.close_transport(now, watcher->id);
         e.close_transport(now, r.publisher->id);
       }},
      {"the room closes",
       [](Engine& e, TimePoint now, OtherRoom&) { e.close_room(now, kOtherRoom); }},
      {"the track is unpublished",
       [](Engine& e, TimePoint now, OtherRoom& r) { e.unpublish(now, r.publisher->id, kTrack); }},
      {"a subscription ends", [](Engine& e, TimePoint now,
                                 OtherRoom& r) { e.unsubscribe(now, r.watchers[0]->id, kTrack); }},
      {"the track is muted",
       [](Engine& e, TimePoint now, OtherRoom&) { e.set_muted(now, kOtherRoom, kTrack, true); }},
      {"another transport takes the track over",
       [](Engine& e, TimePoint now, OtherRoom& r) {
         PublishConfig config;
         config.track = kTrack;
         config.kind = TrackKind::Video;
         config.cid = "side";
         e.publish(now, r.watchers[0]->id, std::move(config));
       }},
      {"the publisher changes its sources",
       [](Engine& e, TimePoint now, OtherRoom& r) {
         for (std::size_t layer = 0; layer < 3; ++layer) {
           const auto ssrc = static_cast<std::uint32_t>(7000 + 2 * layer);
           r.publisher->client->replace_source(
               0, layer, {.rid = std::string(1, "qhf"[layer]), .ssrc = ssrc, .rtx_ssrc = ssrc + 1});
         }
         r.fill_queues();
         e.flush(now);
       }},
  };
}

TEST(Teardown, with_packets_in_the_queues_harms_nobody) {
  for (const bool gcm : {true, false}) {
    for (const Ending& ending : endings()) {
      SCOPED_TRACE(ending.what);
      LiveCall call(kSeed, {.gcm = gcm});
      OtherRoom other(call, gcm);
      other.fill_queues();
      Engine& engine = call.simulation.engine();
      ending.act(engine, call.simulation.now(), other);
      engine.flush(call.simulation.now());
      // What arrives late for what is gone.
      other.fill_queues();
      engine.flush(call.simulation.now());
      call.run_for(1s, [&] { other.send(); });
      call.expect_undisturbed();
    }
  }
}

TEST(Teardown, of_a_room_leaves_nothing_of_it) {
  LiveCall call(kSeed);
  OtherRoom other(call, true);
  Engine& engine = call.simulation.engine();
  const std::uint64_t events = call.simulation.bound.size();
  engine.close_room(call.simulation.now(), kOtherRoom);
  std::vector<std::uint64_t> received;
  call.run_for(100ms);
  for (const Simulation::Peer* const watcher : other.watchers) {
    received.push_back(watcher->client->received().begin()->second.packets);
  }
  const std::uint64_t rejected = call.simulation.counters().rtp_rejected;
  call.run_for(2s, [&] { other.send(); });
  for (std::size_t i = 0; i < received.size(); ++i) {
    EXPECT_EQ(other.watchers[i]->client->received().begin()->second.packets, received[i]);
  }
  EXPECT_GE(call.simulation.counters().rtp_rejected, rejected + 400);
  // Its name can be used again, and its old commands name nothing.
  engine.set_muted(call.simulation.now(), kOtherRoom, kTrack, true);
  engine.subscribe(call.simulation.now(), other.watchers[0]->id,
                   {.track = kTrack, .stream_id = "x", .target = {}});
  engine.open_room(call.simulation.now(), kOtherRoom);
  auto& publisher =
      call.simulation.add_publisher({.tracks = {test::camera("again", 5000)}, .room = kOtherRoom});
  auto& watcher = call.simulation.add_subscriber({.room = kOtherRoom});
  call.simulation.subscribe(watcher, "TR_again");
  call.run_for(500ms);
  call.run_for(500ms,
               [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 500); });
  EXPECT_GT(watcher.client->received().begin()->second.packets, 20U);
  EXPECT_GT(call.simulation.bound.size(), events);
  call.expect_undisturbed();
}

TEST(Teardown, of_a_subscription_in_the_midst_of_a_batch_leaves_the_others_whole) {
  LiveCall call(kSeed);
  OtherRoom other(call, true);
  const auto packets = [&](std::size_t i) {
    return other.watchers[i]->client->received().begin()->second;
  };
  const PeerStream before = packets(0);
  std::uint64_t sent = 0;
  for (int i = 0; i < 20; ++i) {
    other.fill_queues();
    sent += 3;
    if (i == 10) {
      call.simulation.engine().unsubscribe(call.simulation.now(), other.watchers[1]->id, kTrack);
    }
    call.simulation.engine().flush(call.simulation.now());
    call.run_for(40ms);
  }
  call.run_for(200ms);
  EXPECT_EQ(packets(0).distinct() - before.distinct(), sent);
  EXPECT_EQ(packets(0).missing(), 0U);
  EXPECT_EQ(packets(2).missing(), 0U);
  EXPECT_LT(packets(1).distinct(), packets(0).distinct());
  call.expect_undisturbed();
}

// ---- publishers that change what they send ----

TEST(Republish, with_another_codec_gives_subscribers_another_section) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("side", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_side");
  call.run_for(500ms);
  call.run_for(500ms,
               [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 500); });
  ASSERT_EQ(watcher.client->received().size(), 1U);

  publisher.client->track(0).codec = "H264";
  call.simulation.offer(publisher);
  EXPECT_EQ(publisher.negotiation_error, "");
  EXPECT_EQ(call.simulation.bound.back().mime_type, "video/h264");
  call.run_for(200ms);
  const std::vector<std::uint8_t> key_frame{0x67, 0x42, 0xE0, 0x1F, 1};
  call.run_for(1s, [&] {
    EXPECT_TRUE(publisher.client->send_plain(
        publisher.client->make_packet(call.simulation.now(), 0, key_frame)));
  });
  ASSERT_EQ(watcher.client->received().size(), 2U);
  for (const auto& [ssrc, stream] : watcher.client->received()) {
    EXPECT_GT(stream.packets, 20U);
    EXPECT_EQ(stream.missing(), 0U);
  }
  call.expect_undisturbed();
}

TEST(Republish, from_new_sources_is_one_unbroken_stream) {
  for (const bool simulcast : {false, true}) {
    LiveCall call(kSeed);
    auto& publisher =
        call.simulation.add_publisher({.tracks = {simulcast ? test::simulcast_camera("side", kSsrc)
                                                            : test::camera("side", kSsrc)}});
    auto& watcher = call.simulation.add_subscriber();
    call.simulation.subscribe(watcher, "TR_side");
    const auto send = [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 2, 500); };
    call.run_for(500ms);
    call.run_for(1s, send);
    const PeerStream before = watcher.client->received().begin()->second;
    for (std::uint32_t round = 1; round <= 5; ++round) {
      const std::size_t layers = publisher.client->track(0).layers.size();
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const std::uint32_t ssrc = kSsrc + 100 * round + static_cast<std::uint32_t>(2 * layer);
        const std::string rid = publisher.client->track(0).layers[layer].rid;
        publisher.client->replace_source(0, layer,
                                         {.rid = rid, .ssrc = ssrc, .rtx_ssrc = ssrc + 1});
      }
      call.run_for(1s, send);
    }
    ASSERT_EQ(watcher.client->received().size(), 1U);
    const PeerStream& stream = watcher.client->received().begin()->second;
    EXPECT_EQ(stream.packets, before.packets + 500);
    EXPECT_EQ(stream.missing(), 0U);
    EXPECT_EQ(stream.timestamp_jumps, 0U);
    EXPECT_EQ(stream.picture_gaps, 0U);
    call.expect_undisturbed();
  }
}

/// Its encoder may begin in the middle of pictures; then a key frame is asked for at once.
TEST(Republish, from_a_new_source_that_begins_without_a_key_frame_costs_one_round_trip) {
  LiveCall call(kSeed);
  auto& publisher = call.simulation.add_publisher({.tracks = {test::camera("side", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_side");
  const auto send = [&] { publisher.client->send_video_frame(call.simulation.now(), 0, 1, 500); };
  call.run_for(500ms);
  call.run_for(1s, send);
  const std::uint64_t before = watcher.client->received().begin()->second.packets;
  const std::uint64_t requests = publisher.client->key_frame_requests();
  publisher.client->replace_source(0, 0, {.rid = "", .ssrc = 4000, .rtx_ssrc = 4001});
  // The key frame that it begins with gets lost.
  static_cast<void>(call.simulation.record(publisher, send));
  call.run_for(400ms, send);
  EXPECT_EQ(publisher.client->key_frame_requests(), requests + 1);
  EXPECT_GE(watcher.client->received().begin()->second.packets, before + 17);
  EXPECT_EQ(watcher.client->received().begin()->second.missing(), 0U);
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
