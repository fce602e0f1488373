#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"
#include "core/rooms/room.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;
using Left = RecordingSession::Left;

class Resuming : public testing::Test {
 protected:
  Result<ResumeResult> resume(const Peer& peer, RecordingSession& session) {
    return world.rooms.resume(world.now(), join_request(peer.joined.participant.identity),
                              peer.sid(), session);
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  RecordingSession second;
};

TEST_F(Resuming, continues_the_session_with_the_same_sid_and_a_full_picture) {
  const TrackSid track = world.publish(*bob, TrackSource::Camera);
  world.rooms.accept_reliable_sequence(alice->sid(), 41);
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  world.advance(10s);
  const auto resumed = resume(*alice, second);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->snapshot.participant.sid, alice->sid());
  EXPECT_EQ(resumed->snapshot.room.sid, alice->room());
  EXPECT_EQ(resumed->last_reliable_sequence, 41U);
  ASSERT_EQ(resumed->snapshot.others.size(), 1U);
  EXPECT_EQ(resumed->snapshot.others[0].tracks.at(0).sid, track);
  EXPECT_EQ(world.rooms.totals().participants, 2U);
  EXPECT_THAT(second.heard, IsEmpty()) << "nothing before the answer is out";
}

TEST_F(Resuming, restarts_ice_of_the_transport_that_the_server_offers) {
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  ASSERT_TRUE(resume(*alice, second));
  ASSERT_EQ(world.media.count<RestartIce>(), 1U);
  EXPECT_EQ(world.media.last<RestartIce>()->transport, world.downlink(*alice));
}

TEST_F(Resuming, leaves_the_restart_of_a_single_transport_to_the_client) {
  JoinRequest request = join_request("carol");
  request.single_transport = true;
  const auto carol = world.enter(request);
  ASSERT_TRUE(resume(*carol, second));
  EXPECT_EQ(world.media.count<RestartIce>(), 0U);
}

TEST_F(Resuming, takes_over_from_a_socket_that_is_still_open) {
  ASSERT_TRUE(resume(*alice, second));
  alice->session.clear();
  world.publish(*bob, TrackSource::Camera);
  EXPECT_THAT(alice->session.heard, IsEmpty());
  EXPECT_TRUE(second.seen(bob->sid()));
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  EXPECT_EQ(world.rooms.totals().participants, 2U);
  bob->session.clear();
  world.publish(*bob, TrackSource::Microphone);
  EXPECT_EQ(second.times_heard("participants"), 2U) << "the new socket is still told";
}

TEST_F(Resuming, is_refused_for_a_session_that_is_not_there) {
  RecordingSession session;
  EXPECT_EQ(
      world.rooms.resume(world.now(), join_request("alice"), ParticipantSid("PA_other"), session)
          .error()
          .code,
      Errc::FailedPrecondition);
  EXPECT_EQ(
      world.rooms.resume(world.now(), join_request("carol"), alice->sid(), session).error().code,
      Errc::FailedPrecondition);
  JoinRequest elsewhere = join_request("alice");
  elsewhere.room_name = "elsewhere";
  EXPECT_EQ(world.rooms.resume(world.now(), elsewhere, alice->sid(), session).error().code,
            Errc::FailedPrecondition);
  alice->session.clear();
  world.publish(*bob, TrackSource::Camera);
  EXPECT_FALSE(alice->session.heard.empty()) << "the live session goes on";
}

TEST_F(Resuming, is_refused_for_a_session_without_media) {
  const auto carol = world.join(join_request("carol"));
  EXPECT_EQ(resume(*carol, second).error().code, Errc::FailedPrecondition);
}

TEST_F(Resuming, tells_who_left_while_the_socket_was_dead_before_all_others) {
  const auto carol = world.enter("carol");
  world.rooms.leave(world.now(), carol->sid(), LeaveReason::ClientInitiated);
  world.advance(10s);  // Nobody knew that the socket of alice was dead already.
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  const auto dave = world.enter("dave");
  world.rooms.leave(world.now(), dave->sid(), LeaveReason::ClientInitiated);
  world.advance(20s);
  const auto resumed = resume(*alice, second);
  ASSERT_TRUE(resumed);
  const auto& others = resumed->snapshot.others;
  ASSERT_EQ(others.size(), 3U);
  EXPECT_EQ(others[0].sid, carol->sid());
  EXPECT_EQ(others[0].state, ParticipantState::Disconnected);
  EXPECT_EQ(others[1].sid, dave->sid());
  EXPECT_EQ(others[2].sid, bob->sid());
}

TEST_F(Resuming, does_not_tell_of_departures_that_must_have_been_heard) {
  const auto carol = world.enter("carol");
  world.rooms.leave(world.now(), carol->sid(), LeaveReason::ClientInitiated);
  world.advance(Room::kSilentLoss + 100ms);
  const auto resumed = resume(*alice, second);
  EXPECT_EQ(resumed->snapshot.others.size(), 1U);
}

