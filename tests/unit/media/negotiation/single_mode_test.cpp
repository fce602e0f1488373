#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/media_negotiation.hpp"
#include "peers.hpp"

/// Tracks of ours in recvonly sections of the client's offers.
namespace vis::media::negotiation {
namespace {

using sdp::Direction;
using test::ClientOffer;
using test::round;
using test::send_track;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using Sids = std::map<std::string, std::string>;

TEST(SingleMode, fills_the_sections_that_chromium_opens) {
  Negotiator negotiator(test::config(Offerer::Client));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_a", "opus")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_v", "VP9", "profile-id=0")));
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
  const Answer answer = round(negotiator, test::fixture("chromium_single_join"));
  EXPECT_EQ(negotiator.mid_to_track_id(), (Sids{{"0", "TR_a"}, {"3", "TR_v"}}));
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);

  ASSERT_THAT(answer.negotiated.sent, SizeIs(2));
  const SendSection& audio = answer.negotiated.sent[0];
  EXPECT_EQ(audio.state, SendState::Sending);
  EXPECT_EQ(audio.mid, "0");
  EXPECT_EQ(audio.codec.codec.payload_type, 111);
  EXPECT_EQ(audio.extensions[HeaderExtension::Mid], 4);
  EXPECT_EQ(audio.extensions[HeaderExtension::AudioLevel], 0);
  const SendSection& video = answer.negotiated.sent[1];
  EXPECT_EQ(video.codec.codec.payload_type, 98);
  EXPECT_EQ(video.codec.rtx_payload_type, 99);
  EXPECT_EQ(video.rtx_ssrc, video.ssrc + 1);
  EXPECT_EQ(video.extensions[HeaderExtension::AbsSendTime], 2);
  EXPECT_EQ(video.extensions[HeaderExtension::PlayoutDelay], 5);
  EXPECT_THAT(video.codec.codec.feedback, ::testing::Contains(sdp::RtcpFeedback{"nack", "pli"}));

  const auto described = test::read(answer.sdp);
  const sdp::MediaSection& section = described.sections[3];
  EXPECT_EQ(section.direction, Direction::SendOnly);
  EXPECT_THAT(section.msids, ElementsAre(sdp::Msid{"PA_x|TR_v", "TR_v"}));
  EXPECT_EQ(section.ssrcs.at(0).ssrc, video.ssrc);
  EXPECT_EQ(section.ssrcs[0].cname, "PA_x|TR_v");
  EXPECT_EQ(section.ssrc_groups.at(0).semantics, "FID");
  EXPECT_THAT(section.codecs, SizeIs(2));
  EXPECT_EQ(described.sections[1].direction, Direction::Inactive);
  EXPECT_THAT(described.sections[1].msids, IsEmpty());
}

TEST(SingleMode, answers_keep_alive_the_extensions_of_tracks_published_later) {
  Negotiator negotiator(test::config(Offerer::Client));
  const auto described = test::read(round(negotiator, test::fixture("chromium_single_join")).sdp);
  const auto has = [&](std::size_t section, HeaderExtension extension) {
    const auto& lines = described.sections[section].extensions;
    return std::ranges::find(lines, uri_of(extension), &sdp::Extmap::uri) != lines.end();
  };
  EXPECT_TRUE(has(0, HeaderExtension::AudioLevel));
  EXPECT_TRUE(has(0, HeaderExtension::TransportSequenceNumber));
  EXPECT_TRUE(has(3, HeaderExtension::StreamId));
  EXPECT_TRUE(has(3, HeaderExtension::RepairedStreamId));
  EXPECT_TRUE(has(3, HeaderExtension::TransportSequenceNumber));
}

