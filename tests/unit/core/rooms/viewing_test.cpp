#include "core/rooms/viewing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

JoinRequest viewer_request(std::string identity, ViewerOptions options = {}) {
  JoinRequest request = join_request(std::move(identity));
  request.permissions.can_publish = false;
  request.permissions.hidden = true;
  request.viewer = std::move(options);
  return request;
}

class ViewingTest : public testing::Test {
 protected:
  Peer* view(ViewerOptions options = {}) {
    return world.join(viewer_request("screen", std::move(options)));
  }
  bool shows(const Peer& viewer, const TrackSid& track) const {
    return world.media.subscriptions.contains({world.media.transports.back().id, track}) &&
           world.transports(viewer).size() == 1;
  }
  void talk(const TrackSid& track) {
    world.event(*ann, AudioLevels{.room = ann->room(),
                                  .levels = {{.track = track, .dbov = 20, .active_percent = 90}}});
  }
  void talk_for(Duration duration, const TrackSid& track) {
    for (Duration passed{}; passed < duration; passed += 400ms) {
      talk(track);
      world.advance(400ms);
    }
  }

  RoomWorld world;
  Peer* ann = world.enter("ann");
  Peer* bob = world.enter("bob");
  TrackSid ann_mic = world.publish(*ann, TrackSource::Microphone);
  TrackSid ann_camera = world.publish(*ann, TrackSource::Camera);
};

TEST_F(ViewingTest, shows_one_participant_on_a_transport_of_its_own_kind) {
  const Peer* screen = view({.participant = "ann"});
  EXPECT_EQ(world.media.transports.back().role, TransportRole::Player);
  EXPECT_TRUE(shows(*screen, ann_mic));
  EXPECT_TRUE(shows(*screen, ann_camera));
}

TEST_F(ViewingTest, is_hidden_does_not_count_and_keeps_no_room_open) {
  view({.participant = "ann"});
  EXPECT_EQ(world.rooms.find_room(ProjectId("demo"), "meeting")->participants, 2U);
  world.rooms.leave(world.now(), ann->sid(), LeaveReason::ClientInitiated);
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(RoomDefaults{}.departure_timeout + 200ms);
  EXPECT_FALSE(world.rooms.find_room(ProjectId("demo"), "meeting"));
}

TEST_F(ViewingTest, is_refused_while_there_is_nothing_to_show) {
  const auto refusal = [&](JoinRequest request) {
    const auto joined = world.try_join(std::move(request));
    return joined ? Errc{} : joined.error().code;
  };
  EXPECT_EQ(refusal(viewer_request("screen", {.participant = "bob"})), Errc::FailedPrecondition);
  EXPECT_EQ(refusal(viewer_request("screen", {.participant = "cid"})), Errc::FailedPrecondition);
  JoinRequest elsewhere = viewer_request("screen");
  elsewhere.room_name = "elsewhere";
  EXPECT_EQ(refusal(std::move(elsewhere)), Errc::FailedPrecondition);
  EXPECT_FALSE(world.rooms.find_room(ProjectId("demo"), "elsewhere"));
}

TEST_F(ViewingTest, follows_its_participant_from_one_track_to_the_next) {
  const Peer* screen = view({.participant = "ann"});
  world.event(*ann, TrackEnded{ann_camera});
  const TrackSid camera = world.publish(*ann, TrackSource::Camera);
  world.advance(100ms);
  EXPECT_TRUE(shows(*screen, camera));
  EXPECT_FALSE(shows(*screen, ann_camera));
  EXPECT_TRUE(shows(*screen, ann_mic));
}

TEST_F(ViewingTest, prefers_a_shared_screen_and_returns_to_the_camera) {
  const Peer* screen = view({.participant = "ann"});
  const TrackSid shared = world.publish(*ann, TrackSource::ScreenShare);
  world.advance(100ms);
  EXPECT_TRUE(shows(*screen, shared));
  EXPECT_FALSE(shows(*screen, ann_camera));
  world.event(*ann, TrackEnded{shared});
  world.advance(100ms);
  EXPECT_TRUE(shows(*screen, ann_camera));
}

TEST_F(ViewingTest, fills_as_many_sections_as_there_are) {
  const TrackSid shared = world.publish(*ann, TrackSource::ScreenShare);
  const Peer* screen = view({.participant = "ann", .audios = 0, .videos = 2});
  EXPECT_TRUE(shows(*screen, shared));
  EXPECT_TRUE(shows(*screen, ann_camera));
  EXPECT_FALSE(shows(*screen, ann_mic));
}

TEST_F(ViewingTest, follows_the_active_speaker) {
  const TrackSid bob_mic = world.publish(*bob, TrackSource::Microphone);
  const TrackSid bob_camera = world.publish(*bob, TrackSource::Camera);
  const Peer* screen = view();
  EXPECT_TRUE(shows(*screen, ann_camera));
  talk_for(SpeakerChoice::kStay + SpeakerChoice::kHold + 400ms, bob_mic);
  EXPECT_TRUE(shows(*screen, bob_camera));
  EXPECT_TRUE(shows(*screen, bob_mic));
  EXPECT_FALSE(shows(*screen, ann_camera));
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(100ms);
  EXPECT_TRUE(shows(*screen, ann_camera));
}

TEST_F(ViewingTest, frees_a_section_before_it_fills_it_again) {
  view({.participant = "ann"});
  const TransportId player = world.media.transports.back().id;
  world.media.clear();
  world.publish(*ann, TrackSource::ScreenShare);
  world.advance(100ms);
  std::string order;
  for (const MediaCommand& command : world.media.commands) {
    const auto* ends = std::get_if<Unsubscribe>(&command);
    const auto* begins = std::get_if<Subscribe>(&command);
    if (ends != nullptr && ends->transport == player) order += "ends ";
    if (begins != nullptr && begins->transport == player) order += "begins ";
  }
  EXPECT_EQ(order, "ends begins ");
}

TEST_F(ViewingTest, has_the_quality_that_it_asks_for_now_and_of_later_tracks) {
  const Peer* screen = view({.participant = "ann", .quality = VideoQuality::Low});
  const TransportId player = world.media.transports.back().id;
  const auto target = [&](const TrackSid& track) {
    std::optional<VideoQuality> quality;
    for (const Subscribe& begun : world.media.all<Subscribe>()) {
      const bool ours = begun.transport == player && begun.spec.track == track;
      if (ours) quality = begun.spec.target.quality;
    }
    return quality;
  };
  EXPECT_EQ(target(ann_camera), VideoQuality::Low);
  world.rooms.set_viewer_quality(screen->sid(), VideoQuality::Medium);
  EXPECT_EQ(world.media.last<SetLayerTarget>()->target.quality, VideoQuality::Medium);
  world.event(*ann, TrackEnded{ann_camera});
  const TrackSid camera = world.publish(*ann, TrackSource::Camera);
  world.advance(100ms);
  EXPECT_EQ(target(camera), VideoQuality::Medium);
}

}  // namespace
}  // namespace vis::core::rooms
