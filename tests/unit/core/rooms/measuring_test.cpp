#include "core/rooms/measuring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class MeasuringTest : public testing::Test {
 protected:
  /// Counts as of now, and five seconds until the next.
  void sample(MediaSample::Layer layer, MediaSample::Subscription subscription = {}) {
    layer.track = camera;
    layer.active = true;
    subscription.track = camera;
    subscription.transport = world.downlink(*bob);
    MediaSample sample{.room = alice->room(), .transports = {}, .layers = {layer}};
    for (const Peer* peer : {alice, bob}) {
      sample.transports.push_back({.transport = world.uplink(*peer), .connected = true});
      sample.transports.push_back({.transport = world.downlink(*peer),
                                   .connected = true,
                                   .way = MediaSample::Way::Turn,
                                   .round_trip_ms = 40,
                                   .available_kbps = 2000,
                                   .wanted_kbps = 2500,
                                   .granted_kbps = 1800,
                                   .loss = subscription.loss,
                                   .packets = subscription.packets,
                                   .bytes = subscription.bytes});
    }
    sample.subscriptions.push_back(subscription);
    world.event(*alice, std::move(sample));
    world.advance(5s);
  }
  ParticipantReport report(const Peer& peer) {
    return world.rooms
        .participant_report({.project = ProjectId("demo"),
                             .room_name = "meeting",
                             .identity = peer.joined.participant.identity})
        .value();
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  TrackSid camera = world.publish(*alice, TrackSource::Camera);
};

TEST_F(MeasuringTest, makes_rates_of_counts) {
  sample({.packets = 100, .bytes = 100'000, .frames = 20});
  EXPECT_THAT(report(*alice).points, IsEmpty());
  sample({.packets = 595, .bytes = 725'000, .lost = 5, .frames = 145, .jitter_ms = 7},
         {.packets = 400, .bytes = 500'000, .layer = 0, .loss = 0.02});

  const ParticipantReport publisher = report(*alice);
  ASSERT_THAT(publisher.points, SizeIs(1));
  EXPECT_EQ(publisher.latest, publisher.points[0]);
  EXPECT_EQ(publisher.latest.received_kbps, 1000);
  EXPECT_EQ(publisher.latest.uplink_loss_permille, 10);
  EXPECT_EQ(publisher.latest.jitter_ms, 7);
  EXPECT_EQ(publisher.received_packets, 595U);
  ASSERT_THAT(publisher.tracks, SizeIs(1));
  ASSERT_THAT(publisher.tracks[0].layers, SizeIs(1));
  const LayerReport& layer = publisher.tracks[0].layers[0];
  EXPECT_EQ(layer.latest.kbps, 1000);
  EXPECT_EQ(layer.latest.frames_per_second, 25);
  EXPECT_EQ(layer.counts.packets, 595U);
  EXPECT_THAT(layer.points, SizeIs(1));

  const ParticipantReport subscriber = report(*bob);
  EXPECT_EQ(subscriber.latest.sent_kbps, 800);
  EXPECT_EQ(subscriber.latest.round_trip_ms, 40);
  EXPECT_EQ(subscriber.latest.available_kbps, 2000);
  EXPECT_EQ(subscriber.latest.wanted_kbps, 2500);
  EXPECT_EQ(subscriber.latest.granted_kbps, 1800);
  EXPECT_EQ(subscriber.way, MediaSample::Way::Turn);
  EXPECT_EQ(subscriber.latest.downlink_loss_permille, 20);
  ASSERT_THAT(subscriber.subscriptions, SizeIs(1));
  EXPECT_EQ(subscriber.subscriptions[0].publisher, "alice");
  EXPECT_EQ(subscriber.subscriptions[0].counts.layer, 0);
}

TEST_F(MeasuringTest, counts_who_is_connected_by_which_way) {
  sample({});
  EXPECT_EQ(world.rooms.totals().by_way, (std::array<std::size_t, 3>{0, 0, 2}));
}

TEST_F(MeasuringTest, takes_a_count_that_fell_for_one_of_a_new_stream) {
  sample({.packets = 5000, .bytes = 9'000'000});
  sample({.packets = 100, .bytes = 62'500});
  EXPECT_EQ(report(*alice).tracks[0].layers[0].latest.kbps, 100);
}

TEST_F(MeasuringTest, passes_over_what_has_gone_and_what_cannot_be) {
  sample({.index = kMeasuredLayers, .packets = 1});
  EXPECT_THAT(report(*alice).tracks[0].layers, IsEmpty());
  world.event(*alice, MediaSample{.room = alice->room(),
                                  .transports = {{.transport = TransportId{999}}},
                                  .layers = {{.track = TrackSid("TR_gone"), .packets = 1}},
                                  .subscriptions = {{.transport = TransportId{999}}}});
  EXPECT_THAT(report(*alice).points, IsEmpty());
}

TEST_F(MeasuringTest, forgets_what_it_measured_with_whom_it_measured) {
  sample({.packets = 1});
  sample({.packets = 2});
  EXPECT_THAT(report(*alice).points, SizeIs(1));
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  alice = world.enter("alice");
  EXPECT_THAT(report(*alice).points, IsEmpty());
}

TEST_F(MeasuringTest, reports_a_room_with_everybody_in_it) {
  const auto report = world.rooms.room_report(ProjectId("demo"), "meeting");
  ASSERT_TRUE(report.has_value());
  ASSERT_THAT(report->participants, SizeIs(2));
  EXPECT_EQ(report->participants[0].info.identity, "alice");
  EXPECT_TRUE(report->participants[0].connected);
  EXPECT_EQ(world.rooms.room_report(ProjectId("other"), "meeting").error().code, Errc::NotFound);
}

TEST(QualityCause, is_what_lowers_the_score_most) {
  using enum ConnectionQuality;
  EXPECT_EQ(cause_of({.uplink_loss_permille = 100}, Excellent), QualityCause::None);
  EXPECT_EQ(cause_of({}, Lost), QualityCause::Disconnected);
  EXPECT_EQ(cause_of({.round_trip_ms = 100, .uplink_loss_permille = 50}, Good),
            QualityCause::UplinkLoss);
  EXPECT_EQ(cause_of({.uplink_loss_permille = 50, .downlink_loss_permille = 60}, Good),
            QualityCause::DownlinkLoss);
  EXPECT_EQ(cause_of({.round_trip_ms = 900, .jitter_ms = 20}, Good), QualityCause::RoundTrip);
  EXPECT_EQ(cause_of({.round_trip_ms = 20, .jitter_ms = 200}, Good), QualityCause::Jitter);
  EXPECT_EQ(
      cause_of({.wanted_kbps = 1000, .granted_kbps = 300, .downlink_loss_permille = 20}, Good),
      QualityCause::Bandwidth);
  EXPECT_EQ(cause_of({.wanted_kbps = 1000, .granted_kbps = 1000}, Good), QualityCause::None);
  EXPECT_EQ(cause_of({}, Good), QualityCause::None);
}

}  // namespace
}  // namespace vis::core::rooms
