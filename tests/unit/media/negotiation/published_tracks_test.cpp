#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "base/limits/media_negotiation.hpp"
#include "peers.hpp"

/// The answers to what clients publish.
namespace vis::media::negotiation {
namespace {

using sdp::Direction;
using sdp::MediaKind;
using test::ClientOffer;
using test::round;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PublishedTracks, of_chromium_are_answered) {
  Negotiator negotiator(test::config(Offerer::Client));
  const auto offer = negotiator.check_offer(test::fixture("chromium_publish"));
  ASSERT_TRUE(offer);
  ASSERT_THAT(offer->tracks, SizeIs(3));
  EXPECT_EQ(offer->tracks[1].kind, MediaKind::Video);
  EXPECT_EQ(offer->tracks[1].track_id, "73be6a0d-b446-49ae-9676-b98963467b22");
  EXPECT_EQ(offer->tracks[2].stream_id, "");

  const Answer answer = negotiator.answer(*offer, {});
  const Negotiated& result = answer.negotiated;
  EXPECT_EQ(result.remote.ice.ufrag, "xsYX");
  EXPECT_EQ(result.remote.local_setup, sdp::Setup::Active);
  EXPECT_THAT(result.remote.candidates, SizeIs(4));
  ASSERT_TRUE(result.data);
  EXPECT_EQ(result.data->mid, "3");
  ASSERT_THAT(result.received, SizeIs(3));

  const ReceiveSection& audio = result.received[0];
  EXPECT_TRUE(audio.active);
  EXPECT_THAT(test::names(audio.codecs), ElementsAre("red", "opus"));
  EXPECT_THAT(audio.sources, ElementsAre(Source{2962759455, {}}));
  EXPECT_EQ(audio.extensions[HeaderExtension::AudioLevel], 1);
  EXPECT_EQ(audio.extensions[HeaderExtension::TransportSequenceNumber], 3);
  EXPECT_EQ(audio.extensions[HeaderExtension::StreamId], 0);

  const ReceiveSection& camera = result.received[1];
  EXPECT_THAT(test::names(camera.codecs), ElementsAre("VP8", "H264", "H264", "AV1", "VP9", "VP9"));
  EXPECT_EQ(camera.codecs[0].rtx_payload_type, 97);
  EXPECT_EQ(camera.codecs[1].codec.payload_type, 108);
  EXPECT_THAT(camera.layers, ElementsAre(SimulcastLayer{"q", false}, SimulcastLayer{"h", false},
                                         SimulcastLayer{"f", false}));
  EXPECT_EQ(camera.extensions[HeaderExtension::StreamId], 10);
  EXPECT_EQ(camera.extensions[HeaderExtension::DependencyDescriptor], 12);

  const ReceiveSection& screen = result.received[2];
  EXPECT_THAT(screen.sources, ElementsAre(Source{1252899146, 2439018551}));
}

TEST(PublishedTracks, the_answer_has_our_transport_and_the_reversed_directions) {
  Negotiator negotiator(test::config(Offerer::Client));
  const auto answer = test::read(round(negotiator, test::fixture("chromium_publish")).sdp);
  EXPECT_TRUE(answer.ice_lite);
  EXPECT_THAT(answer.bundle_groups, ElementsAre(ElementsAre("0", "1", "2", "3")));
  ASSERT_THAT(answer.sections, SizeIs(4));
  for (const sdp::MediaSection& section : answer.sections) {
    EXPECT_EQ(section.transport.ice_ufrag, "srvu");
    EXPECT_EQ(section.transport.setup, sdp::Setup::Active);
    EXPECT_THAT(section.transport.fingerprints, SizeIs(1));
    if (section.kind == MediaKind::Application) continue;
    EXPECT_EQ(section.direction, Direction::RecvOnly);
    EXPECT_TRUE(section.rtcp_mux);
  }
  EXPECT_THAT(answer.sections[0].candidates, SizeIs(1));
  EXPECT_TRUE(answer.sections[0].end_of_candidates);
  EXPECT_THAT(answer.sections[1].candidates, IsEmpty());
  EXPECT_EQ(answer.sections[1].simulcast->to_text(), "recv q;h;f");
  EXPECT_EQ(answer.sections[1].rids[0].to_text(), "q recv");
  EXPECT_EQ(answer.sections[3].sctp_port, 5000);
  EXPECT_EQ(answer.sections[3].max_message_size, 262144U);
}

TEST(PublishedTracks, of_firefox_are_answered) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer = round(negotiator, test::fixture("firefox_publish"));
  ASSERT_THAT(answer.negotiated.received, SizeIs(3));
  const ReceiveSection& camera = answer.negotiated.received[1];
  EXPECT_EQ(camera.track_id, "{914b034d-741c-4220-a2b1-3e15d454b742}");
  EXPECT_THAT(test::names(camera.codecs), ElementsAre("VP8", "VP9", "AV1"));
  EXPECT_THAT(camera.layers, SizeIs(3));
  EXPECT_THAT(camera.sources,
              ElementsAre(Source{1335412346, 4176297042}, Source{4168610373, 651526752},
                          Source{1847552514, 1738615888}));
  EXPECT_EQ(camera.extensions[HeaderExtension::RepairedStreamId], 10);
  // Firefox offers playout-delay for its receiving side alone.
  EXPECT_EQ(camera.extensions[HeaderExtension::PlayoutDelay], 0);
  const auto described = test::read(answer.sdp);
  EXPECT_EQ(described.sections[1].extensions[1].to_text(),
            "9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
}

TEST(PublishedTracks, the_wanted_codec_stands_first) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer = round(negotiator, test::fixture("chromium_publish"),
                              {.preferences = {{"1", {.codec = "video/VP9"}}}});
  EXPECT_EQ(test::names(answer.negotiated.received[1].codecs)[0], "VP9");
  EXPECT_EQ(test::names(answer.negotiated.received[2].codecs)[0], "VP8");
  const auto described = test::read(answer.sdp);
  EXPECT_EQ(described.sections[1].codecs[0].payload_type, 98);
  EXPECT_EQ(described.sections[1].codecs[1].payload_type, 99);
}

