#include <gtest/gtest.h>

#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::Simulation;

struct Told {
  int times = 0;
  rtp::PlayoutDelay last;
};

Told told_to(Simulation::SubscriberOptions options, double loss = 0) {
  Simulation simulation(5);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber(options);
  Told told;
  subscriber.client->on_playout_delay = [&](const rtp::PlayoutDelay& delay) {
    ++told.times;
    told.last = delay;
  };
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(500ms);
  subscriber.link.loss = loss;
  simulation.run_for(5s, 50ms,
                     [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 500); });
  return told;
}

TEST(PlayoutDelay, is_told_until_the_subscriber_has_reported) {
  const Told told = told_to({.min_playout_delay = 100ms, .max_playout_delay = 2s});
  EXPECT_EQ(told.last, (rtp::PlayoutDelay{.min = 100ms, .max = 2s}));
  EXPECT_GE(told.times, 1);
  EXPECT_LE(told.times, 60) << "reports come twice a second";
}

TEST(PlayoutDelay, is_told_again_where_packets_are_lost) {
  const Told told = told_to({.min_playout_delay = 100ms, .max_playout_delay = 2s}, 0.3);
  EXPECT_EQ(told.last.min, 100ms);
}

TEST(PlayoutDelay, is_not_told_where_nothing_is_set) { EXPECT_EQ(told_to({}).times, 0); }

TEST(PlayoutDelay, that_cannot_be_told_is_told_as_near_as_can_be) {
  const Told told = told_to({.min_playout_delay = 100s, .max_playout_delay = 90s});
  EXPECT_EQ(told.last,
            (rtp::PlayoutDelay{.min = rtp::PlayoutDelay::kMax, .max = rtp::PlayoutDelay::kMax}));
}

}  // namespace
}  // namespace vis::media::sfu
