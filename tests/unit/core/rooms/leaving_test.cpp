#include <gtest/gtest.h>

#include "core/rooms/room.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using Left = RecordingSession::Left;

class Leaving : public testing::Test {
 protected:
  RoomWorld world;
};

TEST_F(Leaving, tells_the_others_at_once_with_the_reason_and_without_tracks) {
  const auto bob = world.enter("bob");
  const auto alice = world.enter("alice");
  world.publish(*alice, TrackSource::Camera);
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  const auto seen = bob->session.seen(alice->sid());
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->state, ParticipantState::Disconnected);
  EXPECT_EQ(seen->disconnect_reason, LeaveReason::ClientInitiated);
  EXPECT_TRUE(seen->tracks.empty());
}

TEST_F(Leaving, tells_the_one_who_leaves_nothing_more) {
  const auto alice = world.enter("alice");
  alice->session.clear();
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  world.advance(10s);
  EXPECT_TRUE(alice->session.heard.empty());
}

TEST_F(Leaving, takes_back_what_was_about_to_be_told_to_a_session_that_ends) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  bob->session.clear();
  carol->session.clear();
  // Alice hears first; the others' turn would come in the same delivery.
  alice->session.on_hear = [&](std::string_view) {
    world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
    world.rooms.signal_lost(world.now(), carol->sid(), carol->session);
  };
  world.rooms.update_room_metadata(world.now(), ProjectId("demo"), "meeting", "m").value();
  EXPECT_TRUE(bob->session.heard.empty());
  EXPECT_TRUE(carol->session.heard.empty());
}

TEST_F(Leaving, closes_the_transports_after_ending_what_was_published) {
  const auto bob = world.enter("bob");
  const auto alice = world.enter("alice");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ASSERT_TRUE(world.is_subscribed(*bob, track));
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  EXPECT_EQ(world.media.last<Unpublish>()->track, track);
  EXPECT_EQ(world.media.count<CloseTransport>(), 2U);
  EXPECT_TRUE(std::holds_alternative<CloseTransport>(world.media.commands.back()));
}

TEST_F(Leaving, happens_at_once_when_signalling_is_lost_before_media_was_up) {
  const auto alice = world.join(join_request("alice"));
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  EXPECT_EQ(world.rooms.totals().participants, 0U);
  EXPECT_FALSE(alice->session.left);
  EXPECT_EQ(world.journal.entries.back().participant.disconnect_reason, LeaveReason::SignalClose);
}

TEST_F(Leaving, waits_for_media_when_only_signalling_is_lost) {
  const auto alice = world.enter("alice");
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  alice->session.clear();
  const auto bob = world.enter("bob");
  world.advance(10min);
  EXPECT_EQ(world.rooms.totals().participants, 2U);
  EXPECT_TRUE(alice->session.heard.empty());
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  EXPECT_EQ(bob->session.seen(alice->sid())->disconnect_reason, LeaveReason::ConnectionTimeout);
}

TEST_F(Leaving, by_an_older_socket_does_not_count) {
  const auto alice = world.join(join_request("alice"));
  RecordingSession older;
  world.rooms.signal_lost(world.now(), alice->sid(), older);
  EXPECT_EQ(world.rooms.totals().participants, 1U);
}

TEST_F(Leaving, follows_a_failed_transport_when_nobody_resumes_within_five_seconds) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter("bob");
  world.change(*alice, world.uplink(*alice), TransportState::Failed);
  EXPECT_EQ(alice->session.left, (Left{LeaveReason::ConnectionTimeout, LeaveAction::Resume}));
  world.advance(Room::kResumeGrace - 100ms);
  EXPECT_EQ(world.rooms.totals().participants, 2U);
  world.advance(100ms);
  EXPECT_EQ(bob->session.seen(alice->sid())->state, ParticipantState::Disconnected);
}

TEST_F(Leaving, gives_the_grace_of_a_failed_transport_only_once) {
  const auto alice = world.enter("alice");
  world.change(*alice, world.uplink(*alice), TransportState::Failed);
  world.advance(4s);
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  world.advance(1s);
  EXPECT_EQ(world.rooms.totals().participants, 0U);
}

TEST_F(Leaving, does_not_follow_a_transport_that_failed_before_it_was_ever_up) {
  const auto alice = world.join(join_request("alice"));
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  world.advance(30s);
  EXPECT_FALSE(alice->session.left);
}

TEST_F(Leaving, does_not_follow_a_transport_that_is_only_disconnected) {
  const auto alice = world.enter("alice");
  world.change(*alice, world.downlink(*alice), TransportState::Disconnected);
  world.advance(1min);
  EXPECT_FALSE(alice->session.left);
}

TEST_F(Leaving, ends_a_room_that_nobody_joined_after_its_empty_timeout) {
  ASSERT_TRUE(world.rooms.create_room(world.now(), ProjectId("demo"), "meeting",
                                      {.empty_timeout = 10s, .departure_timeout = 1s}));
  world.advance(9900ms);
  EXPECT_EQ(world.rooms.totals().rooms, 1U);
  world.advance(100ms);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
  EXPECT_EQ(world.journal.entries.back().what, "room_finished");
  EXPECT_EQ(world.journal.entries.back().reason, LeaveReason::RoomClosed);
  EXPECT_TRUE(world.media.open_rooms.empty());
}

TEST_F(Leaving, ends_a_room_some_time_after_the_last_one_left) {
  const auto alice = world.enter("alice");
  world.advance(10min);
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  world.advance(19900ms);
  EXPECT_EQ(world.rooms.totals().rooms, 1U);
  world.advance(100ms);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
}

TEST_F(Leaving, starts_the_time_again_when_somebody_came_back) {
  const auto alice = world.enter("alice");
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  world.advance(15s);
  const auto bob = world.enter("bob");
  world.advance(15s);
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(15s);
  EXPECT_EQ(world.rooms.totals().rooms, 1U);
}

TEST_F(Leaving, closes_a_room_over_the_heads_of_agents_and_recorders) {
  JoinRequest request = join_request("recorder");
  request.permissions.recorder = true;
  request.permissions.hidden = true;
  const auto recorder = world.enter(request);
  const auto alice = world.enter("alice");
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  world.advance(20s);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
  EXPECT_EQ(recorder->session.left, (Left{LeaveReason::RoomClosed, LeaveAction::Disconnect}));
}

TEST_F(Leaving, counts_a_room_with_an_agent_alone_as_never_joined) {
  JoinRequest request = join_request("agent");
  request.permissions.agent = true;
  world.enter(request);
  world.advance(299s);
  EXPECT_EQ(world.rooms.totals().rooms, 1U);
  world.advance(1s);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
}

TEST_F(Leaving, of_the_last_person_counts_also_when_it_turns_into_a_recorder) {
  world.enter("alice");
  Permissions permissions;
  permissions.recorder = true;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions));
  world.advance(20s);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
}

TEST_F(Leaving, at_shut_down_sends_everybody_to_another_server) {
  const auto alice = world.enter("alice");
  const auto bob = world.join(join_request("bob"));
  world.rooms.shut_down(world.now());
  const Left expected{LeaveReason::ServerShutdown, LeaveAction::Reconnect};
  EXPECT_EQ(alice->session.left, expected);
  EXPECT_EQ(bob->session.left, expected);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
  EXPECT_TRUE(world.media.open_rooms.empty());
  EXPECT_EQ(world.journal.entries.back().reason, LeaveReason::ServerShutdown);
  EXPECT_EQ(world.try_join(join_request("carol")).error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace vis::core::rooms
