#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/media_negotiation.hpp"
#include "base/limits/media_sdp.hpp"
#include "peers.hpp"

/// A subscriber's connection of dual mode: we offer.
namespace vis::media::negotiation {
namespace {

using sdp::Direction;
using sdp::MediaKind;
using test::answer_to;
using test::read;
using test::round;
using test::send_track;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ServerOffers, begin_with_the_data_section_even_without_tracks) {
  Negotiator negotiator(test::config(Offerer::Server));
  EXPECT_TRUE(negotiator.needs_negotiation());
  const auto offer = read(negotiator.create_offer().value());
  ASSERT_THAT(offer.sections, SizeIs(1));
  EXPECT_EQ(offer.sections[0].kind, MediaKind::Application);
  EXPECT_EQ(offer.sections[0].transport.setup, sdp::Setup::Active);
  EXPECT_THAT(offer.bundle_groups, ElementsAre(ElementsAre("0")));
  EXPECT_FALSE(negotiator.needs_negotiation());
  const auto result = negotiator.apply_answer(test::fixture("chromium_answer_data"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->remote.local_setup, sdp::Setup::Passive);
  EXPECT_EQ(result->data->max_message_size, 262144U);
  EXPECT_FALSE(negotiator.needs_negotiation());
}

void add_one_of_each(Negotiator& negotiator) {
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_A1", "opus")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_V1", "vp8")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_V2", "vp9", "profile-id=0")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_V3", "av1")));
  ASSERT_TRUE(negotiator.add_send_track(
      send_track("TR_V4", "h264", "packetization-mode=1;profile-level-id=42e01f")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_R1", "red", "111/111")));
}

/// As a client answers whom an offer has told to be the DTLS server.
std::string passive(std::string answer) {
  constexpr std::string_view kActive = "a=setup:active";
  for (std::size_t at = 0; (at = answer.find(kActive, at)) != std::string::npos;) {
    answer.replace(at, kActive.size(), "a=setup:passive");
  }
  return answer;
}

TEST(ServerOffers, say_the_same_dtls_role_again_in_every_section) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.create_offer());
  ASSERT_TRUE(negotiator.apply_answer(passive(test::fixture("firefox_answer_data"))));
  add_one_of_each(negotiator);
  const auto offer = read(negotiator.create_offer().value());
  for (const sdp::MediaSection& section : offer.sections) {
    EXPECT_EQ(section.transport.setup, sdp::Setup::Active);
  }
  EXPECT_TRUE(negotiator.apply_answer(passive(test::fixture("firefox_answer_tracks"))));
}

TEST(ServerOffers, chromium_takes_every_codec) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.create_offer());
  ASSERT_TRUE(negotiator.apply_answer(test::fixture("chromium_answer_data")));
  add_one_of_each(negotiator);
  ASSERT_TRUE(negotiator.create_offer());
  const auto result = negotiator.apply_answer(test::fixture("chromium_answer_tracks"));
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_THAT(result->sent, SizeIs(6));
  for (const SendSection& sent : result->sent) EXPECT_EQ(sent.state, SendState::Sending);
  EXPECT_EQ(result->sent[1].codec.codec.payload_type, 96);
  EXPECT_EQ(result->sent[1].codec.rtx_payload_type, 97);
  EXPECT_EQ(result->sent[1].extensions[HeaderExtension::DependencyDescriptor], 10);
  EXPECT_EQ(result->sent[4].codec.codec.payload_type, 108);
  EXPECT_TRUE(result->sent[5].codec.codec.is("red"));
  EXPECT_FALSE(result->ice_restart);
}

TEST(ServerOffers, firefox_rejects_h264_and_takes_opus_in_the_place_of_red) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.create_offer());
  ASSERT_TRUE(negotiator.apply_answer(test::fixture("firefox_answer_data")));
  add_one_of_each(negotiator);
  ASSERT_TRUE(negotiator.create_offer());
  const auto result = negotiator.apply_answer(test::fixture("firefox_answer_tracks"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(negotiator.send_section("TR_V4")->state, SendState::Rejected);
  EXPECT_EQ(negotiator.send_section("TR_V3")->state, SendState::Sending);
  EXPECT_TRUE(negotiator.send_section("TR_R1")->codec.codec.is("opus"));
  EXPECT_EQ(negotiator.send_section("TR_R1")->codec.codec.payload_type, 111);
  EXPECT_FALSE(negotiator.mid_to_track_id().contains("5"));
  // The rejected section keeps its place, out of the BUNDLE, and its mid.
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_V5", "vp8")));
  const auto next = read(negotiator.create_offer().value());
  EXPECT_TRUE(next.sections[5].rejected());
  EXPECT_EQ(next.sections[7].mid, "7");
  EXPECT_THAT(next.bundle_groups.at(0), ElementsAre("0", "1", "2", "3", "4", "6", "7"));
}

TEST(ServerOffers, describe_the_track_and_its_codec_alone) {
  Negotiator negotiator(test::config(Offerer::Server));
  const SendTrack track = send_track("TR_V1", "VP8");
  ASSERT_TRUE(negotiator.add_send_track(track));
  const auto offer = read(negotiator.create_offer().value());
  const sdp::MediaSection& section = offer.sections.at(1);
  EXPECT_EQ(section.direction, Direction::SendOnly);
  ASSERT_THAT(section.codecs, SizeIs(2));
  EXPECT_EQ(section.codecs[0].name, "VP8");
  EXPECT_EQ(section.codecs[1].associated_payload_type(), 96);
  EXPECT_THAT(section.msids, ElementsAre(sdp::Msid{"PA_x|TR_V1", "TR_V1"}));
  EXPECT_THAT(section.ssrc_groups,
              ElementsAre(sdp::SsrcGroup{"FID", {track.ssrc, *track.rtx_ssrc}}));
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("1", "TR_V1")));
}

