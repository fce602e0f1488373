#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peers.hpp"

/// Offers that would break the transport or the security of a call (T2 and T17 among them).
namespace vis::media::negotiation {
namespace {

using test::ClientOffer;
using test::refusal;
using test::round;

ClientOffer good() {
  ClientOffer offer;
  offer.data().send("audio", "mic").send("video", "cam");
  return offer;
}

const std::string kFingerprintLine = "a=fingerprint:" + std::string(test::kFingerprint) + "\r\n";
const std::string kOtherLine = "a=fingerprint:" + std::string(test::kOtherFingerprint) + "\r\n";

TEST(RefusedOffers, say_why) {
  const struct {
    std::string offer;
    std::string_view message;
  } kCases[] = {
      {good().text(), "accepted"},
      {"v=0\r\n", "a description without sections"},
      {good().change_all(kFingerprintLine, "").text(), "no DTLS fingerprint"},
      {good().change(1, kFingerprintLine, kOtherLine).text(),
       "section 1 has another fingerprint than the rest"},
      {good().change_all(kFingerprintLine, kFingerprintLine + kOtherLine).text(),
       "two sha-256 fingerprints"},
      {good().change_all("sha-256", "sha-1").text(), "no sha-256 fingerprint"},
      {good().change_all("a=ice-ufrag:clnt\r\n", "").text(), "no ICE credentials"},
      {good().change_all("a=ice-pwd:clientpasswordclientpassword\r\n", "").text(),
       "no ICE credentials"},
      {good().change_all("actpass", "holdconn").text(), "setup:holdconn"},
      {good().change_all("a=setup:actpass\r\n", "").text(), "no DTLS setup"},
      {good().change(2, "actpass", "active").text(), "section 2 has another setup than the rest"},
      {good().without_bundle().text(), "several sections without a BUNDLE group"},
      {good().change(2, "a=rtcp-mux\r\n", "").text(), "section 2 has no rtcp-mux"},
      {good().change(2, "a=mid:2\r\n", "").text(), "a section has no mid"},
      {good().change(2, "a=mid:2\r\n", "a=mid:1\r\n").text(), "mid 1 comes twice"},
      {good().change(2, "a=mid:2\r\n", "a=mid:x\r\n").text(), "BUNDLE names an unknown mid 2"},
      {good().change(2, "UDP/TLS/RTP/SAVPF", "RTP/AVP").text(),
       "section 2 is not RTP/SAVPF but RTP/AVP"},
      {good()
           .change(1, "a=rtcp-mux", "a=extmap:3 urn:x\r\na=rtcp-mux")
           .change(2, "a=rtcp-mux", "a=extmap:3 urn:y\r\na=rtcp-mux")
           .text(),
       "header extension id 3 has two meanings in one BUNDLE group"},
      {"v=0\r\nm=audio 9 x", "line 2: m= is malformed"},
  };
  const Negotiator negotiator(test::config(Offerer::Client));
  for (const auto& test_case : kCases) {
    EXPECT_EQ(refusal(negotiator, test_case.offer), test_case.message);
  }
}

TEST(RefusedOffers, one_section_alone_needs_no_bundle) {
  Negotiator negotiator(test::config(Offerer::Client));
  const Answer answer = round(negotiator, ClientOffer().data().without_bundle().text());
  EXPECT_TRUE(test::read(answer.sdp).bundle_groups.empty());
}

TEST(RefusedOffers, several_hash_functions_are_all_reported) {
  Negotiator negotiator(test::config(Offerer::Client));
  const std::string sha512 = "a=fingerprint:sha-512 AB:CD\r\n";
  const Answer answer =
      round(negotiator, good().change_all(kFingerprintLine, sha512 + kFingerprintLine).text());
  EXPECT_EQ(answer.negotiated.remote.fingerprints.size(), 2U);
}

TEST(RefusedOffers, sections_keep_their_order_mids_and_kinds) {
  Negotiator negotiator(test::config(Offerer::Client));
  round(negotiator, good().text());
  EXPECT_EQ(refusal(negotiator, ClientOffer().data().send("audio", "mic").text()),
            "the offer has lost sections");
  EXPECT_EQ(
      refusal(negotiator, ClientOffer().data().send("video", "cam").send("audio", "mic").text()),
      "section 1 has changed its kind");
  std::string renamed = good().change(2, "a=mid:2", "a=mid:5").text();
  renamed.replace(renamed.find("BUNDLE 0 1 2"), 12, "BUNDLE 0 1 5");
  EXPECT_EQ(refusal(negotiator, renamed), "the offer has mid 5 in the place of 2");
}

TEST(RefusedOffers, the_dtls_role_stays_under_the_same_ice_credentials) {
  Negotiator negotiator(test::config(Offerer::Client));
  round(negotiator, good().text());
  EXPECT_EQ(refusal(negotiator, good().change_all("actpass", "passive").text()), "accepted");
  EXPECT_EQ(refusal(negotiator, good().change_all("actpass", "active").text()),
            "another DTLS role without new ICE credentials");
}

TEST(RefusedOffers, the_certificate_stays_under_the_same_ice_credentials) {
  Negotiator negotiator(test::config(Offerer::Client));
  round(negotiator, good().text());
  EXPECT_EQ(refusal(negotiator, good().change_all(kFingerprintLine, kOtherLine).text()),
            "another DTLS fingerprint without new ICE credentials");
}

TEST(RefusedOffers, change_nothing) {
  Negotiator negotiator(test::config(Offerer::Client));
  ASSERT_TRUE(negotiator.add_send_track(test::send_track("TR_1", "VP8")));
  round(negotiator, good().text());
  const auto before = negotiator.take_sections_requirement();
  EXPECT_NE(refusal(negotiator, good().receive("video").change(0, "actpass", "holdconn").text()),
            "accepted");
  EXPECT_TRUE(negotiator.mid_to_track_id().empty());
  EXPECT_EQ(before, (SectionsRequirement{.audios = 0, .videos = 1}));
  const Answer next = round(negotiator, good().receive("video").text());
  EXPECT_EQ(test::read(next.sdp).origin.version, 2U);
  EXPECT_EQ(negotiator.mid_to_track_id().at("3"), "TR_1");
}

TEST(IceRestart, is_seen_and_answered_with_new_credentials) {
  Negotiator negotiator(test::config(Offerer::Client));
  round(negotiator, good().text());
  const std::string restarted =
      good().change_all("clnt", "clnu").change_all(kFingerprintLine, kOtherLine).text();
  const auto offer = negotiator.check_offer(restarted);
  ASSERT_TRUE(offer);
  EXPECT_TRUE(offer->ice_restart);
  const Answer answer = negotiator.answer(*offer, {.new_ice = test::kNewServerIce});
  EXPECT_TRUE(answer.negotiated.ice_restart);
  EXPECT_TRUE(answer.negotiated.new_association);
  EXPECT_EQ(test::read(answer.sdp).sections[0].transport.ice_ufrag, "srv2");
  const auto next = negotiator.check_offer(restarted);
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->ice_restart);
}

TEST(IceRestart, keeps_the_dtls_association_when_only_ice_changes) {
  Negotiator negotiator(test::config(Offerer::Client));
  round(negotiator, good().text());
  const Answer answer =
      round(negotiator, good().change_all("clnt", "clnu").text(), {.new_ice = test::kNewServerIce});
  EXPECT_TRUE(answer.negotiated.ice_restart);
  EXPECT_FALSE(answer.negotiated.new_association);
}

}  // namespace
}  // namespace vis::media::negotiation
