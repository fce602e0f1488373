#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;

class PublishingTest : public testing::Test {
 protected:
  Result<TrackInfo> add(const Peer& peer, TrackRequest request) {
    return world.rooms.add_track(world.now(), peer.sid(), std::move(request));
  }
  Result<TrackInfo> add(const Peer& peer, std::string cid, TrackSource source) {
    return add(peer, RoomWorld::track_request(std::move(cid), source));
  }
  static std::optional<TrackInfo> find(const std::optional<ParticipantInfo>& participant,
                                       const TrackSid& track) {
    if (!participant) return std::nullopt;
    const auto at = std::ranges::find(participant->tracks, track, &TrackInfo::sid);
    return at == participant->tracks.end() ? std::nullopt : std::optional(*at);
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
};

TEST_F(PublishingTest, answers_an_announced_track_at_once_with_its_cid) {
  const auto track = add(*alice, "{ My Cid }", TrackSource::Camera);
  ASSERT_TRUE(track);
  EXPECT_TRUE(track->sid.str().starts_with("TR_VC"));
  ASSERT_EQ(alice->session.published.size(), 1U);
  EXPECT_EQ(alice->session.published[0].cid, "{ My Cid }");
  EXPECT_EQ(alice->session.published[0].track, *track);
}

TEST_F(PublishingTest, hands_the_track_to_media_on_the_uplink) {
  const auto track = add(*alice, "cam", TrackSource::Camera);
  const auto publish = world.media.last<Publish>();
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->transport, world.uplink(*alice));
  EXPECT_EQ(publish->spec.track, track->sid);
  EXPECT_EQ(publish->spec.cid, "cam");
}

TEST_F(PublishingTest, shows_a_track_to_others_only_once_it_is_negotiated) {
  const TrackSid track = world.announce(*alice, TrackSource::Camera);
  EXPECT_FALSE(find(bob->session.seen(alice->sid()), track));
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  world.bind(*alice, track);
  const auto seen = find(bob->session.seen(alice->sid()), track);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->mime_type, "video/vp8");
  EXPECT_FALSE(seen->mid.empty());
  EXPECT_TRUE(bob->session.seen(alice->sid())->is_publisher);
  EXPECT_TRUE(world.is_subscribed(*bob, track));
}

TEST_F(PublishingTest, says_nothing_new_when_the_same_binding_is_told_again) {
  const TrackSid track = world.announce(*alice, TrackSource::Camera);
  const TrackBound bound{
      .track = track, .mid = "0", .mime_type = "video/vp8", .rids = {"q", "h", "f"}};
  world.event(*alice, bound);
  bob->session.clear();
  world.event(*alice, bound);
  EXPECT_TRUE(bob->session.heard.empty());
}

TEST_F(PublishingTest, needs_the_right_and_the_source) {
  JoinRequest request = join_request("carol");
  request.permissions.publish_sources = {TrackSource::Microphone};
  const auto carol = world.enter(request);
  EXPECT_EQ(add(*carol, "cam", TrackSource::Camera).error().code, Errc::PermissionDenied);
  EXPECT_TRUE(add(*carol, "mic", TrackSource::Microphone));

  request = join_request("dave");
  request.permissions.can_publish = false;
  const auto dave = world.enter(request);
  EXPECT_EQ(add(*dave, "mic", TrackSource::Microphone).error().code, Errc::PermissionDenied);
  EXPECT_TRUE(dave->session.published.empty());
}

TEST_F(PublishingTest, takes_as_many_pending_tracks_as_the_limit_and_no_more) {
  for (std::size_t i = 0; i < limits::kPendingTracks; ++i) {
    ASSERT_TRUE(add(*alice, "mic" + std::to_string(i), TrackSource::Microphone));
  }
  EXPECT_EQ(add(*alice, "more", TrackSource::Microphone).error().code, Errc::LimitExceeded);
  world.bind(*alice, alice->session.published.front().track.sid);
  EXPECT_TRUE(add(*alice, "more", TrackSource::Microphone));
}