TEST(ServerOffers, one_is_outstanding_at_a_time_and_changes_wait_for_the_next) {
  Negotiator negotiator(test::config(Offerer::Server));
  const std::string first = negotiator.create_offer().value();
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "opus")));
  EXPECT_FALSE(negotiator.needs_negotiation());
  EXPECT_EQ(negotiator.create_offer().error().code, Errc::FailedPrecondition);
  ASSERT_TRUE(negotiator.apply_answer(answer_to(first).to_text()));
  EXPECT_TRUE(negotiator.needs_negotiation());
  EXPECT_THAT(read(negotiator.create_offer().value()).sections, SizeIs(3));
}

TEST(ServerOffers, a_removed_track_leaves_its_section_inactive_for_the_next_of_its_kind) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  round(negotiator);
  negotiator.remove_send_track("TR_1");
  EXPECT_TRUE(negotiator.needs_negotiation());
  const std::string offer = negotiator.create_offer().value();
  EXPECT_EQ(read(offer).sections[1].direction, Direction::Inactive);
  EXPECT_FALSE(read(offer).sections[1].codecs.empty());
  EXPECT_THAT(read(offer).sections[1].msids, IsEmpty());
  ASSERT_TRUE(negotiator.apply_answer(answer_to(offer).to_text()));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_a", "opus")));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "VP9")));
  round(negotiator);
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("1", "TR_2"), Pair("2", "TR_a")));
}

TEST(ServerOffers, a_section_is_seen_inactive_before_it_carries_another_track) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  round(negotiator);
  negotiator.remove_send_track("TR_1");
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "VP8")));
  round(negotiator);
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("2", "TR_2")));
}

TEST(ServerOffers, sections_are_not_used_again_where_that_is_switched_off) {
  Config config = test::config(Offerer::Server);
  config.reuse_sections = false;
  Negotiator negotiator(config);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  round(negotiator);
  negotiator.remove_send_track("TR_1");
  round(negotiator);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "VP8")));
  round(negotiator);
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("2", "TR_2")));
}

TEST(ServerOffers, a_track_removed_under_an_outstanding_offer_is_taken_back) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  const std::string offer = negotiator.create_offer().value();
  negotiator.remove_send_track("TR_1");
  const auto result = negotiator.apply_answer(answer_to(offer).to_text());
  ASSERT_TRUE(result);
  EXPECT_THAT(result->sent, IsEmpty());
  EXPECT_TRUE(negotiator.needs_negotiation());
  EXPECT_EQ(read(negotiator.create_offer().value()).sections[1].direction, Direction::Inactive);
}

TEST(ServerOffers, an_inactive_answer_rejects_the_track_and_frees_the_section) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  auto answer = answer_to(negotiator.create_offer().value());
  answer.sections[1].direction = Direction::Inactive;
  const auto result = negotiator.apply_answer(answer.to_text());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->sent.at(0).state, SendState::Rejected);
  negotiator.remove_send_track("TR_1");
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_2", "VP9")));
  round(negotiator);
  EXPECT_THAT(negotiator.mid_to_track_id(), ElementsAre(Pair("1", "TR_2")));
}

TEST(ServerOffers, a_rejected_data_section_is_reported) {
  Negotiator negotiator(test::config(Offerer::Server));
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  auto answer = answer_to(negotiator.create_offer().value());
  test::reject(answer, "0");
  const auto result = negotiator.apply_answer(answer.to_text());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->data);
  EXPECT_EQ(result->sent.at(0).state, SendState::Sending);
}

TEST(ServerOffers, stereo_opus_is_marked) {
  Negotiator negotiator(test::config(Offerer::Server));
  SendTrack track = send_track("TR_1", "opus");
  track.stereo = true;
  ASSERT_TRUE(negotiator.add_send_track(track));
  const auto offer = read(negotiator.create_offer().value());
  EXPECT_EQ(to_text(offer.sections[1].codecs[0].parameters),
            "minptime=10;useinbandfec=1;sprop-stereo=1");
}

