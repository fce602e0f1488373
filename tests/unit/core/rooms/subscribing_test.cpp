#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"
#include "core/rooms/subscribing.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Permitted = RecordingSession::Permitted;

class SubscribingTest : public testing::Test {
 protected:
  static JoinRequest manual(std::string identity) {
    JoinRequest request = join_request(std::move(identity));
    request.auto_subscribe = false;
    return request;
  }
  void ask(const Peer& peer, const TrackSid& track, bool subscribed = true) {
    world.rooms.set_subscribed(world.now(), peer.sid(), std::vector{track}, subscribed);
  }
  void set(const Peer& peer, const TrackSid& track, const TrackSettings& settings) {
    world.rooms.set_track_settings(peer.sid(), std::vector{track}, settings);
  }
  void permit(SubscriptionPermission permission) {
    world.rooms.set_subscription_permission(world.now(), alice->sid(), std::move(permission));
  }
  SubscribeSpec last_spec() const { return world.media.last<Subscribe>().value().spec; }

  RoomWorld world;
  Peer* alice = world.enter("alice");
};

TEST_F(SubscribingTest, gives_every_track_of_the_others_to_those_who_ask_for_nothing) {
  const auto bob = world.enter("bob");
  const TrackSid before = world.publish(*alice, TrackSource::Microphone);
  const auto carol = world.enter("carol");
  const TrackSid after = world.publish(*alice, TrackSource::Camera);
  for (const Peer* peer : {bob, carol}) {
    EXPECT_TRUE(world.is_subscribed(*peer, before));
    EXPECT_TRUE(world.is_subscribed(*peer, after));
  }
  EXPECT_FALSE(world.is_subscribed(*alice, before)) << "not one's own";
}

TEST_F(SubscribingTest, gives_nothing_unasked_without_auto_subscription) {
  const auto bob = world.enter(manual("bob"));
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  ask(*bob, track);
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  ask(*bob, track, false);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
}

TEST_F(SubscribingTest, asks_media_once_for_a_track_however_often_a_client_asks) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ask(*bob, track);
  ask(*bob, track);
  EXPECT_EQ(world.media.count<Subscribe>(), 1U);
  ask(*bob, track, false);
  ask(*bob, track, false);
  EXPECT_EQ(world.media.count<Unsubscribe>(), 1U);
}

TEST_F(SubscribingTest, remembers_that_an_automatic_track_was_unsubscribed) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ask(*bob, track, false);
  Permissions permissions;
  permissions.can_update_own_metadata = true;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("bob"), {}, permissions));
  EXPECT_FALSE(world.is_subscribed(*bob, track));
}

TEST_F(SubscribingTest, takes_a_track_that_appears_after_it_was_asked_for) {
  const auto bob = world.enter(manual("bob"));
  const TrackSid track = world.announce(*alice, TrackSource::Camera);
  ask(*bob, track);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  world.advance(30s);
  world.bind(*alice, track);
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  world.advance(1min);
  EXPECT_THAT(
      bob->session.errors,
      testing::Not(testing::Contains(testing::Pair(track, SubscriptionError::TrackNotFound))));
}

TEST_F(SubscribingTest, tells_after_a_minute_that_a_track_was_not_found) {
  const auto bob = world.enter("bob");
  const TrackSid nothing("TR_VCnothing");
  ask(*bob, nothing);
  world.advance(Subscribing::kSearchTimeout - 100ms);
  EXPECT_THAT(bob->session.errors, IsEmpty());
  world.advance(100ms);
  EXPECT_THAT(bob->session.errors,
              ElementsAre(std::pair(nothing, SubscriptionError::TrackNotFound)));
  world.advance(2min);
  EXPECT_EQ(bob->session.errors.size(), 1U);
}

TEST_F(SubscribingTest, stops_looking_for_a_track_that_is_no_longer_wanted) {
  const auto bob = world.enter("bob");
  ask(*bob, TrackSid("TR_none"));
  ask(*bob, TrackSid("TR_none"), false);
  world.advance(2min);
  EXPECT_THAT(bob->session.errors, IsEmpty());
}