TEST(PublishedTracks, only_the_wanted_codec_is_answered_where_asked_for) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer = round(negotiator, test::fixture("firefox_publish"),
                              {.preferences = {{"1", {.codec = "vp9", .only_this_codec = true}},
                                               {"2", {.codec = "h264", .only_this_codec = true}}}});
  EXPECT_THAT(test::names(answer.negotiated.received[1].codecs), ElementsAre("VP9"));
  // Firefox here has no H264: a wish that cannot be met is no reason to refuse the track.
  EXPECT_THAT(test::names(answer.negotiated.received[2].codecs), ElementsAre("VP8", "VP9", "AV1"));
}

TEST(PublishedTracks, opus_is_answered_as_the_publisher_asked) {
  const auto opus = [](const PublishPreferences& preferences) {
    Negotiator negotiator(test::config(Offerer::Client));
    const Answer answer = round(negotiator, ClientOffer().send("audio", "mic").text(),
                                {.preferences = {{"0", preferences}}});
    const auto described = test::read(answer.sdp);
    std::string all;
    for (const sdp::Codec& codec : described.sections.at(0).codecs) {
      all += codec.name + ' ' + to_text(codec.parameters) + ' ';
    }
    return all;
  };
  EXPECT_EQ(opus({}), "red 109/109 opus minptime=10;useinbandfec=1;usedtx=1 ");
  EXPECT_EQ(opus({.dtx = false}), "red 109/109 opus minptime=10;useinbandfec=1 ");
  EXPECT_EQ(opus({.red = false}), "opus minptime=10;useinbandfec=1;usedtx=1 ");
  EXPECT_EQ(opus({.stereo = true}),
            "red 109/109 opus minptime=10;useinbandfec=1;usedtx=1;stereo=1;"
            "maxaveragebitrate=510000 ");
}

