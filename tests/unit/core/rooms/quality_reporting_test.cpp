#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;

class QualityReportingTest : public testing::Test {
 protected:
  void report(std::vector<TransportQuality> transports) {
    world.event(*alice, QualityReport{.room = alice->room(), .transports = std::move(transports)});
  }
  TransportQuality good(const Peer& peer) const {
    return {.transport = world.uplink(peer), .receiving = true, .round_trip_ms = 20};
  }
  TransportQuality bad(const Peer& peer) const {
    TransportQuality quality = good(peer);
    quality.uplink_loss = 0.2;
    return quality;
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  Peer* carol = world.enter("carol");
  TrackSid camera = world.publish(*alice, TrackSource::Camera);
};

TEST_F(QualityReportingTest, tells_oneself_and_those_who_receive) {
  world.bind_subscription(*bob, camera);
  report({good(*alice)});
  ASSERT_EQ(alice->session.qualities.size(), 1U);
  EXPECT_EQ(alice->session.qualities[0].quality, ConnectionQuality::Excellent);
  ASSERT_EQ(bob->session.qualities.size(), 1U);
  EXPECT_EQ(bob->session.qualities[0].participant, alice->sid());
  EXPECT_THAT(carol->session.qualities, IsEmpty());
}

TEST_F(QualityReportingTest, tells_only_when_the_grade_changes) {
  report({good(*alice)});
  report({good(*alice)});
  EXPECT_EQ(alice->session.qualities.size(), 1U);
  report({bad(*alice)});
  report({bad(*alice)});
  report({bad(*alice)});
  EXPECT_EQ(alice->session.qualities.back().quality, ConnectionQuality::Poor);
  EXPECT_LE(alice->session.qualities.size(), 3U);
}

TEST_F(QualityReportingTest, takes_the_worse_of_two_transports) {
  TransportQuality downlink{.transport = world.downlink(*alice), .downlink_loss = 0.5};
  report({good(*alice), downlink});
  EXPECT_NE(alice->session.qualities.back().quality, ConnectionQuality::Excellent);
}

TEST_F(QualityReportingTest, calls_a_connection_lost_when_its_transport_is_down) {
  world.bind_subscription(*bob, camera);
  world.change(*alice, world.downlink(*alice), TransportState::Disconnected);
  report({{.transport = world.downlink(*alice)}});
  ASSERT_FALSE(bob->session.qualities.empty());
  EXPECT_EQ(bob->session.qualities.back().quality, ConnectionQuality::Lost);
}

TEST_F(QualityReportingTest, says_nothing_of_those_whom_another_worker_reports) {
  world.change(*alice, world.downlink(*alice), TransportState::Disconnected);
  report({good(*bob)});
  EXPECT_THAT(alice->session.qualities, IsEmpty());
}

TEST_F(QualityReportingTest, never_calls_a_connection_lost_while_packets_arrive) {
  world.change(*alice, world.downlink(*alice), TransportState::Disconnected);
  for (int i = 0; i < 10; ++i) {
    TransportQuality terrible = good(*alice);
    terrible.uplink_loss = 0.99;
    report({terrible});
  }
  for (const QualityUpdate& update : alice->session.qualities) {
    EXPECT_NE(update.quality, ConnectionQuality::Lost);
  }
}

TEST_F(QualityReportingTest, does_not_grade_one_who_is_not_active_or_not_reported) {
  const auto dave = world.join(join_request("dave"));
  report({good(*dave)});
  EXPECT_THAT(dave->session.qualities, IsEmpty());
  EXPECT_THAT(alice->session.qualities, IsEmpty());
}

TEST_F(QualityReportingTest, tells_a_new_subscriber_what_is_known) {
  report({good(*alice)});
  world.bind_subscription(*bob, camera);
  ASSERT_EQ(bob->session.qualities.size(), 1U);
  EXPECT_EQ(bob->session.qualities[0].participant, alice->sid());
}

}  // namespace
}  // namespace vis::core::rooms
