#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Journal : public testing::Test {
 protected:
  RoomWorld world;
};

TEST_F(Journal, tells_a_call_from_beginning_to_end_in_order) {
  const auto alice = world.enter("alice");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.enter("bob");
  world.event(*alice, TrackEnded{track});
  world.publish(*alice, TrackSource::Microphone);
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  world.rooms.delete_room(world.now(), ProjectId("demo"), "meeting").value();
  EXPECT_THAT(
      world.journal.story(),
      ElementsAre("room_started", "participant_joined alice", "participant_active alice",
                  "track_published alice", "participant_joined bob", "participant_active bob",
                  "track_unpublished alice", "track_published alice", "track_unpublished alice",
                  "participant_left alice", "participant_left bob", "room_finished"));
}

TEST_F(Journal, tells_who_left_before_media_was_up_from_who_was_in_the_room) {
  const auto alice = world.join(join_request("alice"));
  const auto bob = world.enter("bob");
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  EXPECT_FALSE(world.journal.entries.back().was_active);
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::UserRejected);
  EXPECT_TRUE(world.journal.entries.back().was_active);
  EXPECT_EQ(world.journal.entries.back().participant.disconnect_reason, LeaveReason::UserRejected);
  EXPECT_EQ(world.journal.entries.back().participant.state, ParticipantState::Disconnected);
}

TEST_F(Journal, carries_the_room_as_it_was_then) {
  const auto alice = world.enter("alice");
  world.enter("bob");
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  std::vector<std::uint32_t> counts;
  for (const auto& entry : world.journal.entries) counts.push_back(entry.room.participants);
  EXPECT_THAT(counts, ElementsAre(0, 1, 1, 2, 2, 1));
}

TEST_F(Journal, records_a_track_with_its_publisher_and_what_was_negotiated) {
  const auto alice = world.enter("alice");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  const auto& entry = world.journal.entries.back();
  EXPECT_EQ(entry.track.sid, track);
  EXPECT_EQ(entry.track.mime_type, "video/vp8");
  EXPECT_EQ(entry.participant.sid, alice->sid());
  EXPECT_EQ(entry.at, world.now().wall);
}

TEST_F(Journal, knows_nothing_of_tracks_that_were_never_negotiated) {
  const auto alice = world.enter("alice");
  world.announce(*alice, TrackSource::Camera);
  world.journal.clear();
  world.rooms.leave(world.now(), alice->sid(), LeaveReason::ClientInitiated);
  EXPECT_THAT(world.journal.story(), ElementsAre("participant_left alice"));
}

TEST_F(Journal, records_updates_of_rooms_and_participants_that_change_something) {
  world.enter("alice");
  world.journal.clear();
  world.rooms.update_room_metadata(world.now(), ProjectId("demo"), "meeting", "m").value();
  world.rooms.update_room_metadata(world.now(), ProjectId("demo"), "meeting", "m").value();
  world.rooms.update_participant(world.now(), world.ref("alice"), {.name = "A"}, {}).value();
  world.rooms.update_participant(world.now(), world.ref("alice"), {.name = "A"}, {}).value();
  EXPECT_THAT(world.journal.story(), ElementsAre("room_updated", "participant_updated alice"));
}

TEST_F(Journal, records_that_a_room_is_being_recorded_and_no_longer_is) {
  JoinRequest request = join_request("recorder");
  request.permissions.recorder = true;
  const auto recorder = world.enter(request);
  EXPECT_TRUE(world.journal.entries.back().room.active_recording);
  EXPECT_EQ(world.journal.entries.back().what, "room_updated");
  world.rooms.leave(world.now(), recorder->sid(), LeaveReason::ClientInitiated);
  EXPECT_EQ(world.journal.entries.back().what, "room_updated");
  EXPECT_FALSE(world.journal.entries.back().room.active_recording);
}

TEST_F(Journal, ends_an_older_session_before_it_begins_the_new_one) {
  world.enter("alice");
  world.journal.clear();
  world.enter("alice");
  EXPECT_THAT(world.journal.story(),
              ElementsAre("participant_left alice", "participant_joined alice",
                          "participant_active alice"));
  EXPECT_EQ(world.journal.entries[0].participant.disconnect_reason, LeaveReason::DuplicateIdentity);
}

TEST_F(Journal, records_nothing_of_a_refused_join) {
  EXPECT_FALSE(world.try_join(join_request("")));
  EXPECT_THAT(world.journal.entries, IsEmpty());
}

}  // namespace
}  // namespace vis::core::rooms
