// What every codec gets: retransmission, and header extensions from end to end. VP8 is that of most
// other tests.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::Simulation;

struct CodecCase {
  std::string name;
  ByteVector key_frame;  ///< A packet that a decoder can begin with.
};
void PrintTo(const CodecCase& codec, std::ostream* out) { *out << codec.name; }

class EveryCodec : public testing::TestWithParam<CodecCase> {
 protected:
  EveryCodec()
      : publisher(simulation.add_publisher({.tracks = {camera("cam", 1000, GetParam().name)}})),
        subscriber(simulation.add_subscriber()) {
    simulation.subscribe(subscriber, "TR_cam");
    simulation.run_for(500ms);
  }
  void send(Duration duration, Bytes orientation = {}) {
    simulation.run_for(duration, 20ms, [&] {
      publisher.client->send_made(
          simulation.now(), 0,
          {.payload = GetParam().key_frame, .orientation = orientation, .marker = true});
    });
    simulation.run_for(500ms);
  }

  Simulation simulation{41};
  Simulation::Peer& publisher;
  Simulation::Peer& subscriber;
};

TEST_P(EveryCodec, is_sent_again_where_it_was_lost) {
  send(500ms);
  subscriber.link.loss = 0.1;
  send(10s);
  subscriber.link.loss = 0;
  send(1s);
  ASSERT_EQ(subscriber.client->received().size(), 1U);
  const test::PeerStream& stream = subscriber.client->received().begin()->second;
  EXPECT_GE(stream.packets, 550U);
  EXPECT_GE(stream.recovered, 20U);
  EXPECT_EQ(stream.missing(), 0U);
}

TEST_P(EveryCodec, is_shown_upright) {
  std::optional<rtp::VideoOrientation> shown;
  subscriber.client->on_arrival = [&](const vis::test::PeerPacket& packet) {
    if (packet.orientation) shown = packet.orientation;
  };
  constexpr rtp::VideoOrientation kHeldSideways{
      .back_camera = true, .flipped = false, .quarter_turns = 3};
  ByteVector element(rtp::VideoOrientation::kBytes);
  ByteWriter writer{element};
  kHeldSideways.write(writer);
  send(500ms, element);
  EXPECT_EQ(shown, kHeldSideways);
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec,
                         testing::Values(CodecCase{"VP9", {0x8C, 0x01, 0x49, 1, 2, 3}},
                                         CodecCase{"H264", {0x67, 0x42, 0xE0, 0x1F, 1}},
                                         CodecCase{"AV1", {0x18, 0x0A, 1, 2, 3}},
                                         CodecCase{"H265", {0x26, 0x01, 1, 2, 3}}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace vis::media::sfu