TEST(ServerOffers, an_ice_restart_replaces_the_outstanding_offer) {
  Negotiator negotiator(test::config(Offerer::Server));
  round(negotiator);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  ASSERT_TRUE(negotiator.create_offer());
  negotiator.restart_ice(test::kNewServerIce);
  EXPECT_TRUE(negotiator.needs_negotiation());
  const std::string offer = negotiator.create_offer().value();
  EXPECT_EQ(read(offer).sections[0].transport.ice_ufrag, "srv2");
  EXPECT_THAT(read(offer).sections, SizeIs(2));

  auto answer = answer_to(offer);
  EXPECT_EQ(negotiator.apply_answer(answer.to_text()).error().message,
            "the answer keeps its ICE credentials in a restart");
  for (sdp::MediaSection& section : answer.sections) section.transport.ice_ufrag = "clnu";
  const auto result = negotiator.apply_answer(answer.to_text());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->ice_restart);
  EXPECT_FALSE(result->new_association);
  EXPECT_EQ(result->sent.at(0).state, SendState::Sending);
}

TEST(ServerOffers, the_last_section_is_the_limit) {
  Config config = test::config(Offerer::Server);
  config.reuse_sections = false;
  Negotiator negotiator(config);
  // Tracks that come and go use up sections that may not be used again.
  std::size_t sections = 1;
  while (sections + limits::kSendTracks / 2 <= limits::kSdpSections) {
    for (std::size_t i = 0; i < limits::kSendTracks / 2; ++i, ++sections) {
      ASSERT_TRUE(negotiator.add_send_track(send_track("TR_" + std::to_string(sections), "VP8")));
    }
    round(negotiator);
    for (std::size_t i = 1; i < sections; ++i) {
      negotiator.remove_send_track("TR_" + std::to_string(i));
    }
    round(negotiator);
  }
  for (; sections < limits::kSdpSections; ++sections) {
    ASSERT_TRUE(negotiator.add_send_track(send_track("TR_" + std::to_string(sections), "VP8")));
  }
  EXPECT_THAT(read(negotiator.create_offer().value()).sections, SizeIs(limits::kSdpSections));
  negotiator.restart_ice(test::kNewServerIce);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_more", "VP8")));
  EXPECT_THAT(read(negotiator.create_offer().value()).sections, SizeIs(limits::kSdpSections));
  EXPECT_EQ(negotiator.send_section("TR_more")->state, SendState::Waiting);
}

TEST(RefusedAnswers, say_why_and_leave_the_offer_outstanding) {
  Negotiator negotiator(test::config(Offerer::Server));
  EXPECT_EQ(negotiator.apply_answer("v=0").error().code, Errc::FailedPrecondition);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  const std::string offer = negotiator.create_offer().value();
  const auto refusal_of = [&](auto&& change) {
    auto answer = answer_to(offer);
    change(answer);
    const auto applied = negotiator.apply_answer(answer.to_text());
    EXPECT_TRUE(negotiator.offer_outstanding());
    return applied ? "accepted" : applied.error().message;
  };
  using Description = sdp::SessionDescription;
  EXPECT_EQ(refusal_of([](Description& answer) { answer.sections.pop_back(); }),
            "the answer has another number of sections than the offer");
  EXPECT_EQ(refusal_of([](Description& answer) { answer.sections[1].mid = "9"; }),
            "section 1 is another in the answer");
  EXPECT_EQ(refusal_of([](Description& answer) {
              for (auto& section : answer.sections) section.transport.setup = sdp::Setup::ActPass;
            }),
            "an answer cannot say setup:actpass");
  EXPECT_EQ(refusal_of([](Description& answer) {
              for (auto& section : answer.sections) section.transport.fingerprints.clear();
            }),
            "no DTLS fingerprint");
  EXPECT_EQ(refusal_of([](Description& answer) { answer.sections[1].rtcp_mux = false; }),
            "section 1 has no rtcp-mux");
  EXPECT_EQ(refusal_of([](Description& answer) {
              for (auto& section : answer.sections) {
                section.port = 0;
                section.direction = Direction::Inactive;
              }
              answer.bundle_groups.clear();
            }),
            "all sections are rejected");
  EXPECT_TRUE(negotiator.apply_answer(answer_to(offer).to_text()));
}

TEST(RefusedAnswers, cannot_change_the_transport) {
  Negotiator negotiator(test::config(Offerer::Server));
  round(negotiator);
  ASSERT_TRUE(negotiator.add_send_track(send_track("TR_1", "VP8")));
  const std::string offer = negotiator.create_offer().value();
  auto answer = answer_to(offer);
  for (auto& section : answer.sections) section.transport.ice_ufrag = "othr";
  EXPECT_EQ(negotiator.apply_answer(answer.to_text()).error().message,
            "the answer has new ICE credentials without a restart");
  answer = answer_to(offer);
  for (auto& section : answer.sections) section.transport.setup = sdp::Setup::Passive;
  EXPECT_EQ(negotiator.apply_answer(answer.to_text()).error().message,
            "another DTLS role without new ICE credentials");
}

}  // namespace
}  // namespace vis::media::negotiation
