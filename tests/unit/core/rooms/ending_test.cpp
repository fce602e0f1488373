#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

JoinRequest join_into(std::string room, std::string identity) {
  JoinRequest request = join_request(std::move(identity));
  request.room_name = std::move(room);
  return request;
}

TEST(Draining, makes_no_room_and_lets_people_into_those_that_are_open) {
  RoomWorld world;
  world.enter("alice");
  world.rooms.drain();
  EXPECT_TRUE(world.try_join(join_request("bob")).has_value());
  EXPECT_EQ(world.try_join(join_into("another", "carol")).error().code, Errc::Unavailable);
  EXPECT_EQ(world.rooms.can_join(join_into("another", "carol")).error().code, Errc::Unavailable);
  const auto made = world.rooms.create_room(world.now(), ProjectId("demo"), "another", {});
  EXPECT_EQ(made.error().code, Errc::Unavailable);
}

TEST(Moving, tells_everybody_of_one_room_to_join_again_and_closes_it) {
  RoomWorld world;
  Peer* const alice = world.enter(join_into("one", "alice"));
  Peer* const bob = world.enter(join_into("two", "bob"));
  world.rooms.drain();
  const auto first = world.rooms.next_to_move();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "one");
  world.rooms.move_away(world.now(), first->sid);
  EXPECT_EQ(alice->session.left,
            (RecordingSession::Left{LeaveReason::Migration, LeaveAction::Reconnect}));
  EXPECT_EQ(bob->session.left, std::nullopt);
  EXPECT_EQ(world.rooms.next_to_move()->name, "two");
  world.rooms.move_away(world.now(), bob->room());
  EXPECT_FALSE(world.rooms.next_to_move());
  // A room that has gone meanwhile is no mistake.
  world.rooms.move_away(world.now(), bob->room());
  EXPECT_THAT(world.media.open_rooms, testing::IsEmpty());
}

TEST(Moving, keeps_what_a_room_is_made_from) {
  RoomWorld world;
  const RoomOptions options{.empty_timeout = std::chrono::seconds(7),
                            .max_participants = 3,
                            .metadata = "topic",
                            .tags = {{"a", "b"}}};
  ASSERT_TRUE(world.rooms.create_room(world.now(), ProjectId("demo"), "meeting", options));
  const auto seed = world.rooms.next_to_move();
  ASSERT_TRUE(seed);
  EXPECT_EQ(seed->project, ProjectId("demo"));
  EXPECT_EQ(seed->name, "meeting");
  EXPECT_EQ(seed->options.metadata, "topic");
  EXPECT_EQ(seed->options.max_participants, 3U);
  EXPECT_EQ(seed->options.empty_timeout, std::chrono::seconds(7));
  EXPECT_EQ(seed->options.tags, options.tags);
}

}  // namespace
}  // namespace vis::core::rooms
