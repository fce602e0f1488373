#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/text.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Left = RecordingSession::Left;

class Administration : public testing::Test {
 protected:
  Result<RoomInfo> create(std::string_view name, const RoomOptions& options = {}) {
    return world.rooms.create_room(world.now(), demo, name, options);
  }
  static JoinRequest editor(std::string identity) {
    JoinRequest request = join_request(std::move(identity));
    request.permissions.can_update_own_metadata = true;
    return request;
  }

  const ProjectId demo{"demo"};
  RoomWorld world;
};

TEST_F(Administration, creates_a_room_with_the_defaults_and_the_given_options) {
  const auto room = create("meeting", {.max_participants = 5, .metadata = "m"});
  ASSERT_TRUE(room);
  EXPECT_EQ(room->empty_timeout, 300s);
  EXPECT_EQ(room->departure_timeout, 20s);
  EXPECT_EQ(room->max_participants, 5U);
  EXPECT_EQ(room->metadata, "m");
  EXPECT_EQ(room->created_at, world.now().wall);
}

TEST_F(Administration, updates_the_given_fields_of_a_room_that_exists) {
  const auto first = create("meeting", {.max_participants = 5, .metadata = "old"});
  const auto second = create("meeting", {.departure_timeout = 1min, .metadata = "new"});
  EXPECT_EQ(second->sid, first->sid);
  EXPECT_EQ(second->max_participants, 5U);
  EXPECT_EQ(second->departure_timeout, 60s);
  EXPECT_EQ(second->metadata, "new");
}

TEST_F(Administration, applies_the_options_of_the_join_that_creates_a_room_and_of_no_other) {
  JoinRequest request = join_request("alice");
  request.room_options.metadata = "first";
  world.join(request);
  request = join_request("bob");
  request.room_options.metadata = "second";
  EXPECT_EQ(world.join(request)->joined.room.metadata, "first");
}

TEST_F(Administration, refuses_room_names_and_metadata_beyond_their_limits) {
  EXPECT_EQ(create("").error().code, Errc::InvalidArgument);
  EXPECT_EQ(create(std::string(limits::kRoomNameBytes + 1, 'r')).error().code,
            Errc::InvalidArgument);
  EXPECT_EQ(create("m", {.metadata = std::string(limits::kMetadataBytes + 1, 'm')}).error().code,
            Errc::InvalidArgument);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
  EXPECT_TRUE(create("m", {.metadata = std::string(limits::kMetadataBytes, 'm')}));
}

TEST_F(Administration, lists_the_rooms_of_a_project_all_or_by_name) {
  create("one").value();
  create("two").value();
  world.rooms.create_room(world.now(), ProjectId("other"), "three", {}).value();
  EXPECT_THAT(world.rooms.list_rooms(demo, {}), SizeIs(2));
  const auto named = world.rooms.list_rooms(demo, std::vector<std::string>{"two", "three"});
  ASSERT_THAT(named, SizeIs(1));
  EXPECT_EQ(named[0].name, "two");
}

TEST_F(Administration, finds_a_room_by_project_and_name) {
  create("meeting").value();
  EXPECT_TRUE(world.rooms.find_room(demo, "meeting"));
  EXPECT_EQ(world.rooms.find_room(ProjectId("other"), "meeting").error().code, Errc::NotFound);
}

TEST_F(Administration, deletes_a_room_and_sends_everybody_away) {
  const auto alice = world.enter("alice");
  ASSERT_TRUE(world.rooms.delete_room(world.now(), demo, "meeting"));
  EXPECT_EQ(alice->session.left, (Left{LeaveReason::RoomDeleted, LeaveAction::Disconnect}));
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
  EXPECT_THAT(world.media.open_rooms, IsEmpty());
  EXPECT_EQ(world.rooms.delete_room(world.now(), demo, "meeting").error().code, Errc::NotFound);
}

TEST_F(Administration, deletes_a_room_that_nobody_joined_and_lets_it_be_joined_anew) {
  const auto first = create("meeting");
  ASSERT_TRUE(world.rooms.delete_room(world.now(), demo, "meeting"));
  const auto alice = world.enter("alice");
  EXPECT_NE(alice->room(), first->sid);
}

TEST_F(Administration, tells_everybody_of_changed_room_metadata_at_once) {
  const auto alice = world.enter("alice");
  alice->session.clear();
  const auto room = world.rooms.update_room_metadata(world.now(), demo, "meeting", "topic");
  EXPECT_EQ(room->metadata, "topic");
  ASSERT_EQ(alice->session.rooms.size(), 1U);
  EXPECT_EQ(alice->session.rooms[0].metadata, "topic");
  EXPECT_EQ(alice->session.rooms[0].sid, alice->room());
  EXPECT_EQ(world.rooms.update_room_metadata(world.now(), demo, "none", "x").error().code,
            Errc::NotFound);
}

TEST_F(Administration, lists_everybody_with_their_tracks_also_the_hidden) {
  const auto alice = world.enter("alice");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  JoinRequest request = join_request("ghost");
  request.permissions.hidden = true;
  world.enter(request);
  const auto all = world.rooms.list_participants(demo, "meeting");
  ASSERT_TRUE(all);
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[0].tracks.at(0).sid, track);
  EXPECT_EQ((*all)[1].identity, "ghost");
  EXPECT_EQ(world.rooms.list_participants(demo, "none").error().code, Errc::NotFound);
}

