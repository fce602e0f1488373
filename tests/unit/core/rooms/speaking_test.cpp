#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rooms/room_world.hpp"

namespace vis::core::rooms {
namespace {

using testing::IsEmpty;

class SpeakingTest : public testing::Test {
 protected:
  void levels(std::vector<AudioLevels::Level> levels) {
    world.event(*alice, AudioLevels{.room = alice->room(), .levels = std::move(levels)});
  }
  void talk(const TrackSid& track, std::uint8_t dbov = 20) {
    levels({{.track = track, .dbov = dbov, .active_percent = 90}});
  }

  RoomWorld world;
  Peer* alice = world.enter("alice");
  Peer* bob = world.enter("bob");
  Peer* carol = world.enter("carol");
  TrackSid microphone = world.publish(*alice, TrackSource::Microphone);
};

TEST_F(SpeakingTest, tells_the_speaker_itself_and_those_who_receive_it) {
  world.bind_subscription(*bob, microphone);
  talk(microphone);
  ASSERT_EQ(alice->session.speakers.size(), 1U);
  ASSERT_EQ(bob->session.speakers.size(), 1U);
  EXPECT_EQ(bob->session.speakers[0].participant, alice->sid());
  EXPECT_TRUE(bob->session.speakers[0].active);
  EXPECT_EQ(bob->session.speakers[0].level, 0.125F);
  EXPECT_THAT(carol->session.speakers, IsEmpty()) << "not bound yet";
}

TEST_F(SpeakingTest, tells_only_changes) {
  world.bind_subscription(*bob, microphone);
  talk(microphone);
  world.advance(400ms);
  talk(microphone);
  EXPECT_EQ(bob->session.speakers.size(), 1U);
  talk(microphone, 0);
  ASSERT_EQ(bob->session.speakers.size(), 2U);
  EXPECT_GT(bob->session.speakers[1].level, 0.125F);
}

TEST_F(SpeakingTest, tells_when_a_speaker_has_stopped) {
  world.bind_subscription(*bob, microphone);
  talk(microphone);
  world.advance(2s);
  ASSERT_EQ(bob->session.speakers.size(), 2U);
  EXPECT_FALSE(bob->session.speakers[1].active);
  EXPECT_EQ(bob->session.speakers[1].level, 0.0F);
}

TEST_F(SpeakingTest, silences_a_speaker_that_is_muted) {
  world.bind_subscription(*bob, microphone);
  talk(microphone);
  world.rooms.set_own_mute(world.now(), alice->sid(), microphone, true).value();
  world.advance(100ms);
  EXPECT_FALSE(bob->session.speakers.back().active);
  talk(microphone);
  EXPECT_FALSE(bob->session.speakers.back().active);
}

TEST_F(SpeakingTest, looks_at_microphones_only) {
  const TrackSid screen = world.publish(*bob, TrackSource::ScreenShareAudio);
  talk(screen);
  EXPECT_THAT(bob->session.speakers, IsEmpty());
}

TEST_F(SpeakingTest, tells_a_new_subscriber_who_is_speaking) {
  talk(microphone);
  world.bind_subscription(*bob, microphone);
  ASSERT_EQ(bob->session.speakers.size(), 1U);
  EXPECT_TRUE(bob->session.speakers[0].active);
}

TEST_F(SpeakingTest, silences_a_speaker_for_one_who_unsubscribes) {
  world.bind_subscription(*bob, microphone);
  talk(microphone);
  world.rooms.set_subscribed(world.now(), bob->sid(), std::vector{microphone}, false);
  ASSERT_EQ(bob->session.speakers.size(), 2U);
  EXPECT_FALSE(bob->session.speakers[1].active);
}

TEST_F(SpeakingTest, ignores_levels_of_tracks_that_are_gone) {
  talk(TrackSid("TR_AMgone"));
  EXPECT_THAT(alice->session.speakers, IsEmpty());
}

TEST_F(SpeakingTest, tells_several_speakers_in_one_message) {
  const TrackSid second = world.publish(*bob, TrackSource::Microphone);
  world.bind_subscription(*carol, microphone);
  world.bind_subscription(*carol, second);
  levels({{.track = microphone, .dbov = 10, .active_percent = 90},
          {.track = second, .dbov = 15, .active_percent = 90}});
  EXPECT_EQ(carol->session.speakers.size(), 2U);
  EXPECT_EQ(carol->session.times_heard("speakers"), 1U);
}

}  // namespace
}  // namespace vis::core::rooms
