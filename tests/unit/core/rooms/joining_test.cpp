#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/text.hpp"
#include "core/rooms/room.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;

class Joining : public testing::Test {
 protected:
  RoomWorld world;
};

JoinRequest dependent(std::string identity) {
  JoinRequest request = join_request(std::move(identity));
  request.kind = ParticipantKind::Agent;
  return request;
}

TEST_F(Joining, creates_the_room_and_gives_it_and_the_participant_their_sids) {
  const auto alice = world.join(join_request("alice"));
  EXPECT_TRUE(alice->room().str().starts_with("RM_"));
  EXPECT_TRUE(alice->sid().str().starts_with("PA_"));
  EXPECT_EQ(alice->joined.room.name, "meeting");
  EXPECT_EQ(alice->joined.room.participants, 1U);
  EXPECT_EQ(alice->joined.participant.identity, "alice");
  EXPECT_EQ(alice->joined.participant.version, 1U);
  EXPECT_TRUE(alice->joined.participant.permissions.can_publish);
  EXPECT_EQ(world.media.open_rooms.size(), 1U);
}

TEST_F(Joining, carries_what_clients_mirror_to_each_other) {
  JoinRequest request = join_request("alice");
  request.client.client_protocol = 2;
  request.client.capabilities = {1, 2};
  request.kind_details = {5};
  const auto bob = world.enter("bob");
  const auto alice = world.join(request);
  const auto seen = bob->session.seen(alice->sid());
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->client_protocol, 2);
  EXPECT_EQ(seen->capabilities, (std::vector{1, 2}));
  EXPECT_EQ(seen->kind_details, std::vector{5});
}

TEST_F(Joining, tells_the_newcomer_nothing_before_join_has_returned) {
  world.enter("bob");
  const auto alice = world.try_join(join_request("alice"));
  ASSERT_TRUE(alice);
  EXPECT_TRUE((*alice)->session.heard.empty());
}

TEST_F(Joining, shows_the_others_with_their_tracks_to_a_newcomer) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*bob, TrackSource::Camera);
  const auto alice = world.join(join_request("alice"));
  ASSERT_EQ(alice->joined.others.size(), 1U);
  const ParticipantInfo& seen = alice->joined.others.front();
  EXPECT_EQ(seen.sid, bob->sid());
  EXPECT_EQ(seen.state, ParticipantState::Active);
  EXPECT_TRUE(seen.is_publisher);
  ASSERT_EQ(seen.tracks.size(), 1U);
  EXPECT_EQ(seen.tracks.front().sid, track);
}

TEST_F(Joining, announces_a_newcomer_at_once_but_only_when_its_join_response_is_out) {
  const auto bob = world.enter("bob");
  bob->session.clear();
  const auto alice = world.try_join(join_request("alice"));
  EXPECT_FALSE(bob->session.seen((*alice)->sid()));
  world.rooms.joined(world.now(), (*alice)->sid());
  ASSERT_TRUE(bob->session.seen((*alice)->sid()));
  EXPECT_EQ(bob->session.seen((*alice)->sid())->state, ParticipantState::Joined);
}

TEST_F(Joining, leaves_out_of_the_list_who_has_not_been_announced_yet) {
  const auto bob = world.try_join(join_request("bob"));
  const auto alice = world.join(join_request("alice"));
  EXPECT_TRUE(alice->joined.others.empty());
}

TEST_F(Joining, opens_two_transports_and_offers_the_one_the_client_waits_for) {
  const auto alice = world.join(join_request("alice"));
  EXPECT_TRUE(alice->joined.subscriber_primary);
  EXPECT_EQ(world.transports(*alice).size(), 2U);
  ASSERT_EQ(world.media.count<StartOffer>(), 1U);
  EXPECT_EQ(world.media.last<StartOffer>()->transport, world.downlink(*alice));
}

TEST_F(Joining, opens_one_transport_in_single_mode_and_offers_nothing) {
  JoinRequest request = join_request("alice");
  request.single_transport = true;
  const auto alice = world.join(request);
  EXPECT_FALSE(alice->joined.subscriber_primary);
  ASSERT_EQ(world.transports(*alice).size(), 1U);
  EXPECT_EQ(world.transports(*alice).front().role, TransportRole::Single);
  EXPECT_EQ(world.media.count<StartOffer>(), 0U);
}

