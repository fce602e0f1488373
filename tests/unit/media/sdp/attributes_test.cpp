#include "media/sdp/attributes.hpp"

#include <gtest/gtest.h>

#include "base/limits/media_sdp.hpp"

namespace vis::media::sdp {
namespace {

TEST(Simulcast, reads_streams_alternatives_and_pauses) {
  const auto simulcast = Simulcast::parse("send q;~h,h2;f recv a");
  ASSERT_TRUE(simulcast);
  ASSERT_EQ(simulcast->send.size(), 3U);
  EXPECT_EQ(simulcast->send[1][0], (SimulcastRid{"h", true}));
  EXPECT_EQ(simulcast->send[1][1], (SimulcastRid{"h2", false}));
  EXPECT_EQ(simulcast->receive[0][0].id, "a");
  EXPECT_EQ(simulcast->to_text(), "send q;~h,h2;f recv a");
}

TEST(Simulcast, refuses_what_is_malformed) {
  for (const std::string_view text :
       {"", "send", "both q", "send q send h", "send q;~;f", "send ,", "send q recv"}) {
    EXPECT_FALSE(Simulcast::parse(text)) << text;
  }
}

TEST(Simulcast, limits_the_number_of_streams) {
  std::string text = "send q";
  for (std::size_t i = 1; i < limits::kSdpRepeats; ++i) text += ";q";
  EXPECT_TRUE(Simulcast::parse(text));
  EXPECT_FALSE(Simulcast::parse(text + ";q"));
}

TEST(Fingerprint, is_brought_to_one_spelling) {
  const auto fingerprint = Fingerprint::parse("SHA-256 ab:cd:0f");
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->to_text(), "sha-256 AB:CD:0F");
  EXPECT_FALSE(Fingerprint::parse("sha-256 AB:C"));
  EXPECT_FALSE(Fingerprint::parse("sha-256 AB-CD"));
  EXPECT_FALSE(Fingerprint::parse("sha-256"));
}

TEST(Extmap, reads_id_direction_and_uri) {
  const auto extmap = Extmap::parse("8/sendonly urn:x:y ignored attributes");
  ASSERT_TRUE(extmap);
  EXPECT_EQ(*extmap, (Extmap{8, Direction::SendOnly, "urn:x:y"}));
  EXPECT_EQ(extmap->to_text(), "8/sendonly urn:x:y");
  EXPECT_TRUE(Extmap::parse("255 urn:x"));
  EXPECT_FALSE(Extmap::parse("256 urn:x"));
  EXPECT_FALSE(Extmap::parse("8/sideways urn:x"));
  EXPECT_FALSE(Extmap::parse("8"));
}

TEST(Msid, may_lack_the_track_id) {
  EXPECT_EQ(Msid::parse("stream track"), (Msid{"stream", "track"}));
  EXPECT_EQ(Msid::parse("stream"), (Msid{"stream", ""}));
  EXPECT_FALSE(Msid::parse(""));
}

TEST(Direction, is_reversed_for_the_other_side) {
  EXPECT_EQ(reversed(Direction::SendOnly), Direction::RecvOnly);
  EXPECT_EQ(reversed(Direction::RecvOnly), Direction::SendOnly);
  EXPECT_EQ(reversed(Direction::SendRecv), Direction::SendRecv);
  EXPECT_EQ(reversed(Direction::Inactive), Direction::Inactive);
}

TEST(Rid, reads_its_direction_and_restrictions) {
  EXPECT_EQ(Rid::parse("q send"), (Rid{"q", Direction::SendOnly, ""}));
  EXPECT_EQ(Rid::parse("q recv pt=96;max-width=640")->to_text(), "q recv pt=96;max-width=640");
  EXPECT_FALSE(Rid::parse("q sideways"));
}

}  // namespace
}  // namespace vis::media::sdp
