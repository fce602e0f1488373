// Scalable video through the engine: whatever layers a subscriber gets, it can decode all of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/rtc/scalable_video.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::LinkOptions;
using test::PeerStream;
using test::Simulation;
using vis::test::FrameLabel;
using vis::test::LayerMarking;
using vis::test::ScalabilityMode;
using vis::test::ScalableDecoder;
using vis::test::ScalableEncoder;

constexpr Duration kFrameInterval = 40ms;
constexpr std::int64_t kPictures = 25;  ///< In a second.

struct Kind {
  const char* name;
  ScalabilityMode mode;
  LayerMarking marking;
};

/// A subscriber and what its decoder makes of the stream.
struct Watcher {
  Simulation::Peer& peer;
  ScalableDecoder decoder;
};

class ScalableCall {
 public:
  /// On two workers, the publisher is on the first and who watches on the second.
  ScalableCall(const Kind& kind, unsigned workers, LinkOptions link = {})
      : simulation(17, Simulation::Options{.link = link, .workers = workers}),
        encoder(kind.mode, kind.marking),
        publisher(simulation.add_publisher(
            {.tracks = {
                 camera("cam", 1000,
                        kind.marking == LayerMarking::DependencyDescriptor ? "AV1" : "VP9")}})) {}

  Watcher& watch(LayerTarget target = {}) {
    watchers.push_back(std::make_unique<Watcher>(Watcher{simulation.add_subscriber(), {}}));
    Watcher& watcher = *watchers.back();
    simulation.subscribe(watcher.peer, "TR_cam", target);
    watcher.peer.client->on_packet = [&watcher](std::uint32_t, bool marker, Bytes payload) {
      if (payload.size() > FrameLabel::kBytes) {
        watcher.decoder.take(FrameLabel::read(payload), marker);
      }
    };
    simulation.run_for(500ms);
    return watcher;
  }

  void want(const Watcher& watcher, LayerTarget target) {
    simulation.engine(watcher.peer.worker)
        .set_layer_target(simulation.now(), watcher.peer.id, TrackId{"TR_cam"}, target);
  }

  void send_picture() {
    const bool key = publisher.client->take_key_frame_wanted(0) || std::exchange(force_key, false);
    for (const vis::test::ScalablePacket& packet : encoder.encode(key)) {
      publisher.client->send_made(simulation.now(), 0,
                                  {.payload = packet.payload,
                                   .dependency_descriptor = packet.dependency_descriptor,
                                   .marker = packet.marker});
    }
  }

  void run_for(Duration duration, std::int64_t lag = 2) {
    simulation.run_for(duration, kFrameInterval, [&] {
      send_picture();
      for (const auto& watcher : watchers) decode(*watcher, std::max<std::int64_t>(lag, 2));
    });
    simulation.run_for(lag == 0 ? 1s : 60ms);
    for (const auto& watcher : watchers) watcher->decoder.decode(lag);
  }

  /// A decoder that lacks a frame asks for a key frame.
  void decode(Watcher& watcher, std::int64_t lag) {
    const std::uint64_t broken = watcher.decoder.broken();
    watcher.decoder.decode(lag);
    if (watcher.decoder.broken() == broken) return;
    watcher.peer.client->request_key_frame(simulation.now(),
                                           watcher.peer.client->received().begin()->first);
  }

  static const PeerStream& stream_of(const Watcher& watcher) {
    return watcher.peer.client->received().begin()->second;
  }

  bool force_key = false;
  Simulation simulation;
  ScalableEncoder encoder;
  Simulation::Peer& publisher;
  std::vector<std::unique_ptr<Watcher>> watchers;
};

class ScalableVideo : public testing::TestWithParam<std::tuple<Kind, unsigned>> {
 protected:
  static const Kind& kind() { return std::get<Kind>(GetParam()); }
  static ScalabilityMode mode() { return kind().mode; }
  static unsigned workers() { return std::get<unsigned>(GetParam()); }
};

class TemporalLayers : public ScalableVideo {};
class SpatialLayers : public ScalableVideo {};

TEST_P(ScalableVideo, a_subscriber_gets_the_spatial_layer_that_it_asks_for_and_no_more) {
  ScalableCall call(kind(), workers());
  Watcher& watcher = call.watch();
  call.run_for(2s);
  for (const std::uint8_t quality : std::initializer_list<std::uint8_t>{0, 2, 1, 2, 0, 1}) {
    call.want(watcher, {.max_layer = quality});
    call.run_for(1s);
    watcher.decoder.forget();
    call.run_for(1s, 0);
    const auto spatial = std::min(quality, static_cast<std::uint8_t>(mode().spatial - 1));
    EXPECT_GE(watcher.decoder.shown(spatial), kPictures - 1) << "quality " << int{quality};
    EXPECT_EQ(watcher.decoder.shown(), watcher.decoder.shown(spatial));
    EXPECT_EQ(watcher.decoder.broken(), 0U) << "quality " << int{quality};
    EXPECT_EQ(watcher.decoder.misplaced_markers(), 0U);
  }
  EXPECT_EQ(ScalableCall::stream_of(watcher).missing(), 0U);
  EXPECT_EQ(ScalableCall::stream_of(watcher).timestamp_jumps, 0U);
}

TEST_P(ScalableVideo, nothing_that_cannot_be_decoded_is_sent_while_qualities_change) {
  ScalableCall call(kind(), workers());
  Watcher& watcher = call.watch();
  call.run_for(1s, 0);
  watcher.decoder.forget();
  for (std::uint8_t i = 0; i < 40; ++i) {
    call.want(watcher, {.max_layer = static_cast<std::uint8_t>(i * 7 % 3)});
    call.run_for(240ms);
  }
  call.run_for(40ms, 0);
  EXPECT_EQ(watcher.decoder.broken(), 0U);
  EXPECT_EQ(watcher.decoder.misplaced_markers(), 0U);
  EXPECT_GE(watcher.decoder.shown(), 40 * 6U);
}