TEST(PublishedTracks, what_a_device_may_not_publish_is_taken_out) {
  Config config = test::config(Offerer::Client);
  auto capabilities = std::make_shared<Capabilities>(Capabilities::standard());
  capabilities->forbid("video/h264", Flow::Publish);
  capabilities->forbid("video/av1", Flow::Publish);
  config.capabilities = std::move(capabilities);
  Negotiator negotiator(config);
  const Answer answer = round(negotiator, test::fixture("chromium_publish"));
  EXPECT_THAT(test::names(answer.negotiated.received[1].codecs), ElementsAre("VP8", "VP9", "VP9"));
}

TEST(PublishedTracks, without_a_common_codec_the_section_is_rejected_and_the_rest_works) {
  Config config = test::config(Offerer::Client);
  auto capabilities = std::make_shared<Capabilities>(Capabilities::standard());
  for (const std::string_view mime : {"video/vp8", "video/vp9"}) {
    capabilities->forbid(mime, Flow::Publish);
  }
  config.capabilities = std::move(capabilities);
  Negotiator negotiator(config);
  const Answer answer =
      round(negotiator, ClientOffer().send("video", "cam").send("audio", "mic").text());
  ASSERT_THAT(answer.negotiated.received, SizeIs(2));
  EXPECT_FALSE(answer.negotiated.received[0].active);
  EXPECT_EQ(answer.negotiated.received[0].track_id, "cam");
  EXPECT_THAT(answer.negotiated.received[0].codecs, IsEmpty());
  EXPECT_TRUE(answer.negotiated.received[1].active);
  const auto described = test::read(answer.sdp);
  EXPECT_TRUE(described.sections[0].rejected());
  EXPECT_THAT(described.bundle_groups, ElementsAre(ElementsAre("1")));
  EXPECT_THAT(described.sections[1].candidates, SizeIs(1));
}

TEST(PublishedTracks, paused_layers_are_accepted) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer =
      round(negotiator,
            ClientOffer()
                .send("video", "cam")
                .change(0, "a=rtcp-mux\r\n",
                        "a=rtcp-mux\r\na=rid:q send\r\na=rid:h send\r\na=simulcast:send q;~h\r\n")
                .text());
  EXPECT_THAT(answer.negotiated.received[0].layers,
              ElementsAre(SimulcastLayer{"q", false}, SimulcastLayer{"h", true}));
  EXPECT_EQ(test::read(answer.sdp).sections[0].simulcast->to_text(), "recv q;h");
}

TEST(PublishedTracks, layers_are_ordered_by_what_their_names_say) {
  const auto order = [](std::string_view rids) {
    Negotiator negotiator(test::config(Offerer::Client));
    const Answer answer = round(
        negotiator, ClientOffer()
                        .send("video", "cam")
                        .change(0, "a=rtcp-mux\r\n",
                                "a=rtcp-mux\r\na=simulcast:send " + std::string(rids) + "\r\n")
                        .text());
    std::string ordered;
    for (const auto& layer : answer.negotiated.received[0].layers) ordered += layer.rid + ' ';
    return ordered;
  };
  EXPECT_EQ(order("q;h;f"), "q h f ");
  EXPECT_EQ(order("f;h;q"), "q h f ");
  EXPECT_EQ(order("h;m;l"), "l m h ");
  EXPECT_EQ(order("high;low"), "low high ");
  EXPECT_EQ(order("0;1;2"), "2 1 0 ") << "OBS begins with the whole picture";
  EXPECT_EQ(order("b;a;c"), "b a c ") << "names that say nothing";
}

TEST(PublishedTracks, layers_beyond_the_limit_are_not_taken) {
  const auto layers = [](std::size_t count) {
    std::string lines = "a=rtcp-mux\r\na=simulcast:send l0";
    for (std::size_t i = 1; i < count; ++i) lines += ";l" + std::to_string(i);
    Negotiator negotiator(test::config(Offerer::Client));
    return round(negotiator, ClientOffer()
                                 .send("video", "cam")
                                 .change(0, "a=rtcp-mux\r\n", lines + "\r\n")
                                 .text())
        .negotiated.received.at(0)
        .layers.size();
  };
  EXPECT_EQ(layers(limits::kSimulcastLayers), limits::kSimulcastLayers);
  EXPECT_EQ(layers(limits::kSimulcastLayers + 1), limits::kSimulcastLayers);
}