TEST_F(SubscribingTest, looks_for_as_many_unknown_tracks_as_the_limit_and_no_more) {
  const auto bob = world.enter("bob");
  for (std::size_t i = 0; i < limits::kUnknownTrackWishes; ++i) {
    ask(*bob, TrackSid("TR_" + std::to_string(i)));
  }
  EXPECT_THAT(bob->session.errors, IsEmpty());
  ask(*bob, TrackSid("TR_0"));
  EXPECT_THAT(bob->session.errors, IsEmpty()) << "already looked for";
  ask(*bob, TrackSid("TR_more"));
  EXPECT_THAT(bob->session.errors,
              ElementsAre(std::pair(TrackSid("TR_more"), SubscriptionError::TrackNotFound)));
}

TEST_F(SubscribingTest, takes_and_gives_back_everything_with_the_right_to_subscribe) {
  JoinRequest request = join_request("bob");
  request.permissions.can_subscribe = false;
  const auto bob = world.enter(request);
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  EXPECT_EQ(world.media.all<StartOffer>().back().transport, world.downlink(*alice));

  Permissions permissions;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("bob"), {}, permissions));
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  EXPECT_EQ(world.media.all<StartOffer>().back().transport, world.downlink(*bob));

  permissions.can_subscribe = false;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("bob"), {}, permissions));
  EXPECT_FALSE(world.is_subscribed(*bob, track));
}

TEST_F(SubscribingTest, never_gives_tracks_of_the_hidden) {
  JoinRequest request = join_request("ghost");
  request.permissions.hidden = true;
  const auto ghost = world.enter(request);
  const TrackSid track = world.publish(*ghost, TrackSource::Microphone);
  ask(*alice, track);
  EXPECT_FALSE(world.is_subscribed(*alice, track));
  const TrackSid shown = world.publish(*alice, TrackSource::Microphone);
  EXPECT_TRUE(world.is_subscribed(*ghost, shown)) << "the hidden may watch";
}

TEST_F(SubscribingTest, names_streams_after_publisher_and_track) {
  world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_EQ(last_spec().stream_id, alice->sid().str() + "|" + track.str());
  EXPECT_EQ(last_spec().publisher, alice->sid());
}

TEST_F(SubscribingTest, lets_synced_tracks_share_a_stream_where_the_client_can) {
  RoomWorld synced;
  JoinRequest request = join_request("alice");
  request.room_options.sync_streams = true;
  const auto publisher = synced.enter(request);
  synced.enter("chrome");
  synced.publish(*publisher, TrackSource::Camera);
  EXPECT_EQ(synced.media.last<Subscribe>()->spec.stream_id, publisher->sid().str() + "|camera");
  synced.publish(*publisher, TrackSource::Microphone);
  EXPECT_EQ(synced.media.last<Subscribe>()->spec.stream_id, publisher->sid().str() + "|camera");

  request = join_request("firefox");
  request.client.browser = "Firefox";
  synced.enter(request);
  EXPECT_TRUE(synced.media.last<Subscribe>()->spec.stream_id.contains("|TR_"));
}

TEST_F(SubscribingTest, keeps_stream_names_that_clients_chose_out_of_sdp_unless_harmless) {
  RoomWorld synced;
  JoinRequest request = join_request("alice");
  request.room_options.sync_streams = true;
  const auto publisher = synced.enter(request);
  synced.enter("bob");
  TrackRequest track = RoomWorld::track_request("cam", TrackSource::Camera);
  track.stream = "a|b\r\na=evil";
  const auto published = synced.rooms.add_track(synced.now(), publisher->sid(), track);
  synced.bind(*publisher, published->sid);
  EXPECT_EQ(synced.media.last<Subscribe>()->spec.stream_id,
            publisher->sid().str() + "|" + published->sid.str());
}

TEST_F(SubscribingTest, tells_the_publisher_once_that_somebody_receives_its_track) {
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_THAT(alice->session.subscribed, IsEmpty());
  world.bind_subscription(*bob, track);
  world.bind_subscription(*carol, track);
  EXPECT_THAT(alice->session.subscribed, ElementsAre(track));
}

TEST_F(SubscribingTest, does_not_tell_the_publisher_of_hidden_subscribers) {
  JoinRequest request = join_request("ghost");
  request.permissions.hidden = true;
  const auto ghost = world.enter(request);
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.bind_subscription(*ghost, track);
  EXPECT_THAT(alice->session.subscribed, IsEmpty());
}

