#include "media/negotiation/agreement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "unit/media/negotiation/peers.hpp"

namespace vis::media::negotiation {
namespace {

using sdp::Codec;
using sdp::MediaKind;
using test::send_track;
using testing::ElementsAre;
using testing::IsEmpty;

const Capabilities kOurs = Capabilities::standard();

Codec codec(std::string_view name, std::uint8_t payload_type, std::string_view parameters = "") {
  Codec made = send_track("TR_x", name, parameters).codec;
  made.payload_type = payload_type;
  return made;
}
Codec rtx(std::uint8_t payload_type, std::uint8_t of) {
  Codec made = codec("rtx", payload_type);
  made.clock_rate = 90'000;
  made.channels = 1;
  made.parameters = {{"apt", std::to_string(of)}};
  return made;
}

SendTrack opus_track() {
  SendTrack track = send_track("TR_x", "opus");
  track.red = true;
  return track;
}
std::vector<std::string> names_of(const std::vector<NegotiatedCodec>& codecs) {
  std::vector<std::string> names;
  for (const NegotiatedCodec& each : codecs) names.push_back(each.codec.name);
  return names;
}

TEST(OpusInRed, is_offered_where_it_may_be_made) {
  EXPECT_THAT(names_of(formats_to_offer(kOurs, opus_track())), ElementsAre("opus", "red"));
  EXPECT_THAT(names_of(formats_to_offer(kOurs, send_track("TR_x", "opus"))), ElementsAre("opus"));
  EXPECT_THAT(names_of(formats_to_offer(kOurs, send_track("TR_x", "VP8"))), ElementsAre("VP8"));
}

TEST(OpusInRed, is_agreed_on_beside_opus_and_with_our_opus_in_it) {
  const Codec opus = codec("opus", 111);
  const auto agreed = [&](const std::vector<Codec>& theirs) {
    return names_of(agree_sent(kOurs, theirs, opus_track()));
  };
  EXPECT_THAT(agreed({codec("red", 63, "111/111"), opus}), ElementsAre("opus", "red"));
  EXPECT_THAT(agreed({opus}), ElementsAre("opus"));
  EXPECT_THAT(agreed({codec("red", 63, "109/109"), codec("opus", 109)}), ElementsAre("opus"));
  EXPECT_THAT(agreed({codec("red", 63, "111/111")}), IsEmpty()) << "not all of it is in RED";
}

TEST(OpusInRed, may_be_sent_to_players_after_opus) {
  SendTrack track = opus_track();
  track.any_codec = true;
  const auto agreed = [&](const std::vector<Codec>& theirs) {
    return names_of(agree_sent(kOurs, theirs, track));
  };
  EXPECT_THAT(agreed({codec("red", 63, "111/111"), codec("opus", 111)}),
              ElementsAre("opus", "red"));
  EXPECT_THAT(agreed({codec("red", 63, "109/109"), codec("opus", 109)}), ElementsAre("opus"));
  EXPECT_THAT(agreed({codec("red", 63, "111/111")}), IsEmpty());
}

TEST(Opus, is_offered_with_its_forward_error_correction) {
  const auto formats = formats_to_offer(kOurs, send_track("TR_x", "opus"));
  EXPECT_EQ(formats.front().codec.parameter("useinbandfec"), "1");
}

TEST(Retransmission, is_offered_and_agreed_on_for_every_video_codec) {
  for (const CodecCapability& each : kOurs.codecs) {
    if (each.kind == MediaKind::Audio) continue;
    SCOPED_TRACE(each.codec.name);
    EXPECT_TRUE(each.rtx_payload_type);
    const std::vector<Codec> theirs{each.codec, rtx(77, each.codec.payload_type)};
    sdp::MediaSection section{.kind = MediaKind::Video, .codecs = theirs};
    const auto published = agree_published(kOurs, section, {});
    ASSERT_FALSE(published.empty());
    EXPECT_EQ(published.front().rtx_payload_type, 77);
    if (!includes(each.flows, Flow::Subscribe)) continue;
    SendTrack track = send_track("TR_x", each.codec.name);
    track.codec = each.codec;
    EXPECT_EQ(formats_to_offer(kOurs, track).front().rtx_payload_type, each.rtx_payload_type);
    EXPECT_EQ(agree_sent(kOurs, theirs, track).front().rtx_payload_type, 77);
  }
}

}  // namespace
}  // namespace vis::media::negotiation
