// Rooms with more microphones than are heard at once, from one client to the other.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::microphone;
using test::PeerStream;
using test::PeerTrack;
using test::Simulation;

constexpr std::uint8_t kNoise = 80;
constexpr std::uint8_t kVoice = 30;
constexpr std::size_t kBytes = 80;

/// Some who publish microphones and one who subscribes to them all.
class Hall {
 public:
  Hall(std::size_t most, std::size_t people, bool encrypted = false)
      : simulation(1, {.max_speakers = most}) {
    for (std::size_t i = 0; i < people; ++i) {
      PeerTrack track = microphone("mic" + std::to_string(i), ssrc(i));
      track.encrypted = encrypted;
      speakers.push_back(&simulation.add_publisher({.tracks = {track}}));
    }
    listener = &simulation.add_subscriber();
    for (std::size_t i = 0; i < people; ++i) {
      simulation.subscribe(*listener, "TR_mic" + std::to_string(i));
    }
    simulation.run_for(2s);
  }

  /// Everybody sends for so long; who is among the first `voices` speaks.
  void talk(Duration duration, std::size_t voices) {
    simulation.run_for(duration, 20ms, [&] {
      for (std::size_t i = 0; i < speakers.size(); ++i) {
        speakers[i]->client->send_audio_packet(simulation.now(), 0, i < voices ? kVoice : kNoise,
                                               kBytes);
      }
    });
  }

  void settle() { simulation.run_for(100ms); }

  /// Streams that the listener has been sent anything of.
  std::size_t streams() const { return listener->client->received().size(); }

  Simulation simulation;
  std::vector<Simulation::Peer*> speakers;
  Simulation::Peer* listener = nullptr;

 private:
  static std::uint32_t ssrc(std::size_t index) { return static_cast<std::uint32_t>(1000 + index); }
};

TEST(Speakers, in_a_small_room_everybody_is_heard_silent_or_not) {
  Hall hall(5, 5);
  hall.talk(1s, 0);
  hall.settle();
  EXPECT_EQ(hall.streams(), 5U);
  for (const auto& [ssrc, stream] : hall.listener->client->received()) {
    EXPECT_EQ(stream.packets, 50U);
  }
}

TEST(Speakers, in_a_large_room_only_those_who_speak_are_sent) {
  Hall hall(3, 12);
  hall.talk(2s, 2);
  hall.settle();
  EXPECT_EQ(hall.streams(), 2U);
  for (const auto& [ssrc, stream] : hall.listener->client->received()) {
    EXPECT_EQ(stream.packets, 100U);
    EXPECT_EQ(stream.missing(), 0U);
  }
  EXPECT_EQ(hall.simulation.counters().rtp_forwarded, 200U);
}

TEST(Speakers, no_more_are_heard_than_are_allowed) {
  Hall hall(3, 12);
  hall.talk(2s, 12);
  hall.settle();
  EXPECT_LE(hall.streams(), 3U);
}

TEST(Speakers, who_speaks_again_goes_on_without_a_gap_and_with_what_led_up_to_it) {
  Hall hall(1, 2);
  hall.talk(1s, 1);
  hall.settle();
  ASSERT_EQ(hall.streams(), 1U);
  const PeerStream& stream = hall.listener->client->received().begin()->second;
  EXPECT_EQ(stream.packets, 50U);
  hall.talk(5s, 0);
  const auto through_pauses = stream.packets;
  EXPECT_GT(through_pauses, 90U);
  EXPECT_LT(through_pauses, 110U);
  hall.talk(1s, 1);
  hall.settle();
  // The two packets before the first loud one come along.
  EXPECT_EQ(stream.packets, through_pauses + 50 + 2);
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
  EXPECT_EQ(stream.duplicates, 0U);
}

TEST(Speakers, are_found_in_speech_that_is_encrypted_end_to_end) {
  Hall hall(3, 12, true);
  hall.talk(2s, 2);
  hall.settle();
  EXPECT_EQ(hall.streams(), 2U);
}

TEST(Speakers, the_reports_of_one_who_is_silent_stay_sane) {
  Hall hall(1, 2);
  hall.talk(1s, 1);
  const auto reports = hall.listener->client->sender_reports();
  hall.talk(5s, 0);
  EXPECT_GE(hall.listener->client->sender_reports(), reports);
  EXPECT_TRUE(hall.listener->state_connected);
  EXPECT_EQ(hall.listener->client->datagrams_refused(), 0U);
}

}  // namespace
}  // namespace vis::media::sfu
