#include "media/sdp/session_description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/bytes.hpp"
#include "base/limits/media_sdp.hpp"
#include "support/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::media::sdp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

SessionDescription fixture(std::string_view name) {
  const auto parsed =
      SessionDescription::parse(test::read_file("tests/data/sdp/" + std::string(name) + ".sdp"));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(SessionDescription{});
}

/// The message of the refusal, or "accepted".
std::string error_of(std::string_view text) {
  const auto parsed = SessionDescription::parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

std::string with_section(std::string_view lines) {
  return "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" +
         std::string(lines) + "\r\n";
}

TEST(SessionDescription, reads_what_chromium_offers_to_publish) {
  const SessionDescription offer = fixture("chromium_publish");
  EXPECT_THAT(offer.bundle_groups, ElementsAre(ElementsAre("0", "1", "2", "3")));
  ASSERT_THAT(offer.sections, SizeIs(4));
  const MediaSection& audio = offer.sections[0];
  EXPECT_EQ(audio.kind, MediaKind::Audio);
  EXPECT_EQ(audio.mid, "0");
  EXPECT_EQ(audio.direction, Direction::SendOnly);
  EXPECT_EQ(audio.transport.setup, Setup::ActPass);
  EXPECT_THAT(audio.transport.fingerprints, SizeIs(1));
  EXPECT_EQ(audio.transport.fingerprints[0].hash, "sha-256");
  EXPECT_TRUE(audio.rtcp_mux);
  EXPECT_TRUE(audio.rtcp_rsize);
  EXPECT_TRUE(audio.extmap_allow_mixed);
  EXPECT_THAT(audio.candidates, Contains(HasSubstr("typ host")));
  ASSERT_FALSE(audio.codecs.empty());
  EXPECT_TRUE(audio.codecs[0].is("OPUS"));
  EXPECT_EQ(audio.codecs[0].channels, 2);
  EXPECT_EQ(audio.codecs[0].parameter("useinbandfec"), "1");
  EXPECT_THAT(audio.codecs[0].feedback, ElementsAre(RtcpFeedback{"transport-cc", ""}));
}

TEST(SessionDescription, reads_simulcast_and_retransmission_groups) {
  const SessionDescription chromium = fixture("chromium_publish");
  const MediaSection& camera = chromium.sections[1];
  ASSERT_TRUE(camera.simulcast);
  EXPECT_EQ(camera.simulcast->to_text(), "send q;h;f");
  EXPECT_THAT(camera.rids, SizeIs(3));
  const MediaSection& screen = chromium.sections[2];
  EXPECT_EQ(screen.msids.at(0).stream_id, "-");
  ASSERT_THAT(screen.ssrc_groups, SizeIs(1));
  EXPECT_EQ(screen.ssrc_groups[0].semantics, "FID");
  EXPECT_EQ(screen.ssrcs.at(0).ssrc, screen.ssrc_groups[0].ssrcs.at(0));
  EXPECT_EQ(screen.ssrcs[0].msid->track_id, screen.msids[0].track_id);
}

TEST(SessionDescription, completes_firefox_sections_from_the_session_level) {
  const SessionDescription offer = fixture("firefox_single_publish");
  const MediaSection& audio = offer.sections[1];
  EXPECT_TRUE(audio.transport.fingerprints.empty());
  EXPECT_THAT(offer.transport_of(audio).fingerprints, SizeIs(1));
  EXPECT_THAT(offer.transport_of(audio).ice_options, ElementsAre("trickle"));
  EXPECT_TRUE(audio.bundle_only);
  EXPECT_FALSE(audio.rejected());
  // Its a=fmtp lines come before the a=rtpmap lines that they belong to.
  EXPECT_EQ(audio.codecs.at(0).parameter("stereo"), "1");
  EXPECT_EQ(audio.extensions.at(1).direction, Direction::RecvOnly);
}

TEST(SessionDescription, reads_the_data_section) {
  const SessionDescription offer = fixture("chromium_data_only");
  ASSERT_THAT(offer.sections, SizeIs(1));
  EXPECT_EQ(offer.sections[0].kind, MediaKind::Application);
  EXPECT_EQ(offer.sections[0].sctp_port, 5000);
  EXPECT_EQ(offer.sections[0].max_message_size, 262144U);
}

TEST(SessionDescription, takes_the_direction_of_the_session_where_a_section_has_none) {
  const auto parsed = SessionDescription::parse(
      "v=0\na=inactive\nm=audio 9 UDP/TLS/RTP/SAVPF 0\nm=video 9 UDP/TLS/RTP/SAVPF "
      "96\na=recvonly\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sections[0].direction, Direction::Inactive);
  EXPECT_EQ(parsed->sections[1].direction, Direction::RecvOnly);
}

TEST(SessionDescription, knows_static_formats_and_drops_those_without_a_name) {
  const auto parsed =
      SessionDescription::parse("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 0 8 77\na=ptime:20\n");
  ASSERT_TRUE(parsed);
  ASSERT_THAT(parsed->sections[0].codecs, SizeIs(2));
  EXPECT_TRUE(parsed->sections[0].codecs[1].is("pcma"));
}

TEST(SessionDescription, gives_a_wildcard_feedback_line_to_every_format) {
  const auto parsed = SessionDescription::parse(
      "v=0\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\na=rtpmap:96 VP8/90000\na=rtpmap:97 VP9/90000\n"
      "a=rtcp-fb:* nack pli\n");
  ASSERT_TRUE(parsed);
  for (const Codec& codec : parsed->sections[0].codecs) {
    EXPECT_THAT(codec.feedback, ElementsAre(RtcpFeedback{"nack", "pli"}));
  }
}

TEST(SessionDescription, every_fixture_reads_the_same_after_being_written) {
  for (const auto& path : test::files_in("tests/data/sdp")) {
    SCOPED_TRACE(path);
    const SessionDescription before = fixture(path.stem().string());
    const auto after = SessionDescription::parse(before.to_text());
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(*after, before);
  }
}

TEST(SessionDescription, says_what_is_wrong_and_in_which_line) {
  const struct {
    std::string text;
    std::string_view message;
  } kCases[] = {
      {"", "session description is empty"},
      {"hello", "line 1: v=0 is missing"},
      {"v=0\nnonsense\n", "line 2: the line is not of the form x=value"},
      {"v=0\no=- x 1 IN IP4 0\n", "line 2: o= is malformed"},
      {"v=0\nm=audio\n", "line 2: m= is malformed"},
      {"v=0\nm=audio 70000 X 0\n", "line 2: m= is malformed"},
      {"v=0\nm=text 9 X 0\n", "line 2: m= is neither audio, video nor application"},
      {"v=0\nm=audio 9 X 128\n", "line 2: m= has a bad payload type"},
      {"v=0\nm=audio 9 X 1 1\n", "line 2: m= has a payload type twice"},
      {with_section("a=rtpmap:"), "line 4: a=rtpmap without payload type"},
      {with_section("a=rtpmap:111"), "line 4: a=rtpmap without codec name"},
      {with_section("a=rtpmap:111 opus/x"), "line 4: a=rtpmap is malformed"},
      {with_section("a=fmtp:x y"), "line 4: a=fmtp without payload type"},
      {with_section("a=rtcp-fb:111"), "line 4: a=rtcp-fb without feedback type"},
      {with_section("a=ssrc:x cname:y"), "line 4: a=ssrc without SSRC"},
      {with_section("a=ssrc-group:FID"), "line 4: a=ssrc-group is malformed"},
      {with_section("a=extmap:0 urn:x"), "line 4: a=extmap is malformed"},
      {with_section("a=extmap:15 urn:x"), "line 4: a=extmap is malformed"},
      {with_section("a=rid:q"), "line 4: a=rid is malformed"},
      {with_section("a=simulcast:send"), "line 4: a=simulcast is malformed"},
      {with_section("a=mid:a b"), "line 4: a=mid is not a token"},
      {with_section("a=mid:a\r\na=mid:b"), "line 5: a=mid contradicts an earlier one"},
      {with_section("a=ice-ufrag:abc"), "line 4: a=ice-ufrag is malformed"},
      {with_section("a=ice-pwd:tooshort"), "line 4: a=ice-pwd is malformed"},
      {with_section("a=fingerprint:sha-256 A"), "line 4: a=fingerprint is malformed"},
      {with_section("a=setup:both"),
       "line 4: a=setup is none of actpass, active, passive, holdconn"},
      {with_section("a=sctp-port:0"), "line 4: a=sctp-port is malformed"},
      {with_section("a=candidate:"), "line 4: a=candidate is empty"},
      {with_section("a=x:\x01"), "line 4: the line holds a control character"},
  };
  for (const auto& test_case : kCases) EXPECT_EQ(error_of(test_case.text), test_case.message);
}

TEST(SessionDescription, skips_what_it_does_not_know) {
  EXPECT_EQ(error_of(with_section("a=x-unheard-of:1\r\nb=AS:30\r\na=rtcp-xr:rcvr-rtt=all\r\n"
                                  "a=rtpmap:99 unlisted/8000")),
            "accepted");
}

TEST(SessionDescription, limits_its_size) {
  std::string text = "v=0\r\n";
  while (text.size() + 100 < limits::kSdpBytes) text += "a=x:" + std::string(94, 'x') + "\r\n";
  text += "a=x:" + std::string(limits::kSdpBytes - text.size() - 4, 'x');
  ASSERT_EQ(text.size(), limits::kSdpBytes);
  EXPECT_EQ(error_of(text), "accepted");
  EXPECT_EQ(error_of(text + "x"), "session description is larger than 1048576 bytes");
}

TEST(SessionDescription, limits_the_length_of_a_line) {
  EXPECT_EQ(error_of("v=0\na=" + std::string(limits::kSdpLineBytes - 2, 'x')), "accepted");
  EXPECT_EQ(error_of("v=0\na=" + std::string(limits::kSdpLineBytes - 1, 'x')),
            "line 2 is too long");
}

TEST(SessionDescription, limits_the_number_of_sections) {
  std::string text = "v=0\n";
  for (std::size_t i = 0; i < limits::kSdpSections; ++i) text += "m=audio 9 X 0\n";
  EXPECT_EQ(error_of(text), "accepted");
  EXPECT_EQ(error_of(text + "m=audio 9 X 0\n"), "line 202: m= opens too many sections");
}

TEST(SessionDescription, limits_how_often_an_attribute_comes) {
  for (const std::string_view line :
       {"a=candidate:1", "a=extmap:1 urn:x", "a=msid:s t", "a=rid:q send", "a=ssrc-group:FID 1",
        "a=fingerprint:sha-1 AA", "a=ice-options:trickle"}) {
    std::string lines;
    for (std::size_t i = 0; i < limits::kSdpRepeats; ++i) lines += std::string(line) + "\r\n";
    EXPECT_EQ(error_of(with_section(lines + "a=x")), "accepted") << line;
    EXPECT_THAT(error_of(with_section(lines + std::string(line))), HasSubstr("comes too often"));
  }
}

TEST(SessionDescription, limits_the_number_of_sources) {
  std::string lines;
  for (std::size_t i = 0; i < limits::kSdpRepeats; ++i) {
    lines += "a=ssrc:" + std::to_string(i) + " cname:x\r\n";
  }
  EXPECT_EQ(error_of(with_section(lines + "a=ssrc:1 msid:s t")), "accepted");
  EXPECT_EQ(error_of(with_section(lines + "a=ssrc:999 cname:x")),
            "line 132: a=ssrc comes too often");
}

TEST(SessionDescription, limits_the_feedback_of_a_format) {
  std::string lines;
  for (std::size_t i = 0; i < limits::kSdpFeedback; ++i) lines += "a=rtcp-fb:111 nack\r\n";
  EXPECT_EQ(error_of(with_section(lines + "a=x")), "accepted");
  EXPECT_EQ(error_of(with_section(lines + "a=rtcp-fb:111 nack")),
            "line 20: a=rtcp-fb comes too often");
}

TEST(SessionDescription, survives_what_the_fuzzer_found) {
  for (const auto& path : test::files_in("fuzz/corpus/sdp")) {
    const std::string input = test::read_file(path);
    const auto bytes = as_bytes(input);
    EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0) << path;
  }
}

}  // namespace
}  // namespace vis::media::sdp
