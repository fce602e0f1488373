#include "api/whip/trickle_fragment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/whip/sdp_lines.hpp"
#include "base/limits/api_whip.hpp"
#include "support/fuzz_corpus.hpp"

namespace vis::api::whip {
namespace {

using testing::ElementsAre;

constexpr std::string_view kCredentials =
    "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";

Errc refused(const std::string& text) {
  const auto fragment = TrickleFragment::parse(text);
  EXPECT_FALSE(fragment) << text;
  return fragment ? Errc{} : fragment.error().code;
}

TEST(TrickleFragment, has_credentials_and_the_candidates_of_all_sections) {
  const auto fragment = TrickleFragment::parse(std::string(kCredentials) +
                                               "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 "
                                               "udp 2122260223 192.0.2.1 61764 typ host\r\n"
                                               "m=video 9 RTP/AVP 0\r\na=mid:1\r\na=candidate:2 1 "
                                               "udp 2122260222 192.0.2.1 61765 typ host\r\n"
                                               "a=end-of-candidates\r\n");
  ASSERT_TRUE(fragment) << fragment.error().message;
  EXPECT_EQ(fragment->ufrag, "EsAw");
  EXPECT_EQ(fragment->pwd, "P2uYro0UCOQ4zxjKXaWCBui1");
  EXPECT_THAT(fragment->candidates,
              ElementsAre("candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host",
                          "candidate:2 1 udp 2122260222 192.0.2.1 61765 typ host"));
  EXPECT_TRUE(fragment->end_of_candidates);
}

TEST(TrickleFragment, may_end_its_lines_with_a_line_feed_alone_and_repeat_its_credentials) {
  const auto fragment = TrickleFragment::parse(
      "a=ice-ufrag:EsAw\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\nm=audio 9 RTP/AVP 0\n"
      "a=ice-ufrag:EsAw\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\na=ice-options:trickle ice2");
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->ufrag, "EsAw");
}

TEST(TrickleFragment, may_name_no_credentials) {
  const auto fragment = TrickleFragment::parse(
      "m=audio 9 RTP/AVP 0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n");
  ASSERT_TRUE(fragment);
  EXPECT_TRUE(fragment->ufrag.empty());
}

TEST(TrickleFragment, is_refused_when_it_says_nothing_or_two_things) {
  for (const std::string& text : {
           std::string(),
           std::string("hello"),
           std::string("v=0\r\na=end-of-candidates\r\n"),
           std::string("m=audio 9 RTP/AVP 0\r\n"),
           std::string("a=ice-ufrag:EsAw\r\n"),
           std::string("a=ice-ufrag:EsA\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"),
           std::string("a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n"),
           std::string("a=ice-ufrag:Es w\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"),
           std::string(kCredentials) + "a=ice-ufrag:Other\r\n",
           std::string("a=candidate:1 1 udp 1 192.0.2.1 1 typ h\x01st\r\n"),
       }) {
    EXPECT_EQ(refused(text), Errc::InvalidArgument) << text;
  }
}

TEST(TrickleFragment, has_so_many_candidates_and_no_more) {
  std::string text;
  for (std::size_t i = 0; i < limits::kTrickleCandidates; ++i) text += "a=candidate:1\r\n";
  EXPECT_TRUE(TrickleFragment::parse(text));
  EXPECT_EQ(refused(text + "a=candidate:1\r\n"), Errc::LimitExceeded);
}

TEST(TrickleFragment, has_so_many_bytes_and_no_more) {
  const std::string end = "a=end-of-candidates\r\n";
  std::string text = end + "a=" + std::string(limits::kTrickleFragmentBytes - end.size() - 2, 'x');
  EXPECT_TRUE(TrickleFragment::parse(text));
  EXPECT_EQ(refused(text + "x"), Errc::LimitExceeded);
}

TEST(TrickleFragment, is_read_as_it_was_written) {
  const TrickleFragment fragment{.ufrag = "EsAw",
                                 .pwd = "P2uYro0UCOQ4zxjKXaWCBui1",
                                 .candidates = {"candidate:1 1 udp 1 192.0.2.1 1 typ host"},
                                 .end_of_candidates = true};
  EXPECT_EQ(TrickleFragment::parse(fragment.to_text("audio")), fragment);
}

TEST(TrickleFragmentCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("trickle_fragment"), 0U);
}

TEST(SdpLines, an_offer_gets_other_credentials_and_candidates) {
  const std::string offer =
      "v=0\r\na=ice-ufrag:old1\r\na=ice-pwd:oldoldoldoldoldoldold1\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=candidate:9 1 udp 1 192.0.2.9 9 typ host\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:old1\r\na=mid:1\r\na=end-of-candidates\r\n";
  const TrickleFragment fresh{.ufrag = "new1",
                              .pwd = "newnewnewnewnewnewnew1",
                              .candidates = {"candidate:1 1 udp 1 192.0.2.1 1 typ host"}};
  EXPECT_EQ(with_ice(offer, fresh),
            "v=0\r\na=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnew1\r\n"
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
            "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n"
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:new1\r\na=mid:1\r\n");
}

TEST(SdpLines, an_answer_tells_the_ice_of_the_server_once) {
  const std::string answer =
      "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
      "111\r\na=mid:a\r\na=ice-ufrag:serv\r\na=ice-pwd:secret\r\n"
      "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=end-of-candidates\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:b\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n";
  EXPECT_EQ(ice_of(answer),
            (TrickleFragment{.ufrag = "serv",
                             .pwd = "secret",
                             .candidates = {"candidate:1 1 udp 1 192.0.2.1 1 typ host"},
                             .end_of_candidates = true}));
  EXPECT_EQ(first_mid(answer), "a");
}

}  // namespace
}  // namespace vis::api::whip
