#include <gtest/gtest.h>

#include "core/rooms/announcer.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

class Announcing : public testing::Test {
 protected:
  static JoinRequest hidden(std::string identity) {
    JoinRequest request = join_request(std::move(identity));
    request.permissions.hidden = true;
    return request;
  }
  static JoinRequest editor(std::string identity) {
    JoinRequest request = join_request(std::move(identity));
    request.permissions.can_update_own_metadata = true;
    return request;
  }
  void rename(const Peer& peer, std::string name) {
    ASSERT_TRUE(world.rooms.update_own(world.now(), peer.sid(), {.name = std::move(name)}));
  }

  RoomWorld world;
};

TEST_F(Announcing, tells_that_viewers_became_active_together_and_not_more_often_than_needed) {
  const auto alice = world.enter("alice");
  const auto bob = world.join(join_request("bob"));
  const auto carol = world.join(join_request("carol"));
  world.advance(5s);
  alice->session.clear();
  world.connect(*bob);
  EXPECT_EQ(alice->session.times_heard("participants"), 1U) << "the first one at once";
  world.connect(*carol);
  const auto dave = world.enter("dave");
  EXPECT_EQ(alice->session.times_heard("participants"), 2U) << "that dave joined";
  world.advance(Announcer::kBatchInterval);
  EXPECT_EQ(alice->session.times_heard("participants"), 3U) << "the others in one message";
  EXPECT_EQ(alice->session.seen(carol->sid())->state, ParticipantState::Active);
  EXPECT_EQ(alice->session.seen(dave->sid())->state, ParticipantState::Active);
}

TEST_F(Announcing, does_not_repeat_in_a_batch_what_was_told_at_once) {
  const auto alice = world.enter("alice");
  const auto bob = world.join(join_request("bob"));
  world.enter("carol");
  world.connect(*bob);  // Waits for the next batch.
  world.publish(*bob, TrackSource::Microphone);
  alice->session.clear();
  world.advance(Announcer::kBatchInterval);
  EXPECT_FALSE(alice->session.seen(bob->sid()));
}

TEST_F(Announcing, does_not_tell_of_one_who_left_before_the_batch_was_due) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter("bob");
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(5s);
  EXPECT_EQ(alice->session.seen(bob->sid())->state, ParticipantState::Disconnected);
}

TEST_F(Announcing, lets_versions_rise_with_every_change) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter(editor("bob"));
  world.publish(*bob, TrackSource::Camera);
  rename(*bob, "Bob");
  rename(*bob, "Robert");
  std::uint32_t last = 0;
  for (const ParticipantInfo& seen : alice->session.participants) {
    if (seen.sid != bob->sid()) continue;
    EXPECT_GT(seen.version, last);
    last = seen.version;
  }
  EXPECT_EQ(alice->session.participants.back().name, "Robert");
}

TEST_F(Announcing, sends_full_snapshots_with_every_track) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter(editor("bob"));
  world.publish(*bob, TrackSource::Camera);
  world.publish(*bob, TrackSource::Microphone);
  rename(*bob, "Bob");
  const ParticipantInfo& seen = alice->session.participants.back();
  EXPECT_EQ(seen.tracks.size(), 2U);
  EXPECT_EQ(seen.state, ParticipantState::Active);
  EXPECT_EQ(seen.identity, "bob");
}

TEST_F(Announcing, tells_everybody_of_a_changed_description_also_the_one_who_changed_it) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter(editor("bob"));
  bob->session.clear();
  rename(*bob, "Bob");
  ASSERT_TRUE(bob->session.seen(bob->sid()));
  EXPECT_EQ(bob->session.seen(bob->sid())->name, "Bob");
  EXPECT_EQ(alice->session.seen(bob->sid())->name, "Bob");
}

TEST_F(Announcing, never_shows_the_hidden) {
  const auto alice = world.enter("alice");
  const auto ghost = world.enter(hidden("ghost"));
  const auto bob = world.enter("bob");
  world.publish(*ghost, TrackSource::Microphone);
  world.rooms.leave(world.now(), ghost->sid(), LeaveReason::ClientInitiated);
  world.advance(10s);
  EXPECT_FALSE(alice->session.seen(ghost->sid()));
  for (const auto& other : bob->joined.others) EXPECT_NE(other.identity, "ghost");
}

TEST_F(Announcing, tells_the_hidden_of_themselves_and_the_others) {
  JoinRequest request = hidden("ghost");
  request.permissions.can_update_own_metadata = true;
  const auto ghost = world.enter(request);
  rename(*ghost, "Boo");
  EXPECT_EQ(ghost->session.seen(ghost->sid())->name, "Boo");
  const auto alice = world.enter("alice");
  EXPECT_TRUE(ghost->session.seen(alice->sid()));
}

TEST_F(Announcing, leaves_the_hidden_and_the_dependent_out_of_the_counts) {
  const auto alice = world.enter("alice");
  const auto ghost = world.enter(hidden("ghost"));
  JoinRequest agent_request = join_request("agent");
  agent_request.kind = ParticipantKind::Agent;
  world.enter(agent_request);
  world.publish(*alice, TrackSource::Microphone);
  world.publish(*ghost, TrackSource::Microphone);
  const auto room = world.rooms.find_room(ProjectId("demo"), "meeting");
  EXPECT_EQ(room->participants, 1U);
  EXPECT_EQ(room->publishers, 1U);
}

TEST_F(Announcing, tells_of_changed_counts_within_five_seconds) {
  const auto alice = world.enter("alice");
  world.advance(10s);
  alice->session.clear();
  world.enter("bob");
  world.enter("carol");
  world.advance(Announcer::kRoomInterval);
  ASSERT_FALSE(alice->session.rooms.empty());
  EXPECT_LE(alice->session.rooms.size(), 2U);
  EXPECT_EQ(alice->session.rooms.back().participants, 3U);
}

TEST_F(Announcing, counts_publishers_as_they_begin_and_end) {
  const auto alice = world.enter("alice");
  world.advance(Announcer::kRoomInterval);
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  world.advance(Announcer::kRoomInterval);
  EXPECT_EQ(alice->session.rooms.back().publishers, 1U);
  world.event(*alice, TrackEnded{track});
  world.advance(Announcer::kRoomInterval);
  EXPECT_EQ(alice->session.rooms.back().publishers, 0U);
}

TEST_F(Announcing, tells_of_a_recording_at_once) {
  const auto alice = world.enter("alice");
  JoinRequest request = hidden("recorder");
  request.permissions.recorder = true;
  const auto recorder = world.join(request);
  alice->session.clear();
  world.connect(*recorder);
  ASSERT_FALSE(alice->session.rooms.empty());
  EXPECT_TRUE(alice->session.rooms.back().active_recording);
  world.rooms.leave(world.now(), recorder->sid(), LeaveReason::ClientInitiated);
  EXPECT_FALSE(alice->session.rooms.back().active_recording);
}

TEST_F(Announcing, tells_others_of_a_participant_before_media_is_asked_for_its_tracks) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter("bob");
  const TrackSid track = world.announce(*bob, TrackSource::Camera);
  world.media.clear();
  world.bind(*bob, track);
  const auto seen = alice->session.seen(bob->sid());
  ASSERT_TRUE(seen && seen->tracks.size() == 1);
  EXPECT_TRUE(world.is_subscribed(*alice, track));
}

}  // namespace
}  // namespace vis::core::rooms