TEST(SingleMode, takes_the_payload_types_of_firefox) {
  Negotiator negotiator(test::config(Offerer::Client));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_a", "opus")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_v", "VP8")));
  const Answer answer = round(negotiator, test::fixture("firefox_single_publish"));
  ASSERT_THAT(answer.negotiated.sent, SizeIs(2));
  EXPECT_EQ(answer.negotiated.sent[0].codec.codec.payload_type, 109);
  EXPECT_EQ(answer.negotiated.sent[1].codec.codec.payload_type, 120);
  EXPECT_EQ(answer.negotiated.sent[1].codec.rtx_payload_type, 124);
  EXPECT_THAT(answer.negotiated.received, SizeIs(2));
}

TEST(SingleMode, asks_for_the_sections_that_are_missing) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.receive("audio").receive("video").data();
  round(negotiator, client.text());
  for (const std::string_view sid : {"TR_v1", "TR_v2", "TR_v3"}) {
    ASSERT_TRUE(negotiator.add_send_track(send_track(sid, "VP8")));
  }
  EXPECT_EQ(negotiator.take_sections_requirement(),
            (SectionsRequirement{.audios = 0, .videos = 2}));
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
  // What comes on top while the client has not offered yet is asked for apart.
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_v4", "VP8")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_a1", "opus")));
  EXPECT_EQ(negotiator.take_sections_requirement(),
            (SectionsRequirement{.audios = 0, .videos = 1}));
  round(negotiator, client.receive("video").receive("video").receive("video").text());
  EXPECT_EQ(negotiator.mid_to_track_id(),
            (Sids{{"0", "TR_a1"}, {"1", "TR_v1"}, {"3", "TR_v2"}, {"4", "TR_v3"}, {"5", "TR_v4"}}));
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
}

TEST(SingleMode, asks_for_a_bare_offer_when_a_track_goes) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.receive("audio").data();
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_a", "opus")));
  round(negotiator, client.text());
  negotiator.remove_send_track("TR_a");
  EXPECT_THAT(negotiator.mid_to_track_id(), IsEmpty());
  EXPECT_EQ(negotiator.take_sections_requirement(), SectionsRequirement{});
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
  const auto described = test::read(round(negotiator, client.text()).sdp);
  EXPECT_EQ(described.sections[0].direction, Direction::Inactive);
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
}

TEST(SingleMode, a_section_is_seen_inactive_before_it_carries_another_track) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.receive("audio").data();
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "opus")));
  round(negotiator, client.text());
  negotiator.remove_send_track("TR_1");
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "opus")));
  EXPECT_EQ(negotiator.take_sections_requirement(), SectionsRequirement{});
  round(negotiator, client.text());
  EXPECT_THAT(negotiator.mid_to_track_id(), IsEmpty());
  EXPECT_EQ(negotiator.take_sections_requirement(), SectionsRequirement{});
  const Answer answer = round(negotiator, client.text());
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("0", "TR_2")));
  EXPECT_EQ(answer.negotiated.sent.at(0).state, SendState::Sending);
}

TEST(SingleMode, sections_are_not_used_again_where_that_is_switched_off) {
  Config config = test::config(Offerer::Client);
  config.reuse_sections = false;
  Negotiator negotiator(config);
  ClientOffer client;
  client.receive("audio").data();
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "opus")));
  round(negotiator, client.text());
  negotiator.remove_send_track("TR_1");
  round(negotiator, client.text());
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "opus")));
  EXPECT_EQ(negotiator.take_sections_requirement(),
            (SectionsRequirement{.audios = 1, .videos = 0}));
  round(negotiator, client.receive("audio").text());
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("2", "TR_2")));
}

TEST(SingleMode, a_codec_that_the_client_lacks_is_rejected_and_others_work) {
  Negotiator negotiator(test::config(Offerer::Client));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_av1", "AV1")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_vp8", "VP8")));
  const Answer answer = round(negotiator, ClientOffer().receive("video").data().text());
  ASSERT_THAT(answer.negotiated.sent, SizeIs(2));
  EXPECT_EQ(answer.negotiated.sent[0].state, SendState::Rejected);
  EXPECT_EQ(answer.negotiated.sent[1].state, SendState::Sending);
  EXPECT_EQ(negotiator.take_sections_requirement(), std::nullopt);
  negotiator.remove_send_track("TR_av1");
  EXPECT_EQ(negotiator.send_section("TR_av1"), std::nullopt);
}