TEST_F(Joining, waits_for_the_clients_offer_when_the_client_may_not_subscribe_or_is_old) {
  JoinRequest request = join_request("alice");
  request.permissions.can_subscribe = false;
  EXPECT_FALSE(world.join(request)->joined.subscriber_primary);
  request = join_request("bob");
  request.client.protocol = 2;
  EXPECT_FALSE(world.join(request)->joined.subscriber_primary);
  EXPECT_EQ(world.media.count<StartOffer>(), 0U);
}

TEST_F(Joining, puts_existing_tracks_into_the_first_offer) {
  const auto bob = world.enter("bob");
  const TrackSid first = world.publish(*bob, TrackSource::Microphone);
  const TrackSid second = world.publish(*bob, TrackSource::Camera);
  world.media.clear();
  const auto alice = world.join(join_request("alice"));
  EXPECT_TRUE(world.is_subscribed(*alice, first) && world.is_subscribed(*alice, second));
  EXPECT_TRUE(std::holds_alternative<StartOffer>(world.media.commands.back()));
}

TEST_F(Joining, lets_a_client_without_fast_start_wait_for_tracks_until_it_is_active) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*bob, TrackSource::Microphone);
  JoinRequest request = join_request("alice");
  request.client.protocol = 7;
  const auto alice = world.join(request);
  EXPECT_FALSE(world.is_subscribed(*alice, track));
  world.connect(*alice);
  EXPECT_TRUE(world.is_subscribed(*alice, track));
}

TEST_F(Joining, adapts_the_transports_to_the_client) {
  JoinRequest request = join_request("fox");
  request.client.browser = "Firefox";
  TransportSpec spec = world.transports(*world.join(request)).front();
  EXPECT_FALSE(spec.ice_lite);
  EXPECT_TRUE(spec.keep_one_codec);

  request = join_request("safari");
  request.client.browser = "Safari";
  spec = world.transports(*world.join(request)).front();
  EXPECT_TRUE(spec.ice_lite);
  EXPECT_FALSE(spec.reuse_sections);

  request = join_request("asks");
  request.full_ice = true;
  EXPECT_FALSE(world.transports(*world.join(request)).front().ice_lite);

  request = join_request("phone");
  request.client.os = "android";
  request.client.device_model = "Xiaomi 2201117TI";
  const auto phone = world.join(request);
  EXPECT_THAT(world.transports(*phone).front().denied_publish_codecs, ElementsAre("video/h264"));
  EXPECT_EQ(phone->joined.publish_codecs.front(), "video/vp8");
}

TEST_F(Joining, does_not_reuse_sections_when_streams_are_synced) {
  JoinRequest request = join_request("alice");
  request.room_options.sync_streams = true;
  EXPECT_FALSE(world.transports(*world.join(request)).front().reuse_sections);
}

TEST_F(Joining, is_active_when_the_primary_transport_is_up_and_not_before) {
  const auto bob = world.enter("bob");
  const auto alice = world.join(join_request("alice"));
  world.change(*alice, world.uplink(*alice), TransportState::Connected);
  EXPECT_EQ(world.rooms.find_participant(world.ref("alice"))->state, ParticipantState::Joined);
  world.change(*alice, world.downlink(*alice), TransportState::Connected);
  EXPECT_EQ(world.rooms.find_participant(world.ref("alice"))->state, ParticipantState::Active);
  world.advance(Announcer::kBatchInterval);
  EXPECT_EQ(bob->session.seen(alice->sid())->state, ParticipantState::Active);
}

TEST_F(Joining, fails_when_media_does_not_come_up_within_a_minute) {
  const auto bob = world.enter("bob");
  const auto alice = world.join(join_request("alice"));
  world.advance(Room::kJoinTimeout - 100ms);
  EXPECT_FALSE(alice->session.left);
  world.advance(100ms);
  EXPECT_EQ(alice->session.left,
            (RecordingSession::Left{LeaveReason::JoinFailure, LeaveAction::Disconnect}));
  EXPECT_EQ(bob->session.seen(alice->sid())->disconnect_reason, LeaveReason::JoinFailure);
}

TEST_F(Joining, fails_also_when_the_join_response_never_went_out) {
  const auto alice = world.try_join(join_request("alice"));
  world.advance(Room::kJoinTimeout);
  EXPECT_TRUE((*alice)->session.left);
  EXPECT_EQ(world.rooms.totals().participants, 0U);
}