TEST_F(SubscribingTest, gives_up_a_track_that_the_client_cannot_decode) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.event(*bob, SubscriptionFailed{.transport = world.downlink(*bob),
                                       .track = track,
                                       .error = SubscriptionError::CodecUnsupported});
  EXPECT_THAT(bob->session.errors,
              ElementsAre(std::pair(track, SubscriptionError::CodecUnsupported)));
  EXPECT_FALSE(world.is_subscribed(*bob, track));

  const TrackSid other = world.publish(*alice, TrackSource::ScreenShare);
  EXPECT_TRUE(world.is_subscribed(*bob, other)) << "the rest goes on";
  EXPECT_FALSE(world.is_subscribed(*bob, track)) << "not tried again by itself";
  ask(*bob, track);
  EXPECT_TRUE(world.is_subscribed(*bob, track)) << "but when asked";
}

TEST_F(SubscribingTest, tells_once_that_a_track_is_not_bound_in_time) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.advance(Subscribing::kBindTimeout - 100ms);
  EXPECT_THAT(bob->session.errors, IsEmpty());
  world.advance(200ms);
  EXPECT_THAT(bob->session.errors, ElementsAre(std::pair(track, SubscriptionError::Unknown)));
  world.advance(1min);
  EXPECT_EQ(bob->session.errors.size(), 1U);
  EXPECT_TRUE(world.is_subscribed(*bob, track)) << "it may still come";
}

TEST_F(SubscribingTest, counts_the_time_to_bind_only_while_the_transport_is_up) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  const auto bob = world.join(join_request("bob"));
  world.advance(40s);
  world.connect(*bob);
  world.advance(14s);
  EXPECT_THAT(bob->session.errors, IsEmpty());
  world.change(*bob, world.downlink(*bob), TransportState::Disconnected);
  world.advance(20s);
  world.change(*bob, world.downlink(*bob), TransportState::Connected);
  world.advance(14s);
  EXPECT_THAT(bob->session.errors, IsEmpty());
  world.bind_subscription(*bob, track);
  world.advance(1min);
  EXPECT_THAT(bob->session.errors, IsEmpty());
}

// ---- what a publisher permits ----

TEST_F(SubscribingTest, follows_the_permission_of_the_publisher_and_tells_whom_it_concerns) {
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  permit({.all_participants = false, .grants = {{.participant = carol->sid(), .tracks = {track}}}});
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  EXPECT_TRUE(world.is_subscribed(*carol, track));
  EXPECT_THAT(bob->session.permitted, ElementsAre(Permitted{alice->sid(), track, false}));
  EXPECT_THAT(carol->session.permitted, IsEmpty());

  permit({.all_participants = true});
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  EXPECT_EQ(bob->session.permitted.back(), (Permitted{alice->sid(), track, true}));
}

TEST_F(SubscribingTest, permits_one_who_is_named_by_identity_and_comes_later) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  permit({.all_participants = false, .grants = {{.identity = "bob", .all_tracks = true}}});
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  EXPECT_FALSE(world.is_subscribed(*carol, track));
  EXPECT_THAT(carol->session.permitted, ElementsAre(Permitted{alice->sid(), track, false}));
}

TEST_F(SubscribingTest, exempts_recorders_from_permissions) {
  JoinRequest request = join_request("recorder");
  request.permissions.recorder = true;
  const auto recorder = world.enter(request);
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  permit({.all_participants = false});
  EXPECT_TRUE(world.is_subscribed(*recorder, track));
}

TEST_F(SubscribingTest, applies_a_permission_to_tracks_that_come_later) {
  const auto bob = world.enter("bob");
  permit({.all_participants = false});
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
}

TEST_F(SubscribingTest, waits_without_an_error_for_a_track_that_is_not_permitted) {
  const auto bob = world.enter(manual("bob"));
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  permit({.all_participants = false});
  ask(*bob, track);
  world.advance(2min);
  EXPECT_THAT(bob->session.errors, IsEmpty());
  permit({.all_participants = true});
  EXPECT_TRUE(world.is_subscribed(*bob, track));
}

TEST_F(SubscribingTest, keeps_the_old_permission_when_the_new_one_is_too_long) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  permit({.all_participants = false});
  SubscriptionPermission endless{.all_participants = true};
  endless.grants.resize(limits::kPermissionGrants + 1);
  permit(endless);
  EXPECT_FALSE(world.is_subscribed(*bob, track));
}