TEST(SingleMode, a_track_moves_when_the_client_takes_its_section_for_its_own) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.receive("audio").receive("audio").data();
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "opus")));
  round(negotiator, client.text());
  client.change(0, "a=recvonly\r\n", "a=sendrecv\r\na=msid:- mic\r\n");
  const Answer answer = round(negotiator, client.text());
  EXPECT_EQ(answer.negotiated.received.at(0).track_id, "mic");
  EXPECT_EQ(test::read(answer.sdp).sections[0].direction, Direction::RecvOnly);
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("1", "TR_1")));
}

TEST(SingleMode, a_stereo_track_is_marked) {
  Negotiator negotiator(test::config(Offerer::Client));
  SendTrack track = send_track("TR_1", "opus");
  track.stereo = true;
  ASSERT_TRUE(negotiator.add_send_track(track));
  const auto described = test::read(round(negotiator, ClientOffer().receive("audio").text()).sdp);
  EXPECT_EQ(described.sections[0].codecs.at(0).parameter("sprop-stereo"), "1");
}

TEST(SingleMode, refuses_tracks_that_it_cannot_send) {
  Negotiator negotiator(test::config(Offerer::Client));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "opus")));
  EXPECT_EQ(negotiator.add_send_track(send_track("TR_1", "opus")).error().code,
            Errc::AlreadyExists);
  EXPECT_EQ(negotiator.add_send_track(send_track("TR_2", "MP4V-ES")).error().code,
            Errc::Unsupported);
  // The high profile of H264 is for publishing alone.
  EXPECT_EQ(negotiator
                .add_send_track(
                    send_track("TR_3", "H264", "packetization-mode=1;profile-level-id=640032"))
                .error()
                .code,
            Errc::Unsupported);
}

TEST(SingleMode, limits_the_tracks_of_one_connection) {
  Negotiator negotiator(test::config(Offerer::Client));
  for (std::size_t i = 0; i < limits::kSendTracks; ++i) {
    ASSERT_TRUE(negotiator.add_send_track(send_track("TR_" + std::to_string(i), "VP8")));
  }
  EXPECT_EQ(negotiator.add_send_track(send_track("TR_more", "VP8")).error().code,
            Errc::LimitExceeded);
}

TEST(SingleMode, a_section_for_any_track_agrees_on_every_codec) {
  Negotiator negotiator(test::config(Offerer::Client));
  SendTrack any{.track_sid = "0",
                .stream_id = "stream",
                .kind = sdp::MediaKind::Video,
                .any_codec = true,
                .ssrc = 7,
                .rtx_ssrc = 8,
                .cname = "stream"};
  ASSERT_TRUE(negotiator.add_send_track(any));
  const Answer answer = round(negotiator, test::fixture("chromium_single_join"));
  ASSERT_THAT(answer.negotiated.sent, SizeIs(1));
  const SendSection& section = answer.negotiated.sent[0];
  EXPECT_EQ(section.state, SendState::Sending);
  const auto codecs = test::names(section.codecs);
  for (const char* const name : {"VP8", "VP9", "H264", "AV1"}) {
    EXPECT_THAT(codecs, ::testing::Contains(name));
  }
  const auto described = test::read(answer.sdp);
  EXPECT_EQ(described.sections[3].direction, Direction::SendOnly);
  EXPECT_EQ(described.sections[3].ssrcs.at(0).ssrc, 7U);
  EXPECT_EQ(described.sections[3].ssrcs.at(1).ssrc, 8U);
}

}  // namespace
}  // namespace vis::media::negotiation