TEST_P(TemporalLayers, fewer_frames_are_sent_to_who_wants_fewer) {
  ScalableCall call(kind(), workers());
  Watcher& watcher = call.watch();
  call.run_for(5s);
  const std::uint64_t requests = call.publisher.client->key_frame_requests();
  call.want(watcher, {.max_layer = 2, .max_fps = 12});
  call.run_for(500ms);
  watcher.decoder.forget();
  call.run_for(2s, 0);
  EXPECT_EQ(watcher.decoder.shown_of_temporal(2), 0U);
  EXPECT_GE(watcher.decoder.shown_of_temporal(1), 11U);
  EXPECT_GE(watcher.decoder.shown_of_temporal(0), 11U);
  EXPECT_EQ(watcher.decoder.broken(), 0U);

  call.want(watcher, {.max_layer = 2});
  call.run_for(400ms);
  watcher.decoder.forget();
  call.run_for(1s, 0);
  EXPECT_GE(watcher.decoder.shown(), kPictures - 1);
  EXPECT_EQ(watcher.decoder.broken(), 0U);
  EXPECT_EQ(call.publisher.client->key_frame_requests(), requests) << "none is needed for that";
  EXPECT_EQ(ScalableCall::stream_of(watcher).missing(), 0U);
}

TEST_P(ScalableVideo, survives_loss_and_reordering_with_qualities_that_change) {
  ScalableCall call(kind(), workers(), {.loss = 0.02, .delay = 15ms, .jitter = 12ms});
  call.encoder.start_at(65'400);
  Watcher& high = call.watch();
  Watcher& low = call.watch({.max_layer = 0});
  call.run_for(3s, 12);
  for (Watcher* const watcher : {&high, &low}) watcher->decoder.forget();
  for (std::uint8_t i = 0; i < 8; ++i) {
    call.want(high, {.max_layer = static_cast<std::uint8_t>((i + 1) % 3)});
    call.run_for(1s, 12);
  }
  call.run_for(40ms, 0);
  for (Watcher* const watcher : {&high, &low}) {
    EXPECT_LE(ScalableCall::stream_of(*watcher).missing(), 4U);
    EXPECT_LE(watcher->decoder.broken(), 100U);
    EXPECT_GE(watcher->decoder.shown(), 8 * kPictures * 3 / 4);
  }
  EXPECT_EQ(low.decoder.shown(1) + low.decoder.shown(2), 0U);
}

TEST_P(SpatialLayers, layers_that_the_publisher_drops_are_replaced_by_those_that_are_left) {
  ScalableCall call(kind(), workers());
  Watcher& watcher = call.watch();
  call.run_for(2s);
  call.encoder.set_active(1);
  call.run_for(4s);
  watcher.decoder.forget();
  call.run_for(1s, 0);
  EXPECT_GE(watcher.decoder.shown(0), kPictures - 1);
  EXPECT_EQ(watcher.decoder.broken(), 0U);
  EXPECT_EQ(watcher.decoder.misplaced_markers(), 0U);

  call.encoder.set_active(mode().spatial);
  call.force_key = true;
  call.run_for(2s);
  watcher.decoder.forget();
  call.run_for(1s, 0);
  EXPECT_EQ(watcher.decoder.broken(), 0U);
}

constexpr auto kDescriptor = LayerMarking::DependencyDescriptor;
constexpr Kind kAv1Key{"av1_l3t3_key", {3, 3, true}, kDescriptor};
constexpr Kind kAv1Full{"av1_l3t3", {3, 3, false}, kDescriptor};
constexpr Kind kAv1Small{"av1_l2t2", {2, 2, false}, kDescriptor};
constexpr Kind kAv1Flat{"av1_l1t3", {1, 3, false}, kDescriptor};
constexpr Kind kVp9Key{"vp9_l3t3_key", {3, 3, true}, LayerMarking::Vp9};
constexpr Kind kVp9Full{"vp9_l3t3", {3, 3, false}, LayerMarking::Vp9};
constexpr Kind kVp9Small{"vp9_l2t2_key", {2, 2, true}, LayerMarking::Vp9};
constexpr Kind kVp9Both{"vp9_l3t3_key_with_dd", {3, 3, true}, LayerMarking::Both};

constexpr auto kName = [](const auto& info) {
  const std::string name = std::get<Kind>(info.param).name;
  return std::get<unsigned>(info.param) == 1 ? name : name + "_from_another_worker";
};
const auto kWorkers = testing::Values(1U, 2U);
INSTANTIATE_TEST_SUITE_P(Modes, ScalableVideo,
                         testing::Combine(testing::Values(kAv1Key, kAv1Full, kAv1Small, kAv1Flat,
                                                          kVp9Key, kVp9Full, kVp9Small, kVp9Both),
                                          kWorkers),
                         kName);
INSTANTIATE_TEST_SUITE_P(Modes, TemporalLayers,
                         testing::Combine(testing::Values(kAv1Key, kAv1Full, kAv1Flat, kVp9Key,
                                                          kVp9Full, kVp9Both),
                                          kWorkers),
                         kName);
INSTANTIATE_TEST_SUITE_P(Modes, SpatialLayers,
                         testing::Combine(testing::Values(kAv1Key, kAv1Full, kAv1Small, kVp9Key,
                                                          kVp9Full, kVp9Small, kVp9Both),
                                          kWorkers),
                         kName);

}  // namespace
}  // namespace vis::media::sfu
