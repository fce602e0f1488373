// What the engine tells of a room every few seconds, for whoever wants to see it.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/limits/media_sfu.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LiveCall;
using test::Simulation;

constexpr std::uint64_t kSeed = 23;
/// Long enough for a sample to be taken on the way.
constexpr Duration kPeriod = 6s;

const RoomSample::Layer* layer_of(const RoomSample& sample, const std::string& track) {
  const auto found = std::ranges::find(sample.layers, TrackId(track), &RoomSample::Layer::track);
  return found == sample.layers.end() ? nullptr : &*found;
}

TEST(RoomSample, tells_what_arrives_and_what_is_sent) {
  LiveCall call(kSeed);
  call.run_for(kPeriod);
  ASSERT_TRUE(call.simulation.sample);
  const RoomSample first = *call.simulation.sample;
  call.run_for(5s);
  const RoomSample& sample = *call.simulation.sample;

  ASSERT_EQ(sample.transports.size(), 2U);
  ASSERT_EQ(sample.layers.size(), 2U);
  ASSERT_EQ(sample.subscriptions.size(), 2U);
  for (const RoomSample::Layer& layer : sample.layers) {
    const RoomSample::Layer* const before = layer_of(first, layer.track.str());
    ASSERT_NE(before, nullptr);
    EXPECT_TRUE(layer.active);
    EXPECT_EQ(layer.lost, 0U);
    // 25 frames of three packets of video and 50 packets of audio a second, for five seconds.
    const bool video = layer.frames != 0;
    EXPECT_NEAR(static_cast<double>(layer.packets - before->packets), video ? 375 : 250, 6);
    EXPECT_NEAR(static_cast<double>(layer.frames - before->frames), video ? 125 : 0, 2);
    EXPECT_EQ(video, layer.key_frames != 0);
    const auto sent =
        std::ranges::find(sample.subscriptions, layer.track, &RoomSample::Subscription::track);
    ASSERT_NE(sent, sample.subscriptions.end());
    EXPECT_EQ(sent->transport, call.subscriber.id);
    EXPECT_EQ(sent->layer, 0);
    EXPECT_NEAR(static_cast<double>(sent->packets), static_cast<double>(layer.packets), 40);
  }
  const auto downlink =
      std::ranges::find(sample.transports, call.subscriber.id, &RoomSample::Transport::transport);
  ASSERT_NE(downlink, sample.transports.end());
  EXPECT_TRUE(downlink->connected);
  EXPECT_EQ(downlink->packets, sample.subscriptions[0].packets + sample.subscriptions[1].packets);
}

TEST(RoomSample, counts_losses_and_what_is_done_about_them) {
  LiveCall call(kSeed, {.network = {.link = {.loss = 0.05}}});
  call.run_for(12s);
  ASSERT_TRUE(call.simulation.sample);
  const RoomSample& sample = *call.simulation.sample;
  const auto camera = std::ranges::find_if(
      sample.layers, [](const RoomSample::Layer& layer) { return layer.frames != 0; });
  ASSERT_NE(camera, sample.layers.end());
  EXPECT_GT(camera->lost, 0U);
  EXPECT_GT(camera->nacks, 0U);
  const auto sent =
      std::ranges::find(sample.subscriptions, camera->track, &RoomSample::Subscription::track);
  ASSERT_NE(sent, sample.subscriptions.end());
  EXPECT_GT(sent->nacks, 0U);
  EXPECT_GT(sent->retransmitted, 0U);
  EXPECT_GE(call.simulation.counters().nacks_sent, camera->nacks);
  EXPECT_GE(call.simulation.counters().nacks_received, sent->nacks);
}

TEST(RoomSample, tells_no_more_subscriptions_one_by_one_than_its_limit) {
  RoomSample sample;
  for (std::size_t i = 0; i < limits::kSampledSubscriptions; ++i) sample.add({.packets = 1});
  EXPECT_EQ(sample.subscriptions.size(), limits::kSampledSubscriptions);
  sample.add({.packets = 1});
  EXPECT_EQ(sample.subscriptions.size(), limits::kSampledSubscriptions);
}

}  // namespace
}  // namespace vis::media::sfu