// ---- who is served first ----

TEST_F(SubscribingTest, focuses_on_what_the_client_prefers) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  EXPECT_FALSE(last_spec().target.focus);
  set(*bob, track, {.priority = 1});
  EXPECT_TRUE(world.media.last<SetLayerTarget>().value().target.focus);
  set(*bob, track, {.priority = 0});
  EXPECT_FALSE(world.media.last<SetLayerTarget>().value().target.focus);
}

TEST_F(SubscribingTest, focuses_on_who_is_shown_clearly_larger_than_the_others) {
  const auto carol = world.enter("carol");
  const auto bob = world.enter("bob");
  const TrackSid one = world.publish(*alice, TrackSource::Camera);
  const TrackSid two = world.publish(*carol, TrackSource::Camera);
  const auto focus_of = [&](const TrackSid& track) {
    bool focus = false;
    for (const SetLayerTarget& each : world.media.all<SetLayerTarget>()) {
      if (each.track == track) focus = each.target.focus;
    }
    return focus;
  };
  set(*bob, one, {.width = 320, .height = 180});
  set(*bob, two, {.width = 320, .height = 180});
  EXPECT_FALSE(focus_of(one)) << "a gallery";
  EXPECT_FALSE(focus_of(two));
  set(*bob, two, {.width = 1280, .height = 720});
  EXPECT_FALSE(focus_of(one));
  EXPECT_TRUE(focus_of(two));
  set(*bob, one, {.width = 1280, .height = 720});
  EXPECT_FALSE(focus_of(two)) << "side by side";
  set(*bob, two, {.width = 320, .height = 180});
  EXPECT_TRUE(focus_of(one));
}

// ---- what the path does not carry ----

TEST_F(SubscribingTest, tells_the_subscriber_alone_that_a_video_is_paused_and_goes_on) {
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  for (const bool paused : {true, false}) {
    world.event(*bob, SubscriptionPaused{
                          .transport = world.downlink(*bob), .track = track, .paused = paused});
  }
  using Paused = RecordingSession::Paused;
  EXPECT_THAT(bob->session.paused,
              ElementsAre(Paused{alice->sid(), track, true}, Paused{alice->sid(), track, false}));
  EXPECT_THAT(carol->session.paused, IsEmpty());
}

TEST_F(SubscribingTest, does_not_tell_of_a_pause_of_what_is_not_received_any_more) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ask(*bob, track, false);
  world.event(
      *bob, SubscriptionPaused{.transport = world.downlink(*bob), .track = track, .paused = true});
  EXPECT_THAT(bob->session.paused, IsEmpty());
}

// ---- which layer ----

TEST_F(SubscribingTest, starts_high_or_small_where_the_client_will_say_what_it_shows) {
  world.enter("bob");
  JoinRequest request = join_request("carol");
  request.adaptive_stream = true;
  world.enter(request);
  world.publish(*alice, TrackSource::Camera);
  const auto specs = world.media.all<Subscribe>();
  ASSERT_EQ(specs.size(), 2U);
  EXPECT_EQ(specs[0].spec.target.quality, VideoQuality::High);
  EXPECT_EQ(specs[1].spec.target.quality, VideoQuality::Low);
}

TEST_F(SubscribingTest, follows_the_settings_of_the_subscriber) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  set(*bob, track, {.width = 600, .height = 400});
  ASSERT_TRUE(world.media.last<SetLayerTarget>());
  EXPECT_EQ(world.media.last<SetLayerTarget>()->transport, world.downlink(*bob));
  EXPECT_EQ(world.media.last<SetLayerTarget>()->target.quality, VideoQuality::Medium);
  set(*bob, track, {.disabled = true});
  EXPECT_TRUE(world.media.last<SetLayerTarget>()->target.disabled);
  EXPECT_TRUE(world.is_subscribed(*bob, track)) << "the section stays";
}

TEST_F(SubscribingTest, asks_media_only_when_the_layer_really_changes) {
  const auto bob = world.enter("bob");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  set(*bob, track, {.width = 640, .height = 360});
  set(*bob, track, {.width = 620, .height = 350});
  EXPECT_EQ(world.media.count<SetLayerTarget>(), 1U);
}