TEST_F(PublishingTest, takes_as_many_tracks_as_the_limit_and_no_more) {
  for (std::size_t i = 0; i < limits::kTracksPerParticipant; ++i) {
    world.publish(*alice, TrackSource::Microphone);
  }
  EXPECT_EQ(add(*alice, "more", TrackSource::Microphone).error().code, Errc::LimitExceeded);
}

TEST_F(PublishingTest, queues_a_request_for_a_media_track_that_is_still_published) {
  const auto first = add(*alice, "mic", TrackSource::Microphone);
  ASSERT_TRUE(first);
  EXPECT_EQ(add(*alice, "mic", TrackSource::Microphone).error().code, Errc::FailedPrecondition);
  EXPECT_EQ(alice->session.published.size(), 1U);
  world.event(*alice, TrackEnded{first->sid});
  ASSERT_EQ(alice->session.published.size(), 2U);
  EXPECT_EQ(alice->session.published[1].cid, "mic");
  EXPECT_NE(alice->session.published[1].track.sid, first->sid);
}

TEST_F(PublishingTest, queues_three_requests_for_one_media_track_and_no_more) {
  ASSERT_TRUE(add(*alice, "mic", TrackSource::Microphone));
  for (std::size_t i = 0; i < limits::kQueuedTracksPerCid; ++i) {
    EXPECT_EQ(add(*alice, "mic", TrackSource::Microphone).error().code, Errc::FailedPrecondition);
  }
  EXPECT_EQ(add(*alice, "mic", TrackSource::Microphone).error().code, Errc::LimitExceeded);
}

TEST_F(PublishingTest, adds_a_backup_codec_to_a_track) {
  TrackRequest request = RoomWorld::track_request("cam", TrackSource::Camera);
  request.codecs = {{.mime_type = "vp9", .cid = "cam"}, {.mime_type = "vp8"}};
  const auto track = add(*alice, request);
  ASSERT_TRUE(track);
  TrackRequest backup = RoomWorld::track_request("backup", TrackSource::Camera);
  backup.existing = track->sid;
  backup.codecs = {{.mime_type = "vp8", .cid = "backup"}};
  const auto added = add(*alice, backup);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->sid, track->sid);
  EXPECT_EQ(alice->session.published.back().cid, "backup");
  const auto publish = world.media.last<Publish>();
  EXPECT_EQ(publish->spec.track, track->sid);
  EXPECT_EQ(publish->spec.cid, "cam");
  EXPECT_EQ(publish->spec.codecs.at(1).cid, "backup");
}

TEST_F(PublishingTest, refuses_a_backup_codec_for_a_track_of_somebody_else) {
  const TrackSid track = world.publish(*bob, TrackSource::Camera);
  TrackRequest backup = RoomWorld::track_request("backup", TrackSource::Camera);
  backup.existing = track;
  EXPECT_EQ(add(*alice, backup).error().code, Errc::NotFound);
}

TEST_F(PublishingTest, takes_tracks_that_were_announced_before_the_transports_were_open) {
  const auto carol = world.try_join(join_request("carol"));
  const auto track = add(**carol, "cam", TrackSource::Camera);
  ASSERT_TRUE(track);
  EXPECT_EQ(world.media.count<Publish>(), 0U);
  world.rooms.joined(world.now(), (*carol)->sid());
  ASSERT_EQ(world.media.count<Publish>(), 1U);
  EXPECT_EQ(world.media.last<Publish>()->spec.track, track->sid);
}

