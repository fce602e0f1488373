#include "media/sfu/speaker_selection.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "base/limits/media_sfu.hpp"

namespace vis::media::sfu {
namespace {

constexpr std::uint8_t kNoise = 80;
constexpr std::uint8_t kQuiet = 45;
constexpr std::uint8_t kVoice = 30;
constexpr std::uint8_t kShout = 10;
constexpr Duration kPacket = 20ms;

/// A room whose microphones send a packet each 20 ms.
class Hall {
 public:
  Hall(std::size_t most, std::size_t microphones) : selection_(most), microphones_(microphones) {
    for (auto& each : microphones_) selection_.join(each);
  }

  bool packet(std::size_t index, std::optional<std::uint8_t> dbov) {
    return selection_.admit(now, microphones_[index], dbov);
  }
  /// How many of the packets of that time were sent on.
  int speak(std::size_t index, std::uint8_t dbov, Duration duration) {
    int sent = 0;
    for (const TimePoint end = now + duration; now < end; now += kPacket) {
      sent += packet(index, dbov) ? 1 : 0;
    }
    return sent;
  }
  void leave(std::size_t index) { selection_.leave(microphones_[index]); }

  TimePoint now{1000s};

 private:
  SpeakerSelection selection_;
  std::deque<SpeakerSelection::Microphone> microphones_;
};

TEST(SpeakerSelection, leaves_a_room_alone_in_which_all_may_speak_at_once) {
  Hall hall(3, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(hall.packet(i, kNoise));
  Hall open(0, 100);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(open.packet(i, std::nullopt));
}

TEST(SpeakerSelection, sends_on_in_a_larger_room_who_speaks_and_nobody_else) {
  Hall hall(3, 4);
  EXPECT_FALSE(hall.packet(0, kNoise));
  EXPECT_TRUE(hall.packet(1, kVoice));
  EXPECT_TRUE(hall.packet(2, kQuiet));
  EXPECT_FALSE(hall.packet(3, kNoise));
}

TEST(SpeakerSelection, keeps_a_speaker_through_a_pause_and_no_longer) {
  Hall hall(3, 4);
  EXPECT_EQ(hall.speak(0, kVoice, 1s), 50);
  EXPECT_EQ(hall.speak(0, kNoise, SpeakerSelection::kHold - kPacket), 49);
  EXPECT_EQ(hall.speak(0, kNoise, 1s), 0);
  EXPECT_TRUE(hall.packet(0, kVoice));
}

TEST(SpeakerSelection, has_no_place_for_one_more_while_all_speak) {
  Hall hall(2, 3);
  for (int i = 0; i < 100; ++i, hall.now += kPacket) {
    EXPECT_TRUE(hall.packet(0, kVoice));
    EXPECT_TRUE(hall.packet(1, kVoice));
    EXPECT_FALSE(hall.packet(2, kVoice));
  }
}

TEST(SpeakerSelection, gives_the_place_of_one_who_pauses_to_one_who_speaks) {
  Hall hall(1, 2);
  EXPECT_TRUE(hall.packet(0, kVoice));
  hall.now += SpeakerSelection::kPause - 1ms;
  EXPECT_FALSE(hall.packet(1, kVoice));
  hall.now += 1ms;
  EXPECT_TRUE(hall.packet(1, kVoice));
  EXPECT_FALSE(hall.packet(0, kNoise));
}

TEST(SpeakerSelection, lets_a_louder_one_in_who_insists) {
  Hall hall(1, 2);
  EXPECT_TRUE(hall.packet(0, kQuiet));
  Duration waited{};
  while (waited < 2s && !hall.packet(1, kShout)) {
    EXPECT_TRUE(hall.packet(0, kQuiet));
    hall.now += kPacket;
    waited += kPacket;
  }
  EXPECT_GE(waited, SpeakerSelection::kInsist);
  EXPECT_LE(waited, SpeakerSelection::kInsist + 5 * kPacket);
  EXPECT_FALSE(hall.packet(0, kQuiet));
}

TEST(SpeakerSelection, sends_on_a_limited_number_of_those_that_tell_no_level) {
  Hall hall(1, limits::kUnlevelledMicrophones + 1);
  for (std::size_t i = 0; i < limits::kUnlevelledMicrophones; ++i) {
    EXPECT_TRUE(hall.packet(i, std::nullopt));
  }
  EXPECT_FALSE(hall.packet(limits::kUnlevelledMicrophones, std::nullopt));
  hall.leave(0);
  EXPECT_TRUE(hall.packet(limits::kUnlevelledMicrophones, std::nullopt));
}

TEST(SpeakerSelection, a_packet_without_a_level_goes_the_way_of_those_before_it) {
  Hall hall(1, 2);
  EXPECT_TRUE(hall.packet(0, kVoice));
  EXPECT_TRUE(hall.packet(0, std::nullopt));
  EXPECT_FALSE(hall.packet(1, kNoise));
  EXPECT_FALSE(hall.packet(1, std::nullopt));
}

TEST(SpeakerSelection, the_place_of_one_who_leaves_is_free) {
  Hall hall(1, 3);
  EXPECT_TRUE(hall.packet(0, kVoice));
  EXPECT_FALSE(hall.packet(1, kVoice));
  hall.leave(0);
  EXPECT_TRUE(hall.packet(1, kVoice));
}

}  // namespace
}  // namespace vis::media::sfu
