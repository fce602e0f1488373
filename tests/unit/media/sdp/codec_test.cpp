#include "media/sdp/codec.hpp"

#include <gtest/gtest.h>

namespace vis::media::sdp {
namespace {

Codec codec(std::string name, std::string_view parameters = "", std::uint32_t clock_rate = 90000) {
  Codec made;
  made.name = std::move(name);
  made.clock_rate = clock_rate;
  made.parameters = parse_format_parameters(parameters);
  return made;
}

TEST(Codec, formats_are_the_same_whatever_the_case_of_their_name) {
  EXPECT_TRUE(same_format(codec("VP8"), codec("vp8")));
  EXPECT_FALSE(same_format(codec("VP8"), codec("VP9")));
  EXPECT_FALSE(same_format(codec("opus", "", 48000), codec("opus", "", 16000)));
}

TEST(Codec, h264_is_told_apart_by_packetization_mode_and_profile_but_not_by_level) {
  const Codec ours = codec("H264", "packetization-mode=1;profile-level-id=42e01f");
  EXPECT_TRUE(same_format(ours, codec("h264", "profile-level-id=42e034;packetization-mode=1")));
  EXPECT_TRUE(same_format(ours, codec("H264", "Profile-Level-Id=42C01F;packetization-mode=1")));
  EXPECT_FALSE(same_format(ours, codec("H264", "profile-level-id=42e01f")));
  EXPECT_FALSE(same_format(ours, codec("H264", "profile-level-id=42001f;packetization-mode=1")));
  EXPECT_FALSE(same_format(ours, codec("H264", "profile-level-id=640032;packetization-mode=1")));
}

TEST(Codec, knows_the_profiles_of_h264) {
  EXPECT_EQ(h264_profile("42e01f"), H264Profile::ConstrainedBaseline);
  EXPECT_EQ(h264_profile("42001f"), H264Profile::Baseline);
  EXPECT_EQ(h264_profile("4d001f"), H264Profile::Main);
  EXPECT_EQ(h264_profile("640c1f"), H264Profile::ConstrainedHigh);
  EXPECT_EQ(h264_profile("640032"), H264Profile::High);
  EXPECT_EQ(h264_profile("f4001f"), H264Profile::Other);
  EXPECT_EQ(h264_profile("42e0"), H264Profile::Other);
  EXPECT_EQ(h264_profile("-20000"), H264Profile::Other);
  EXPECT_EQ(h264_profile(std::nullopt), H264Profile::ConstrainedBaseline);
}

TEST(Codec, vp9_and_av1_are_told_apart_by_profile) {
  EXPECT_TRUE(same_format(codec("VP9"), codec("VP9", "profile-id=0;max-fr=60")));
  EXPECT_FALSE(same_format(codec("VP9", "profile-id=2"), codec("VP9")));
  EXPECT_TRUE(same_format(codec("AV1"), codec("AV1", "level-idx=5;profile=0;tier=0")));
  EXPECT_FALSE(same_format(codec("AV1", "profile=1"), codec("AV1")));
}

TEST(Codec, finds_the_rtx_codec_by_the_payload_type_that_it_repairs) {
  Codec vp8 = codec("VP8");
  vp8.payload_type = 96;
  Codec rtx = codec("rtx", "apt=96;rtx-time=3000");
  rtx.payload_type = 97;
  const std::vector<Codec> codecs{vp8, rtx};
  ASSERT_NE(find_rtx(codecs, 96), nullptr);
  EXPECT_EQ(find_rtx(codecs, 96)->payload_type, 97);
  EXPECT_EQ(find_rtx(codecs, 97), nullptr);
  EXPECT_EQ(find_payload_type(codecs, 97), &codecs[1]);
  EXPECT_EQ(find_payload_type(codecs, 98), nullptr);
}

TEST(FormatParameters, keep_their_order_and_bare_values) {
  EXPECT_EQ(to_text(parse_format_parameters("111/111")), "111/111");
  EXPECT_EQ(to_text(parse_format_parameters(" minptime=10; useinbandfec=1;;=x;0-15")),
            "minptime=10;useinbandfec=1;0-15");
}

TEST(FormatParameters, setting_one_keeps_its_place) {
  FormatParameters parameters = parse_format_parameters("a=1;b=2");
  set_parameter(parameters, "A", "3");
  set_parameter(parameters, "c", "4");
  EXPECT_EQ(to_text(parameters), "a=3;b=2;c=4");
  EXPECT_EQ(find_parameter(parameters, "B"), "2");
  EXPECT_EQ(find_parameter(parameters, "d"), std::nullopt);
}

TEST(Codec, names_its_media_type_in_lower_case) {
  EXPECT_EQ(mime_type(MediaKind::Video, codec("VP8")), "video/vp8");
  EXPECT_EQ(codec_name_of("video/VP8"), "VP8");
  EXPECT_EQ(codec_name_of("vp8"), "vp8");
}

}  // namespace
}  // namespace vis::media::sdp
