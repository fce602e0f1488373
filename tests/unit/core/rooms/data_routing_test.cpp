#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class DataRoutingTest : public testing::Test {
 protected:
  RoomService::DataMessage message(const Peer& from) const {
    return {.room = from.room(), .from = from.sid(), .payload = {1, 2, 3}};
  }
  void send(RoomService::DataMessage message) {
    world.rooms.send_data(world.now(), std::move(message));
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  Peer* carol = world.enter("carol");
};

TEST_F(DataRoutingTest, sends_to_all_but_the_sender) {
  send(message(*alice));
  const auto sent = world.media.last<SendData>();
  ASSERT_TRUE(sent);
  EXPECT_THAT(sent->to, UnorderedElementsAre(world.downlink(*bob), world.downlink(*carol)));
  EXPECT_EQ(sent->payload, (ByteVector{1, 2, 3}));
  EXPECT_EQ(world.media.count<SendData>(), 1U) << "one command for all";
}

TEST_F(DataRoutingTest, sends_to_those_named_by_identity_or_sid) {
  RoomService::DataMessage named = message(*alice);
  named.identities = {"bob"};
  send(named);
  EXPECT_THAT(world.media.last<SendData>()->to, ElementsAre(world.downlink(*bob)));
  named = message(*alice);
  named.participants = {carol->sid()};
  send(named);
  EXPECT_THAT(world.media.last<SendData>()->to, ElementsAre(world.downlink(*carol)));
}

TEST_F(DataRoutingTest, never_sends_back_to_the_sender_or_to_those_who_are_absent) {
  RoomService::DataMessage named = message(*alice);
  named.identities = {"alice", "nobody"};
  send(named);
  EXPECT_EQ(world.media.count<SendData>(), 0U);
}

TEST_F(DataRoutingTest, sends_messages_of_the_server_to_everybody) {
  send({.room = alice->room(), .channel = DataChannel::Lossy, .payload = {9}});
  EXPECT_EQ(world.media.last<SendData>()->to.size(), 3U);
  EXPECT_EQ(world.media.last<SendData>()->channel, DataChannel::Lossy);
}

TEST_F(DataRoutingTest, keeps_reliable_data_for_one_who_is_still_connecting) {
  const auto dave = world.join(join_request("dave"));
  world.media.clear();
  send(message(*alice));
  world.advance(1s);
  world.change(*dave, world.primary(*dave), TransportState::Connected);
  EXPECT_EQ(world.media.count<SendData>(), 1U) << "its channel is not open yet";
  world.event(*dave, DataReady{world.downlink(*dave)});
  ASSERT_EQ(world.media.count<SendData>(), 2U);
  EXPECT_THAT(world.media.last<SendData>()->to, ElementsAre(world.downlink(*dave)));
  EXPECT_EQ(world.media.last<SendData>()->payload, (ByteVector{1, 2, 3}));
}

TEST_F(DataRoutingTest, waits_for_the_newcomer_to_be_active_also_when_its_channel_is_open) {
  const auto dave = world.join(join_request("dave"));
  world.event(*dave, DataReady{world.downlink(*dave)});
  world.media.clear();
  send(message(*alice));
  EXPECT_EQ(world.media.last<SendData>()->to.size(), 2U);
  world.change(*dave, world.primary(*dave), TransportState::Connected);
  EXPECT_THAT(world.media.last<SendData>()->to, ElementsAre(world.downlink(*dave)));
}

TEST_F(DataRoutingTest, drops_what_waited_too_long_or_may_be_lost) {
  const auto dave = world.join(join_request("dave"));
  send(message(*alice));
  world.advance(2100ms);
  RoomService::DataMessage lossy = message(*alice);
  lossy.channel = DataChannel::Lossy;
  send(lossy);
  world.media.clear();
  world.connect(*dave);
  EXPECT_EQ(world.media.count<SendData>(), 0U);
}

TEST_F(DataRoutingTest, opens_a_downlink_that_was_not_needed_before) {
  RoomService::DataMessage named = message(*alice);
  JoinRequest quiet = join_request("erin");
  quiet.permissions.can_subscribe = false;
  const auto erin = world.join(quiet);
  world.change(*erin, world.primary(*erin), TransportState::Connected);
  named.identities = {"erin"};
  send(named);
  EXPECT_EQ(world.media.last<StartOffer>()->transport, world.downlink(*erin));
  world.event(*erin, DataReady{world.downlink(*erin)});
  EXPECT_THAT(world.media.last<SendData>()->to, ElementsAre(world.downlink(*erin)));
}

TEST_F(DataRoutingTest, ignores_that_the_channels_of_the_uplink_are_open) {
  const auto dave = world.join(join_request("dave"));
  world.change(*dave, world.primary(*dave), TransportState::Connected);
  world.event(*dave, DataReady{world.uplink(*dave)});
  send(message(*alice));
  EXPECT_EQ(world.media.last<SendData>()->to.size(), 2U);
}

TEST_F(DataRoutingTest, hands_received_data_to_the_session_of_its_sender) {
  world.event(*alice, DataReceived{.transport = world.uplink(*alice), .payload = {7}});
  ASSERT_EQ(alice->session.data.size(), 1U);
  EXPECT_EQ(alice->session.data[0].payload, ByteVector{7});
  EXPECT_TRUE(bob->session.data.empty());
}

TEST_F(DataRoutingTest, drops_data_of_one_who_may_not_send_any) {
  EXPECT_TRUE(world.rooms.can_publish_data(alice->sid()));
  Permissions permissions;
  permissions.can_publish_data = false;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions));
  EXPECT_FALSE(world.rooms.can_publish_data(alice->sid()));
  EXPECT_FALSE(world.rooms.can_publish_data(ParticipantSid("PA_nobody")));
  world.event(*alice, DataReceived{.transport = world.uplink(*alice), .payload = {7}});
  EXPECT_TRUE(alice->session.data.empty());
}

TEST_F(DataRoutingTest, accepts_each_numbered_packet_once_and_unnumbered_ones_always) {
  RoomService& rooms = world.rooms;
  EXPECT_TRUE(rooms.accept_reliable_sequence(alice->sid(), 1));
  EXPECT_TRUE(rooms.accept_reliable_sequence(alice->sid(), 5));
  EXPECT_FALSE(rooms.accept_reliable_sequence(alice->sid(), 5));
  EXPECT_FALSE(rooms.accept_reliable_sequence(alice->sid(), 2));
  EXPECT_TRUE(rooms.accept_reliable_sequence(alice->sid(), 0));
  EXPECT_TRUE(rooms.accept_reliable_sequence(alice->sid(), 0));
  EXPECT_TRUE(rooms.accept_reliable_sequence(bob->sid(), 1)) << "each counts by itself";
  EXPECT_FALSE(rooms.accept_reliable_sequence(ParticipantSid("PA_nobody"), 1));
}

TEST_F(DataRoutingTest, lets_a_session_send_from_within_its_notice) {
  std::size_t sent_within = 0;
  alice->session.on_hear = [&](std::string_view what) {
    if (what != "data") return;
    send(message(*alice));
    sent_within = world.media.count<SendData>();
  };
  world.event(*alice, DataReceived{.transport = world.uplink(*alice), .payload = {7}});
  EXPECT_EQ(sent_within, 0U) << "after what is being told";
  EXPECT_EQ(world.media.count<SendData>(), 1U);
}

}  // namespace
}  // namespace vis::core::rooms
