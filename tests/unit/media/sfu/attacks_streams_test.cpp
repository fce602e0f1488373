// Publishers whose streams are not as they should be, and subscribers who say nothing: bounded,
// counted, and nothing to the call beside them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/byte_order.hpp"
#include "base/limits/media_rtp.hpp"
#include "base/random.hpp"
#include "media/sfu/key_frame_requests.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::LiveCall;
using test::microphone;
using test::PeerStream;
using test::PlainPacket;
using test::Simulation;

constexpr std::uint64_t kSeed = 61;
constexpr std::uint32_t kSsrc = 3000;

const PeerStream& only_stream(const Simulation::Peer& peer) {
  EXPECT_EQ(peer.client->received().size(), 1U);
  return peer.client->received().begin()->second;
}

// ---- sources ----

TEST(Attack, t23_two_publishers_with_one_source_are_two_to_their_subscribers) {
  LiveCall call(kSeed);
  auto& twin = call.simulation.add_publisher({.tracks = {camera("twin", 1000)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_twin");
  call.simulation.subscribe(watcher, "TR_live_cam");
  call.run_for(500ms);
  call.run_for(3s, [&] { twin.client->send_video_frame(call.simulation.now(), 0, 1, 400); });
  call.simulation.run_for(200ms);
  ASSERT_EQ(watcher.client->received().size(), 2U);
  for (const auto& [ssrc, stream] : watcher.client->received()) {
    EXPECT_GE(stream.packets, 150U);
    EXPECT_EQ(stream.missing(), 0U);
    EXPECT_EQ(stream.picture_gaps, 0U);
  }
  call.expect_undisturbed();
}

TEST(Attack, t23_a_client_with_one_source_in_two_sections_spoils_neither_and_nobody_else) {
  LiveCall call(kSeed);
  auto& mallory =
      call.simulation.add_publisher({.tracks = {camera("one", kSsrc), camera("two", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_one");
  call.run_for(500ms);
  ASSERT_EQ(mallory.negotiation_error, "");
  call.run_for(1s, [&] { mallory.client->send_video_frame(call.simulation.now(), 0, 1, 400); });
  call.simulation.run_for(100ms);
  const std::uint64_t rejected = call.simulation.counters().rtp_rejected;
  const std::uint64_t before = only_stream(watcher).packets;
  call.run_for(4s, [&] {
    // The second counts the first one's numbers over again, and then beyond them.
    mallory.client->send_video_frame(call.simulation.now(), 1, 1, 400);
  });
  EXPECT_GE(call.simulation.counters().rtp_rejected, rejected + 190);
  EXPECT_EQ(only_stream(watcher).packets, before) << "what is of the second section";
  call.expect_undisturbed();
}

TEST(Attack, t23_layers_that_come_and_go_all_the_time_cost_pictures_at_most) {
  LiveCall call(kSeed);
  auto& mallory = call.simulation.add_publisher({.tracks = {test::simulcast_camera("cam", kSsrc)}});
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_cam");
  call.run_for(500ms);
  SeededRandom random(kSeed);
  std::uint32_t ssrc = 100'000;
  const auto send = [&] { mallory.client->send_video_frame(call.simulation.now(), 0, 2, 400); };
  call.run_for(30s, [&] {
    const std::size_t layer = random.below(3);
    if (random.below(4) == 0) {
      mallory.client->set_layer_enabled(0, layer, random.below(2) == 0);
    } else if (random.below(4) == 0) {
      constexpr std::array kRids{"q", "h", "f"};
      ssrc += 2;
      mallory.client->replace_source(0, layer,
                                     {.rid = kRids.at(layer), .ssrc = ssrc, .rtx_ssrc = ssrc + 1});
    }
    send();
  });
  EXPECT_EQ(only_stream(watcher).picture_gaps, 0U);
  EXPECT_EQ(only_stream(watcher).timestamp_jumps, 0U);
  // Once they stay, the picture does too.
  for (std::size_t layer = 0; layer < 3; ++layer) mallory.client->set_layer_enabled(0, layer, true);
  call.run_for(2s, send);
  const std::uint64_t before = only_stream(watcher).packets;
  call.run_for(2s, send);
  EXPECT_GE(only_stream(watcher).packets, before + 190);
  EXPECT_EQ(only_stream(watcher).missing(), 0U);
  call.expect_undisturbed();
}

// ---- numbers and times ----

/// One camera and one microphone whose packets can be bent.
class Bent {
 public:
  explicit Bent(LiveCall& call)
      : call_(call),
        peer_(call.simulation.add_publisher(
            {.tracks = {camera("cam", kSsrc), microphone("mic", kSsrc + 10)}})),
        watcher_(call.simulation.add_subscriber()) {
    call.simulation.subscribe(watcher_, "TR_cam");
    call.simulation.subscribe(watcher_, "TR_mic");
    call.run_for(500ms);
    run(1s);
  }

  /// Media for a while; `bend` changes every packet's timestamp.
  template <typename Bend>
  void run_bent(Duration duration, Bend bend) {
    call_.run_for(duration, [&] {
      const ByteVector key_frame{0x90, 0xC0, 0x80, 0x01, 0x01, 0x00, 1, 2, 3};
      const ByteVector sound(80, 0x78);
      for (const auto& [track, payload] : {std::pair{0, &key_frame}, std::pair{1, &sound}}) {
        PlainPacket packet = peer_.client->make_packet(call_.simulation.now(),
                                                       static_cast<std::size_t>(track), *payload);
        std::uint8_t* const at = packet.bytes.data() + 4;
        store_be(at, bend(load_be<std::uint32_t>(at)));
        EXPECT_TRUE(peer_.client->send_plain(packet));
      }
      peer_.client->flush();
    });
  }
  void run(Duration duration) {
    run_bent(duration, [](std::uint32_t timestamp) { return timestamp; });
  }
  /// Numbers that are left out: as if so many packets had been lost.
  void skip(std::size_t packets) {
    for (std::size_t track = 0; track < 2; ++track) {
      for (std::size_t i = 0; i < packets; ++i) {
        static_cast<void>(peer_.client->make_packet(call_.simulation.now(), track, {}));
      }
    }
  }
  std::uint64_t received() const {
    std::uint64_t packets = 0;
    for (const auto& [ssrc, stream] : watcher_.client->received()) packets += stream.packets;
    return packets;
  }
  std::uint64_t nacks() const { return call_.simulation.counters().nacks_sent; }

 private:
  LiveCall& call_;
  Simulation::Peer& peer_;
  Simulation::Peer& watcher_;
};

TEST(Attack, t24_numbers_that_jump_and_wrap_cost_what_was_jumped_over_and_no_more) {
  LiveCall call(kSeed);
  Bent bent(call);
  for (const std::size_t jump : {1U, 100U, 600U, 5000U, 30'000U, 30'000U, 30'000U}) {
    SCOPED_TRACE(jump);
    const std::uint64_t nacks = bent.nacks();
    bent.skip(jump);
    const std::uint64_t before = bent.received();
    bent.run(2s);
    EXPECT_GE(bent.received(), before + 190) << "of 200";
    EXPECT_LE(bent.nacks(), nacks + 12 * limits::kNackedPackets);
  }
  call.expect_undisturbed();
}

TEST(Attack, t24_times_that_run_backward_or_anywhere_are_passed_on_and_break_nothing) {
  LiveCall call(kSeed);
  Bent bent(call);
  SeededRandom random(kSeed);
  const auto backward = [first = std::uint32_t{0}](std::uint32_t timestamp) mutable {
    if (first == 0) first = timestamp;
    return first - (timestamp - first);
  };
  const auto anywhere = [&](std::uint32_t) { return random.u32(); };
  const auto still = [](std::uint32_t) { return std::uint32_t{7}; };
  std::uint64_t before = bent.received();
  bent.run_bent(3s, backward);
  EXPECT_GE(bent.received(), before + 290);
  before = bent.received();
  bent.run_bent(3s, anywhere);
  EXPECT_GE(bent.received(), before + 290);
  before = bent.received();
  bent.run_bent(3s, still);
  bent.run(3s);
  EXPECT_GE(bent.received(), before + 590);
  call.expect_undisturbed();
}

// ---- who does not answer ----

TEST(Attack, t25_a_publisher_that_gives_no_key_frames_is_asked_a_bounded_number_of_times) {
  LiveCall call(kSeed);
  auto& mallory = call.simulation.add_publisher({.tracks = {camera("cam", kSsrc)}});
  call.run_for(500ms);
  const ByteVector key_frame{0x90, 0xC0, 0x80, 0x01, 0x01, 0x00, 1, 2, 3};
  const ByteVector other{0x90, 0xC0, 0x80, 0x01, 0x01, 0x01, 1, 2, 3};
  const auto send = [&](const ByteVector& payload) {
    mallory.client->send_made(call.simulation.now(), 0, {.payload = payload, .marker = true});
  };
  call.run_for(1s, [&] { send(other); });
  auto& watcher = call.simulation.add_subscriber();
  call.simulation.subscribe(watcher, "TR_cam");
  const std::uint64_t before = mallory.client->key_frame_requests();
  // Impatient, too: the watcher asks ten times a second.
  int ticks = 0;
  call.run_for(60s, [&] {
    send(other);
    if (++ticks % 5 == 0 && watcher.client->connected()) {
      call.simulation.engine().set_layer_target(call.simulation.now(), watcher.id,
                                                TrackId{"TR_cam"}, {.disabled = true});
      call.simulation.engine().set_layer_target(call.simulation.now(), watcher.id,
                                                TrackId{"TR_cam"}, {});
    }
  });
  const std::uint64_t asked = mallory.client->key_frame_requests() - before;
  EXPECT_GE(asked, 10U);
  EXPECT_LE(asked, KeyFrameRequests::kPatience + 60s / KeyFrameRequests::kLongInterval + 2);
  EXPECT_GE(call.simulation.counters().key_frame_requests_ignored, 5U);
  EXPECT_TRUE(watcher.client->received().empty()) << "there is nothing that it could show";
  send(key_frame);
  call.run_for(1s, [&] { send(other); });
  EXPECT_GE(only_stream(watcher).packets, 45U);
  call.expect_undisturbed();
}

/// One who never said anything is sent what he asks for: see attacks_congestion_test.cpp.
TEST(Attack, t25_a_subscriber_that_falls_silent_keeps_his_sound_and_costs_nobody) {
  LiveCall call(kSeed);
  auto& mute = call.simulation.add_subscriber();
  call.simulation.subscribe(mute, "TR_live_cam");
  call.simulation.subscribe(mute, "TR_live_mic");
  call.run_for(1s);
  mute.client->fall_silent();
  const auto received = [&] {
    std::uint64_t packets = 0;
    for (const auto& [ssrc, stream] : mute.client->received()) packets += stream.packets;
    return packets;
  };
  const std::uint64_t before = received();
  call.run_for(120s);
  // 50 packets of sound a second. For pictures the path may no longer be there.
  EXPECT_GE(received() - before, 120U * 50U);
  EXPECT_EQ(call.simulation.counters().rtp_overflowed, 0U);
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