TEST(PublishedTracks, simulcast_by_ssrc_groups_is_reported_lowest_first) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer =
      round(negotiator, ClientOffer()
                            .send("video", "cam")
                            .change(0, "a=rtcp-mux\r\n",
                                    "a=rtcp-mux\r\na=ssrc:1 cname:c\r\na=ssrc:2 cname:c\r\n"
                                    "a=ssrc:3 cname:c\r\na=ssrc:4 cname:c\r\n"
                                    "a=ssrc-group:FID 3 4\r\na=ssrc-group:FID 1 2\r\n"
                                    "a=ssrc-group:SIM 3 1\r\n")
                            .text());
  EXPECT_THAT(answer.negotiated.received[0].sources, ElementsAre(Source{3, 4}, Source{1, 2}));
}

TEST(PublishedTracks, a_track_that_ends_is_reported_once) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.send("audio", "mic").send("video", "cam");
  EXPECT_THAT(round(negotiator, client.text()).negotiated.received, SizeIs(2));
  client.change(1, "sendonly", "inactive");
  const Answer stopped = round(negotiator, client.text());
  ASSERT_THAT(stopped.negotiated.received, SizeIs(1));
  EXPECT_EQ(stopped.negotiated.received[0].mid, "1");
  EXPECT_FALSE(stopped.negotiated.received[0].active);
  EXPECT_EQ(test::read(stopped.sdp).sections[1].direction, Direction::Inactive);
  EXPECT_THAT(round(negotiator, client.text()).negotiated.received, IsEmpty());
}

TEST(PublishedTracks, a_section_may_be_used_again_for_another_track) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.send("video", "cam");
  round(negotiator, client.text(), {.preferences = {{"0", {.codec = "vp9"}}}});
  // The preferences stay with the track, through offers about other things.
  EXPECT_THAT(round(negotiator, client.text()).negotiated.received, IsEmpty());
  client.change(0, "- cam", "- screen");
  const Answer next = round(negotiator, client.text());
  ASSERT_THAT(next.negotiated.received, SizeIs(1));
  EXPECT_EQ(next.negotiated.received[0].track_id, "screen");
  EXPECT_THAT(test::names(next.negotiated.received[0].codecs), ElementsAre("VP8", "VP9"));
}

TEST(PublishedTracks, the_place_of_a_stopped_section_may_be_taken_by_another) {
  Negotiator negotiator(test::config(Offerer::Client));
  ClientOffer client;
  client.data().send("video", "cam");
  round(negotiator, client.text());
  client.change(1, "m=video 9", "m=video 0").change(1, "sendonly", "inactive");
  const Answer stopped = round(negotiator, client.text());
  EXPECT_TRUE(test::read(stopped.sdp).sections[1].rejected());
  EXPECT_FALSE(stopped.negotiated.received.at(0).active);

  std::string recycled = ClientOffer().data().send("audio", "mic").text();
  recycled.replace(recycled.find("BUNDLE 0 1"), 10, "BUNDLE 0 9");
  recycled.replace(recycled.find("a=mid:1"), 7, "a=mid:9");
  const Answer next = round(negotiator, recycled);
  ASSERT_THAT(next.negotiated.received, SizeIs(1));
  EXPECT_EQ(next.negotiated.received[0].mid, "9");
  EXPECT_TRUE(next.negotiated.received[0].active);
}

TEST(PublishedTracks, our_dtls_role_can_be_passive) {
  Config config = test::config(Offerer::Client);
  config.answer_setup = sdp::Setup::Passive;
  Negotiator negotiator(config);
  const Answer answer = round(negotiator, ClientOffer().data().text());
  EXPECT_EQ(answer.negotiated.remote.local_setup, sdp::Setup::Passive);
  EXPECT_EQ(test::read(answer.sdp).sections[0].transport.setup, sdp::Setup::Passive);
}

TEST(PublishedTracks, a_second_data_section_is_rejected) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer = round(negotiator, ClientOffer().data().data().text());
  EXPECT_EQ(answer.negotiated.data->mid, "0");
  EXPECT_TRUE(test::read(answer.sdp).sections[1].rejected());
}

}  // namespace
}  // namespace vis::media::negotiation
