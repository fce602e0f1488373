// A video that is published in two codecs, the second for those who lack the first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/rooms/subscribing.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BackupCodecTest : public testing::Test {
 protected:
  /// A camera in VP9 that may be had in VP8 as well, once somebody needs it.
  BackupCodecTest() {
    TrackRequest request = world.track_request("cam", TrackSource::Camera);
    request.codecs = {{.mime_type = "video/vp9", .cid = "cam"}, {.mime_type = "video/vp8"}};
    track = world.rooms.add_track(world.now(), alice->sid(), request)->sid;
    world.bind(*alice, track, "video/vp9");
    alice->session.wanted.clear();
  }

  void refuse() {
    world.event(*bob, SubscriptionFailed{.transport = world.downlink(*bob),
                                         .track = track,
                                         .error = SubscriptionError::CodecUnsupported});
  }
  void publish_backup() {
    TrackRequest request = world.track_request("cam-vp8", TrackSource::Camera);
    request.existing = track;
    request.codecs = {{.mime_type = "video/vp8", .cid = "cam-vp8"}};
    ASSERT_TRUE(world.rooms.add_track(world.now(), alice->sid(), request));
    world.bind(*alice, track, "video/vp8");
  }
  std::vector<std::string> asked_codecs() const {
    std::vector<std::string> names;
    if (alice->session.wanted.empty()) return names;
    for (const WantedQuality::Codec& codec : alice->session.wanted.back().codecs) {
      names.push_back(codec.mime_type);
    }
    return names;
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  TrackSid track;
};

TEST_F(BackupCodecTest, is_asked_for_when_somebody_lacks_the_first_codec) {
  EXPECT_FALSE(world.media.last<Subscribe>()->spec.backup);
  refuse();
  EXPECT_THAT(asked_codecs(), ElementsAre("video/vp9", "video/vp8"));
  EXPECT_THAT(bob->session.errors, IsEmpty()) << "it is on its way";
  publish_backup();
  EXPECT_TRUE(world.media.last<Subscribe>()->spec.backup);
  EXPECT_TRUE(world.is_subscribed(*bob, track));
  EXPECT_EQ(alice->session.published.size(), 2U);
}

TEST_F(BackupCodecTest, is_sent_no_longer_than_somebody_needs_it) {
  const auto carol = world.enter("carol");
  publish_backup();
  refuse();
  const auto& wanted = alice->session.wanted;
  ASSERT_THAT(wanted.back().codecs, SizeIs(2));
  EXPECT_EQ(wanted.back().codecs[1].highest, VideoQuality::High);
  world.rooms.leave(world.now(), bob->sid(), LeaveReason::ClientInitiated);
  world.advance(6s);
  ASSERT_THAT(wanted.back().codecs, SizeIs(2));
  EXPECT_EQ(wanted.back().codecs[0].highest, VideoQuality::High) << "for carol";
  EXPECT_EQ(wanted.back().codecs[1].highest, VideoQuality::Off);
  EXPECT_TRUE(world.is_subscribed(*carol, track));
}

TEST_F(BackupCodecTest, takes_the_place_of_the_first_where_nobody_has_that) {
  publish_backup();
  refuse();
  world.advance(6s);
  const auto& codecs = alice->session.wanted.back().codecs;
  ASSERT_THAT(codecs, SizeIs(2));
  EXPECT_EQ(codecs[0].highest, VideoQuality::Off);
  EXPECT_EQ(codecs[1].highest, VideoQuality::High);
}

TEST_F(BackupCodecTest, that_is_published_already_is_given_at_once) {
  publish_backup();
  EXPECT_FALSE(world.media.last<Subscribe>()->spec.backup) << "bob has not refused anything";
  refuse();
  EXPECT_TRUE(world.media.last<Subscribe>()->spec.backup);
  EXPECT_THAT(bob->session.errors, IsEmpty());
}

TEST_F(BackupCodecTest, that_is_lacking_too_is_the_end_of_it) {
  publish_backup();
  refuse();
  refuse();
  EXPECT_THAT(bob->session.errors,
              ElementsAre(std::pair(track, SubscriptionError::CodecUnsupported)));
}

TEST_F(BackupCodecTest, that_never_comes_is_told_as_a_track_that_is_not_bound) {
  refuse();
  world.advance(Subscribing::kBindTimeout + 200ms);
  EXPECT_THAT(bob->session.errors, ElementsAre(std::pair(track, SubscriptionError::Unknown)));
}

}  // namespace
}  // namespace vis::core::rooms