TEST_F(Resuming, counts_missed_departures_from_the_latest_resume) {
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  ASSERT_TRUE(resume(*alice, second));
  const auto carol = world.enter("carol");
  world.rooms.leave(world.now(), carol->sid(), LeaveReason::ClientInitiated);
  world.advance(5min);
  RecordingSession third;
  EXPECT_EQ(resume(*alice, third)->snapshot.others.size(), 1U);
}

TEST_F(Resuming, takes_back_what_was_about_to_be_told_to_the_old_socket) {
  alice->session.clear();
  RecordingSession replacing;
  const auto carol = world.enter("carol");
  const auto dave = world.enter("dave");
  dave->session.clear();
  carol->session.on_hear = [&](std::string_view) {
    if (dave->session.left) return;
    dave->session.left = Left{};
    EXPECT_TRUE(resume(*dave, replacing));
  };
  world.rooms.update_room_metadata(world.now(), ProjectId("demo"), "meeting", "m").value();
  EXPECT_THAT(dave->session.heard, IsEmpty());
}

TEST_F(Resuming, does_not_report_as_gone_who_came_back_meanwhile) {
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  const auto bob_again = world.enter("bob");
  const auto resumed = resume(*alice, second);
  ASSERT_EQ(resumed->snapshot.others.size(), 1U);
  EXPECT_EQ(resumed->snapshot.others[0].sid, bob_again->sid());
}

TEST_F(Resuming, is_refused_when_too_many_have_left_to_tell_of) {
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  for (std::size_t i = 0; i <= limits::kDeparturesRemembered; ++i) {
    const auto guest = world.join(join_request("guest"));
    world.rooms.leave(world.now(), guest->sid(), LeaveReason::ClientInitiated);
  }
  EXPECT_EQ(resume(*alice, second).error().code, Errc::FailedPrecondition);
}

TEST_F(Resuming, within_the_grace_of_a_failed_transport_keeps_the_session) {
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  world.advance(4s);
  ASSERT_TRUE(resume(*alice, second));
  world.advance(10s);
  world.change(*alice, world.downlink(*alice), TransportState::Connected);
  world.advance(1min);
  EXPECT_FALSE(second.left);
  EXPECT_EQ(world.rooms.totals().participants, 2U);
}

TEST_F(Resuming, ends_when_the_transports_do_not_come_back) {
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  ASSERT_TRUE(resume(*alice, second));
  world.advance(Room::kRestoreTimeout);
  EXPECT_EQ(second.left, (Left{LeaveReason::ConnectionTimeout, LeaveAction::Reconnect}));
}

TEST_F(Resuming, waits_for_every_transport_that_had_failed) {
  world.change(*alice, world.downlink(*alice), TransportState::Failed);
  world.change(*alice, world.uplink(*alice), TransportState::Failed);
  ASSERT_TRUE(resume(*alice, second));
  world.change(*alice, world.downlink(*alice), TransportState::Connected);
  world.advance(Room::kRestoreTimeout);
  EXPECT_TRUE(second.left);
}

TEST_F(Resuming, repeats_what_may_have_been_missed) {
  const TrackSid camera = world.publish(*alice, TrackSource::Camera);
  const TrackSid microphone = world.publish(*bob, TrackSource::Microphone);
  world.bind_subscription(*alice, microphone);
  world.event(
      *bob, QualityReport{.room = bob->room(), .transports = {{.transport = world.uplink(*bob)}}});
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  world.event(*bob, AudioLevels{.room = bob->room(), .levels = {{microphone, 10, 90}}});
  ASSERT_TRUE(resume(*alice, second));
  world.advance(100ms);
  ASSERT_EQ(second.wanted.size(), 1U);
  EXPECT_EQ(second.wanted[0].track, camera);
  EXPECT_EQ(second.wanted[0].highest, VideoQuality::High);
  ASSERT_EQ(second.speakers.size(), 1U);
  EXPECT_EQ(second.speakers[0].participant, bob->sid());
  ASSERT_EQ(second.qualities.size(), 1U);
  EXPECT_EQ(second.qualities[0].participant, bob->sid());
  world.advance(100ms);
  EXPECT_EQ(second.wanted.size(), 1U) << "once";
}

TEST_F(Resuming, drops_what_was_meant_for_the_lost_socket) {
  world.rooms.signal_lost(world.now(), alice->sid(), alice->session);
  alice->session.clear();
  world.event(*alice, LocalDescription{.transport = world.downlink(*alice), .is_offer = true});
  world.event(*alice, DataReceived{.transport = world.uplink(*alice)});
  EXPECT_THAT(alice->session.heard, IsEmpty());
}

}  // namespace
}  // namespace vis::core::rooms