TEST_F(PublishingTest, ends_a_track_when_its_section_goes_inactive) {
  const TrackSid track = world.publish(*alice, TrackSource::Camera);
  ASSERT_TRUE(world.is_subscribed(*bob, track));
  world.event(*alice, TrackEnded{track});
  EXPECT_FALSE(world.is_subscribed(*bob, track));
  EXPECT_FALSE(find(bob->session.seen(alice->sid()), track));
  EXPECT_FALSE(bob->session.seen(alice->sid())->is_publisher);
  EXPECT_TRUE(alice->session.unpublished.empty());
  EXPECT_EQ(world.rooms.totals().tracks, 0U);
}

TEST_F(PublishingTest, tells_everybody_of_a_mute_also_the_publisher) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  ASSERT_TRUE(world.rooms.set_own_mute(world.now(), alice->sid(), track, true));
  EXPECT_TRUE(find(bob->session.seen(alice->sid()), track)->muted);
  EXPECT_TRUE(find(alice->session.seen(alice->sid()), track)->muted);
  EXPECT_TRUE(world.media.last<SetTrackMuted>()->muted);
  EXPECT_TRUE(alice->session.mutes.empty()) << "it knows";
}

TEST_F(PublishingTest, says_nothing_of_a_mute_that_changes_nothing) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  alice->session.clear();
  ASSERT_TRUE(world.rooms.set_own_mute(world.now(), alice->sid(), track, false));
  EXPECT_TRUE(alice->session.heard.empty());
  EXPECT_EQ(world.media.count<SetTrackMuted>(), 0U);
}

TEST_F(PublishingTest, keeps_a_mute_of_a_track_that_is_not_negotiated_yet) {
  const TrackSid track = world.announce(*alice, TrackSource::Microphone);
  ASSERT_TRUE(world.rooms.set_own_mute(world.now(), alice->sid(), track, true));
  world.bind(*alice, track);
  EXPECT_TRUE(find(bob->session.seen(alice->sid()), track)->muted);
}

TEST_F(PublishingTest, refuses_to_mute_a_track_that_is_not_ones_own) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  EXPECT_EQ(world.rooms.set_own_mute(world.now(), bob->sid(), track, true).error().code,
            Errc::NotFound);
}

TEST_F(PublishingTest, lets_an_administrator_mute_and_tells_the_publisher_first) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  alice->session.clear();
  const auto muted = world.rooms.mute_track(world.now(), world.ref("alice"), track, true);
  ASSERT_TRUE(muted);
  EXPECT_TRUE(muted->muted);
  EXPECT_THAT(alice->session.heard, ElementsAre("track_muted", "participants"));
  EXPECT_THAT(alice->session.mutes, ElementsAre(std::pair(track, true)));
}

TEST_F(PublishingTest, lets_an_administrator_unmute_only_where_that_is_switched_on) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  world.rooms.set_own_mute(world.now(), alice->sid(), track, true).value();
  EXPECT_EQ(world.rooms.mute_track(world.now(), world.ref("alice"), track, false).error().code,
            Errc::FailedPrecondition);

  RoomWorld open(RoomDefaults{.allow_remote_unmute = true});
  const auto carol = open.enter("carol");
  const TrackSid other = open.publish(*carol, TrackSource::Microphone);
  ASSERT_TRUE(open.rooms.mute_track(open.now(), open.ref("carol"), other, true));
  EXPECT_FALSE(open.rooms.mute_track(open.now(), open.ref("carol"), other, false)->muted);
}

TEST_F(PublishingTest, tells_an_administrator_that_a_track_or_its_publisher_is_not_there) {
  EXPECT_EQ(
      world.rooms.mute_track(world.now(), world.ref("alice"), TrackSid("TR_no"), true).error().code,
      Errc::NotFound);
  EXPECT_EQ(world.rooms.mute_track(world.now(), world.ref("nobody"), TrackSid("TR_no"), true)
                .error()
                .code,
            Errc::NotFound);
}

