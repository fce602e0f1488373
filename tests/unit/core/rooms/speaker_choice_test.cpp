#include "core/rooms/speaker_choice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vis::core::rooms {
namespace {

const ParticipantSid kAnn("PA_ann");
const ParticipantSid kBob("PA_bob");

class SpeakerChoiceTest : public testing::Test {
 protected:
  const ParticipantSid& choose(std::vector<SpeakerChoice::Candidate> candidates) {
    return choice_.choose(now_, candidates);
  }
  const ParticipantSid& only(const ParticipantSid& speaker) {
    return choose({{.participant = kAnn, .speaking = speaker == kAnn, .level = 0.5},
                   {.participant = kBob, .speaking = speaker == kBob, .level = 0.5}});
  }

  SpeakerChoice choice_;
  TimePoint now_{1000s};
};

TEST_F(SpeakerChoiceTest, is_nobody_where_nobody_is) { EXPECT_TRUE(choose({}).empty()); }

TEST_F(SpeakerChoiceTest, begins_with_a_speaker_else_with_a_picture_else_with_anybody) {
  EXPECT_EQ(only(kBob), kBob);
  choice_ = {};
  EXPECT_EQ(choose({{.participant = kAnn}, {.participant = kBob, .has_video = true}}), kBob);
  choice_ = {};
  EXPECT_EQ(choose({{.participant = kAnn}, {.participant = kBob}}), kAnn);
}

TEST_F(SpeakerChoiceTest, stays_with_who_spoke_last) {
  only(kBob);
  now_ += 60s;
  EXPECT_EQ(only({}), kBob);
}

TEST_F(SpeakerChoiceTest, switches_to_another_who_speaks_for_a_while) {
  only(kAnn);
  now_ += SpeakerChoice::kStay;
  EXPECT_EQ(only(kBob), kAnn);
  now_ += SpeakerChoice::kHold - 1ms;
  EXPECT_EQ(only(kBob), kAnn);
  now_ += 1ms;
  EXPECT_EQ(only(kBob), kBob);
}

TEST_F(SpeakerChoiceTest, leaves_nobody_too_soon) {
  only(kAnn);
  EXPECT_EQ(only(kBob), kAnn);
  now_ += SpeakerChoice::kStay - 1ms;
  EXPECT_EQ(only(kBob), kAnn);
  now_ += 1ms;
  EXPECT_EQ(only(kBob), kBob);
}

TEST_F(SpeakerChoiceTest, takes_no_notice_of_a_cough) {
  only(kAnn);
  now_ += 10s;
  EXPECT_EQ(only(kBob), kAnn);
  now_ += 500ms;
  EXPECT_EQ(only(kAnn), kAnn);
  now_ += 600ms;
  EXPECT_EQ(only(kBob), kAnn);
}

TEST_F(SpeakerChoiceTest, stays_while_both_speak_and_the_other_is_not_louder) {
  const auto both = [&](float ann, float bob) {
    return choose({{.participant = kAnn, .speaking = true, .level = ann},
                   {.participant = kBob, .speaking = true, .level = bob}});
  };
  EXPECT_EQ(both(0.5, 0.25), kAnn);
  now_ += 10s;
  EXPECT_EQ(both(0.5, 0.5), kAnn);
  EXPECT_EQ(both(0.5, 0.75), kAnn);
  now_ += SpeakerChoice::kHold;
  EXPECT_EQ(both(0.5, 0.75), kBob);
}

TEST_F(SpeakerChoiceTest, leaves_at_once_who_has_gone) {
  only(kAnn);
  EXPECT_EQ(choose({{.participant = kBob}}), kBob);
}

}  // namespace
}  // namespace vis::core::rooms