TEST_F(SubscribingTest, keeps_settings_that_came_before_the_subscription) {
  const auto bob = world.enter(manual("bob"));
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  set(*bob, track, {.quality = VideoQuality::Low});
  EXPECT_EQ(world.media.count<SetLayerTarget>(), 0U);
  ask(*bob, track);
  EXPECT_EQ(last_spec().target.quality, VideoQuality::Low);
  ask(*bob, track, false);
  ask(*bob, track);
  EXPECT_EQ(last_spec().target.quality, VideoQuality::Low);
}

TEST_F(SubscribingTest, ignores_settings_for_tracks_that_are_not_there_or_ones_own) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  set(*alice, track, {.quality = VideoQuality::Low});
  set(*alice, TrackSid("TR_none"), {.quality = VideoQuality::Low});
  EXPECT_EQ(world.media.count<SetLayerTarget>(), 0U);
}

TEST_F(SubscribingTest, lets_an_administrator_subscribe_for_somebody) {
  const auto bob = world.enter(manual("bob"));
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ASSERT_TRUE(
      world.rooms.update_subscriptions(world.now(), world.ref("bob"), std::vector{track}, true));
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  EXPECT_EQ(world.rooms.update_subscriptions(world.now(), world.ref("x"), std::vector{track}, true)
                .error()
                .code,
            Errc::NotFound);
}

// ---- what publishers should send ----

TEST_F(SubscribingTest, tells_the_publisher_after_five_seconds_that_nobody_watches) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.advance(4900ms);
  EXPECT_THAT(alice->session.wanted, IsEmpty());
  world.advance(200ms);
  ASSERT_EQ(alice->session.wanted.size(), 1U);
  EXPECT_EQ(alice->session.wanted[0].track, track);
  EXPECT_EQ(alice->session.wanted[0].highest, VideoQuality::Off);
  ASSERT_EQ(alice->session.wanted[0].codecs.size(), 1U);
  EXPECT_EQ(alice->session.wanted[0].codecs[0].mime_type, "video/vp8");
}

TEST_F(SubscribingTest, tells_the_publisher_at_once_when_somebody_wants_more) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  world.advance(6s);
  JoinRequest request = join_request("bob");
  request.adaptive_stream = true;
  const auto bob = world.enter(request);
  EXPECT_EQ(alice->session.wanted.back().highest, VideoQuality::Low);
  set(*bob, track, {.width = 1280, .height = 720});
  EXPECT_EQ(alice->session.wanted.back().highest, VideoQuality::High);
}

TEST_F(SubscribingTest, wants_the_highest_that_any_subscriber_wants) {
  const auto bob = world.enter("bob");
  const auto carol = world.enter("carol");
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  set(*bob, track, {.quality = VideoQuality::Low});
  set(*carol, track, {.quality = VideoQuality::Medium});
  world.advance(6s);
  EXPECT_EQ(alice->session.wanted.back().highest, VideoQuality::Medium);
  set(*carol, track, {.disabled = true});
  world.advance(6s);
  EXPECT_EQ(alice->session.wanted.back().highest, VideoQuality::Low);
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(6s);
  EXPECT_EQ(alice->session.wanted.back().highest, VideoQuality::Off);
}

TEST_F(SubscribingTest, does_not_name_a_backup_codec_that_is_not_published) {
  TrackRequest request = RoomWorld::track_request("cam", TrackSource::Camera);
  request.codecs = {{.mime_type = "vp9", .cid = "cam"}, {.mime_type = "vp8"}};
  const auto track = world.rooms.add_track(world.now(), alice->sid(), request);
  world.event(*alice, TrackBound{.track = track->sid, .mid = "0", .mime_type = "video/vp9"});
  world.advance(6s);
  ASSERT_EQ(alice->session.wanted.size(), 1U);
  ASSERT_EQ(alice->session.wanted[0].codecs.size(), 1U);
  EXPECT_EQ(alice->session.wanted[0].codecs[0].mime_type, "video/vp9");
}

TEST_F(SubscribingTest, says_nothing_of_the_quality_of_audio) {
  world.publish(*alice, TrackSource::Microphone);
  world.advance(10s);
  EXPECT_THAT(alice->session.wanted, IsEmpty());
}

}  // namespace
}  // namespace vis::core::rooms