TEST_F(PublishingTest, ends_tracks_that_a_new_permission_no_longer_covers) {
  const TrackSid camera = world.publish(*alice, TrackSource::Camera);
  const TrackSid microphone = world.publish(*alice, TrackSource::Microphone);
  Permissions permissions;
  permissions.publish_sources = {TrackSource::Microphone};
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions));
  EXPECT_THAT(alice->session.unpublished, ElementsAre(camera));
  EXPECT_FALSE(world.is_subscribed(*bob, camera));
  EXPECT_FALSE(find(bob->session.seen(alice->sid()), camera));
  EXPECT_TRUE(find(bob->session.seen(alice->sid()), microphone));
}

TEST_F(PublishingTest, ends_pending_and_queued_tracks_with_the_right_to_publish) {
  const TrackSid pending = world.announce(*alice, TrackSource::Microphone, "mic");
  EXPECT_FALSE(add(*alice, "mic", TrackSource::Microphone));
  Permissions permissions;
  permissions.can_publish = false;
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions));
  EXPECT_THAT(alice->session.unpublished, ElementsAre(pending));
  EXPECT_EQ(world.media.last<Unpublish>()->track, pending);
  world.event(*alice, TrackEnded{pending});
  EXPECT_EQ(alice->session.published.size(), 1U) << "nothing from the queue";
  EXPECT_FALSE(alice->session.left);
}

TEST_F(PublishingTest, starts_what_was_queued_behind_a_track_that_a_new_permission_ends) {
  world.announce(*alice, TrackSource::Camera, "cid");
  EXPECT_FALSE(add(*alice, "cid", TrackSource::ScreenShare));
  EXPECT_FALSE(add(*alice, "cid", TrackSource::Camera));
  Permissions permissions;
  permissions.publish_sources = {TrackSource::ScreenShare};
  ASSERT_TRUE(world.rooms.update_participant(world.now(), world.ref("alice"), {}, permissions));
  ASSERT_EQ(alice->session.published.size(), 2U);
  EXPECT_EQ(alice->session.published[1].track.source, TrackSource::ScreenShare);
}

TEST_F(PublishingTest, tells_everybody_of_audio_features_and_video_sizes) {
  const TrackSid microphone = world.publish(*alice, TrackSource::Microphone);
  ASSERT_TRUE(world.rooms.set_audio_features(world.now(), alice->sid(), microphone, {2, 3}));
  EXPECT_EQ(find(bob->session.seen(alice->sid()), microphone)->audio_features, (std::vector{2, 3}));
  const TrackSid screen = world.publish(*alice, TrackSource::ScreenShare);
  ASSERT_TRUE(
      world.rooms.set_video_size(world.now(), alice->sid(), screen, {.width = 800, .height = 600}));
  EXPECT_EQ(find(bob->session.seen(alice->sid()), screen)->width, 800U);
  EXPECT_EQ(find(bob->session.seen(alice->sid()), screen)->height, 600U);
}

TEST_F(PublishingTest, takes_as_many_audio_features_as_the_limit_and_no_more) {
  const TrackSid track = world.publish(*alice, TrackSource::Microphone);
  AudioFeatures features(limits::kAudioFeatures, 1);
  EXPECT_TRUE(world.rooms.set_audio_features(world.now(), alice->sid(), track, features));
  features.push_back(1);
  EXPECT_EQ(world.rooms.set_audio_features(world.now(), alice->sid(), track, features).error().code,
            Errc::InvalidArgument);
}

TEST_F(PublishingTest, knows_whether_all_tracks_of_a_client_are_still_published) {
  const TrackSid bound = world.publish(*alice, TrackSource::Camera);
  const TrackSid pending = world.announce(*alice, TrackSource::Microphone);
  EXPECT_TRUE(world.rooms.publishes_all(alice->sid(), std::vector{bound, pending}));
  EXPECT_FALSE(world.rooms.publishes_all(alice->sid(), std::vector{bound, TrackSid("TR_x")}));
  EXPECT_FALSE(world.rooms.publishes_all(bob->sid(), std::vector{bound}));
}

}  // namespace
}  // namespace vis::core::rooms