TEST_F(Joining, replaces_an_older_session_of_the_same_identity) {
  const auto bob = world.enter("bob");
  const auto first = world.enter("alice");
  bob->session.clear();
  const auto second = world.try_join(join_request("alice"));
  ASSERT_TRUE(second);
  EXPECT_EQ(first->session.left,
            (RecordingSession::Left{LeaveReason::DuplicateIdentity, LeaveAction::Disconnect}));
  EXPECT_NE((*second)->sid(), first->sid());
  // The departure of the old session is told before the new one is announced.
  ASSERT_EQ(bob->session.participants.size(), 1U);
  EXPECT_EQ(bob->session.participants[0].sid, first->sid());
  EXPECT_EQ(bob->session.participants[0].state, ParticipantState::Disconnected);
  world.rooms.joined(world.now(), (*second)->sid());
  EXPECT_EQ(bob->session.participants.back().sid, (*second)->sid());
}

TEST_F(Joining, is_refused_where_rooms_are_not_created_by_joining) {
  RoomWorld strict(RoomDefaults{.create_by_joining = false});
  const auto refused = strict.try_join(join_request("alice"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::NotFound);
  EXPECT_EQ(refused.error().message, "requested room does not exist");
  EXPECT_EQ(strict.rooms.totals().rooms, 0U);

  JoinRequest allowed = join_request("alice");
  allowed.may_create_room = true;
  EXPECT_TRUE(strict.try_join(allowed));
  EXPECT_TRUE(strict.try_join(join_request("bob")));
}

TEST_F(Joining, is_refused_when_no_worker_takes_the_room) {
  world.media.full = true;
  EXPECT_EQ(world.try_join(join_request("alice")).error().code, Errc::LimitExceeded);
  EXPECT_TRUE(world.journal.entries.empty());
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
}

TEST_F(Joining, is_refused_with_texts_beyond_their_limits_and_changes_nothing) {
  JoinRequest request = join_request(std::string(limits::kIdentityBytes + 1, 'i'));
  EXPECT_EQ(world.try_join(request).error().code, Errc::InvalidArgument);
  request = join_request("alice");
  request.room_name = std::string(limits::kRoomNameBytes + 1, 'r');
  EXPECT_EQ(world.try_join(request).error().code, Errc::InvalidArgument);
  request = join_request("");
  EXPECT_EQ(world.try_join(request).error().code, Errc::InvalidArgument);
  request = join_request("alice");
  request.metadata = std::string(limits::kMetadataBytes + 1, 'm');
  EXPECT_EQ(world.try_join(request).error().code, Errc::InvalidArgument);
  EXPECT_EQ(world.rooms.totals().rooms, 0U);
}

TEST_F(Joining, is_limited_to_the_number_of_participants_of_the_room) {
  JoinRequest request = join_request("alice");
  request.room_options.max_participants = 2;
  world.enter(request);
  const auto bob = world.enter("bob");
  EXPECT_EQ(world.try_join(join_request("carol")).error().code, Errc::LimitExceeded);
  EXPECT_TRUE(world.try_join(dependent("agent")));
  EXPECT_TRUE(world.try_join(join_request("bob"))) << "replaces itself";
  EXPECT_EQ(bob->session.left->reason, LeaveReason::DuplicateIdentity);
}

TEST_F(Joining, of_a_full_room_leaves_the_older_session_alone) {
  JoinRequest request = join_request("alice");
  request.room_options.max_participants = 1;
  world.enter(request);
  const auto agent = world.enter(dependent("agent"));
  JoinRequest as_person = join_request("agent");
  EXPECT_EQ(world.try_join(as_person).error().code, Errc::LimitExceeded);
  EXPECT_FALSE(agent->session.left);
}

TEST_F(Joining, tells_beforehand_whether_it_would_be_refused_and_changes_nothing) {
  RoomWorld strict(RoomDefaults{.max_participants = 1, .create_by_joining = false});
  const RoomService& rooms = strict.rooms;
  EXPECT_EQ(rooms.can_join(join_request("")).error().code, Errc::InvalidArgument);
  EXPECT_EQ(rooms.can_join(join_request("alice")).error().code, Errc::NotFound);
  JoinRequest creator = join_request("alice");
  creator.may_create_room = true;
  EXPECT_TRUE(rooms.can_join(creator));
  EXPECT_EQ(rooms.totals().rooms, 0U);

  strict.enter(creator);
  EXPECT_TRUE(rooms.can_join(join_request("alice")));
  EXPECT_EQ(rooms.can_join(join_request("bob")).error().code, Errc::LimitExceeded);
  strict.rooms.shut_down(strict.now());
  EXPECT_EQ(rooms.can_join(creator).error().code, Errc::Unavailable);
}

TEST_F(Joining, keeps_rooms_of_the_same_name_in_two_projects_apart) {
  const auto alice = world.enter("alice");
  JoinRequest elsewhere = join_request("alice");
  elsewhere.project = ProjectId("other");
  const auto other = world.enter(elsewhere);
  EXPECT_NE(alice->room(), other->room());
  EXPECT_FALSE(alice->session.left);
  EXPECT_TRUE(other->joined.others.empty());
}

TEST_F(Joining, passes_descriptions_and_candidates_between_client_and_media) {
  const auto alice = world.join(join_request("alice"));
  world.rooms.apply_offer(alice->sid(), "v=0 offer", 7);
  ASSERT_TRUE(world.media.last<ApplyOffer>());
  EXPECT_EQ(world.media.last<ApplyOffer>()->transport, world.uplink(*alice));
  EXPECT_EQ(world.media.last<ApplyOffer>()->offer_id, 7U);
  world.rooms.apply_answer(alice->sid(), "v=0 answer");
  EXPECT_EQ(world.media.last<ApplyAnswer>()->transport, world.downlink(*alice));
  world.rooms.add_candidate(alice->sid(), TransportRole::Subscriber, "candidate:1");
  EXPECT_EQ(world.media.last<AddCandidate>()->transport, world.downlink(*alice));

  world.event(*alice, LocalDescription{.transport = world.downlink(*alice), .is_offer = true});
  world.event(*alice, LocalCandidate{.transport = world.uplink(*alice), .candidate = "c"});
  world.event(*alice, SectionsNeeded{.transport = world.uplink(*alice), .audios = 1, .videos = 2});
  EXPECT_EQ(alice->session.descriptions.at(0).role, TransportRole::Subscriber);
  EXPECT_EQ(alice->session.candidates.at(0).first, TransportRole::Publisher);
  EXPECT_EQ(alice->session.sections.at(0), (std::pair{1U, 2U}));
}

TEST_F(Joining, does_not_hand_media_an_answer_to_what_was_not_offered) {
  JoinRequest request = join_request("alice");
  request.permissions.can_subscribe = false;
  const auto alice = world.join(request);
  world.rooms.apply_answer(alice->sid(), "v=0 answer");
  EXPECT_EQ(world.media.count<ApplyAnswer>(), 0U);
}

TEST_F(Joining, takes_candidates_of_a_single_transport_under_any_name) {
  JoinRequest request = join_request("alice");
  request.single_transport = true;
  const auto alice = world.join(request);
  world.rooms.add_candidate(alice->sid(), TransportRole::Publisher, "candidate:1");
  ASSERT_TRUE(world.media.last<AddCandidate>());
  EXPECT_EQ(world.media.last<AddCandidate>()->transport, world.uplink(*alice));
}

TEST_F(Joining, starts_anew_when_a_description_is_refused) {
  const auto alice = world.enter("alice");
  world.event(*alice, NegotiationFailed{.transport = world.uplink(*alice)});
  EXPECT_EQ(alice->session.left,
            (RecordingSession::Left{LeaveReason::StateMismatch, LeaveAction::Reconnect}));
}

TEST_F(Joining, ignores_calls_and_events_about_those_who_are_not_there) {
  const auto alice = world.enter("alice");
  const ParticipantSid nobody("PA_nobody");
  world.rooms.joined(world.now(), nobody);
  world.rooms.joined(world.now(), alice->sid());
  world.rooms.leave(world.now(), nobody, LeaveReason::ClientInitiated);
  world.rooms.apply_offer(nobody, "v=0", 1);
  world.event(*alice, TransportChanged{.transport = TransportId{999}});
  world.rooms.on_media_event(world.now(), RoomSid("RM_none"), DataReady{});
  EXPECT_EQ(world.rooms.add_track(world.now(), nobody, {.cid = "c"}).error().code, Errc::NotFound);
  EXPECT_EQ(world.rooms.totals().participants, 1U);
}

}  // namespace
}  // namespace vis::core::rooms