TEST_F(Administration, lists_nobody_in_an_empty_room) {
  create("meeting").value();
  EXPECT_THAT(*world.rooms.list_participants(demo, "meeting"), IsEmpty());
}

TEST_F(Administration, removes_a_participant_before_the_call_returns) {
  const auto alice = world.enter("alice");
  ASSERT_TRUE(world.rooms.remove_participant(world.now(), world.ref("alice")));
  EXPECT_EQ(alice->session.left, (Left{LeaveReason::ParticipantRemoved, LeaveAction::Disconnect}));
  EXPECT_THAT(*world.rooms.list_participants(demo, "meeting"), IsEmpty());
  EXPECT_EQ(world.rooms.remove_participant(world.now(), world.ref("alice")).error().code,
            Errc::NotFound);
}

TEST_F(Administration, does_not_find_participants_that_are_not_there) {
  EXPECT_EQ(world.rooms.find_participant(world.ref("alice")).error().code, Errc::NotFound);
  EXPECT_EQ(world.rooms.update_participant(world.now(), world.ref("alice"), {}, {}).error().code,
            Errc::NotFound);
}

TEST_F(Administration, changes_the_given_fields_of_a_participant) {
  JoinRequest request = join_request("alice");
  request.name = "Alice";
  request.metadata = "m";
  request.attributes = {{"a", "0"}, {"b", "1"}};
  const auto alice = world.enter(request);
  const auto updated = world.rooms.update_participant(
      world.now(), world.ref("alice"), {.metadata = "n", .attributes = {{"a", ""}, {"c", "2"}}},
      std::nullopt);
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->name, "Alice");
  EXPECT_EQ(updated->metadata, "n");
  EXPECT_EQ(updated->attributes, (Attributes{{"b", "1"}, {"c", "2"}}));
  ASSERT_EQ(alice->session.grants.size(), 1U);
  EXPECT_EQ(alice->session.grants[0].metadata, "n");
}

TEST_F(Administration, replaces_all_permissions_at_once) {
  JoinRequest request = join_request("alice");
  request.permissions.can_update_own_metadata = true;
  const auto alice = world.enter(request);
  Permissions permissions;
  permissions.can_publish = false;
  permissions.can_publish_data = false;
  const auto updated =
      world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions);
  EXPECT_EQ(updated->permissions, permissions);
  EXPECT_FALSE(updated->permissions.can_update_own_metadata);
  EXPECT_EQ(alice->session.grants.at(0).permissions, permissions);
  EXPECT_EQ(alice->session.seen(alice->sid())->permissions, permissions);
}

TEST_F(Administration, says_nothing_when_nothing_changes) {
  const auto alice = world.enter("alice");
  alice->session.clear();
  world.journal.clear();
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, Permissions{}));
  EXPECT_THAT(alice->session.heard, IsEmpty());
  EXPECT_THAT(world.journal.entries, IsEmpty());
}

TEST_F(Administration, can_hide_and_show_a_participant) {
  const auto alice = world.enter("alice");
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  Permissions hidden;
  hidden.hidden = true;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, hidden));
  EXPECT_EQ(bob->session.seen(alice->sid())->state, ParticipantState::Disconnected);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  EXPECT_EQ(world.rooms.find_room(demo, "meeting")->participants, 1U);

  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, Permissions{}));
  EXPECT_EQ(bob->session.seen(alice->sid())->state, ParticipantState::Active);
  EXPECT_TRUE(world.is_subscribed(*bob, track));
}

TEST_F(Administration, lets_participants_change_themselves_only_with_the_right) {
  const auto alice = world.enter("alice");
  EXPECT_EQ(world.rooms.update_own(world.now(), alice->sid(), {.name = "A"}).error().code,
            Errc::PermissionDenied);
  const auto bob = world.enter(editor("bob"));
  EXPECT_TRUE(world.rooms.update_own(world.now(), bob->sid(), {.name = "B"}));
  EXPECT_EQ(world.rooms.find_participant(world.ref("bob"))->name, "B");
  EXPECT_EQ(bob->session.grants.size(), 1U);
}

TEST_F(Administration, limits_what_attributes_add_up_to) {
  JoinRequest request = editor("alice");
  request.attributes = {{"k", std::string(limits::kAttributesBytes - 3, 'v')}};
  const auto alice = world.enter(request);
  const auto update = [&](std::string value) {
    return world.rooms.update_own(world.now(), alice->sid(), {.attributes = {{"l", value}}});
  };
  EXPECT_TRUE(update("1"));
  EXPECT_EQ(update("12").error().code, Errc::LimitExceeded);
  EXPECT_EQ(world.rooms.find_participant(world.ref("alice"))->attributes.at("l"), "1");
  const ParticipantUpdate administrators{.attributes = {{"l", "12"}}};
  EXPECT_EQ(
      world.rooms.update_participant(world.now(), world.ref("alice"), administrators, std::nullopt)
          .error()
          .code,
      Errc::InvalidArgument);
}

}  // namespace
}  // namespace vis::core::rooms
