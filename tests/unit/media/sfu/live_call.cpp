#include "unit/media/sfu/live_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vis::media::sfu::test {
namespace {

constexpr std::uint8_t kVp8DescriptorBytes = 5;

}  // namespace

PeerTrack camera(const std::string& cid, std::uint32_t ssrc, const std::string& codec) {
  return {.cid = cid,
          .kind = sdp::MediaKind::Video,
          .codec = codec,
          .layers = {{.rid = "", .ssrc = ssrc, .rtx_ssrc = ssrc + 1}}};
}

PeerTrack simulcast_camera(const std::string& cid, std::uint32_t ssrc) {
  return {.cid = cid,
          .kind = sdp::MediaKind::Video,
          .codec = "VP8",
          .layers = {{.rid = "q", .ssrc = ssrc, .rtx_ssrc = ssrc + 1},
                     {.rid = "h", .ssrc = ssrc + 2, .rtx_ssrc = ssrc + 3},
                     {.rid = "f", .ssrc = ssrc + 4, .rtx_ssrc = ssrc + 5}}};
}

PeerTrack microphone(const std::string& cid, std::uint32_t ssrc) {
  return {.cid = cid,
          .kind = sdp::MediaKind::Audio,
          .codec = "opus",
          .layers = {{.rid = "", .ssrc = ssrc, .rtx_ssrc = 0}}};
}

LiveCall::LiveCall(std::uint64_t seed, const Options& options)
    : simulation(seed, options.network),
      publisher(simulation.add_publisher(
          {.tracks = {camera("live_cam", 1000), microphone("live_mic", 10)},
           .ice_lite = options.ice_lite,
           .gcm = options.gcm})),
      subscriber(simulation.add_subscriber({.ice_lite = options.ice_lite, .gcm = options.gcm})) {
  simulation.subscribe(subscriber, "TR_live_cam");
  simulation.subscribe(subscriber, "TR_live_mic");
  simulation.run_for(1s);
  EXPECT_TRUE(publisher.client->connected());
  EXPECT_TRUE(subscriber.client->connected());
  run_for(1s);
  simulation.run_for(200ms);
  for (const auto& [ssrc, stream] : subscriber.client->received()) {
    (stream.key_frames > 0 ? video_ssrc_ : audio_ssrc_) = ssrc;
  }
  EXPECT_NE(video_ssrc_, 0U);
  EXPECT_NE(audio_ssrc_, 0U);
  sent_video_ = subscriber.client->received().at(video_ssrc_).packets;
  sent_audio_ = subscriber.client->received().at(audio_ssrc_).packets;
  subscriber.client->on_media = [this](std::uint32_t ssrc, Bytes payload) {
    const auto all = [&](std::size_t from, std::uint8_t at_most) {
      return std::ranges::all_of(payload.subspan(from), [=](auto b) { return b <= at_most; });
    };
    if (ssrc == audio_ssrc_ && (payload.size() != 80 || !all(0, 0x78))) ++spoilt_;
    const bool video = payload.size() == kVideoBytes && all(kVp8DescriptorBytes, kPacketsPerFrame);
    if (ssrc == video_ssrc_ && !video) ++spoilt_;
  };
}

void LiveCall::run_for(Duration duration, const std::function<void()>& beside) {
  simulation.run_for(duration, kTick, [&] {
    send_media();
    if (beside) beside();
  });
}

void LiveCall::send_media() {
  publisher.client->send_audio_packet(simulation.now(), 1, 30);
  ++sent_audio_;
  if (++ticks_ % 2 != 0) return;
  publisher.client->send_video_frame(simulation.now(), 0, kPacketsPerFrame, kVideoBytes);
  sent_video_ += kPacketsPerFrame;
}

void LiveCall::expect_undisturbed() {
  simulation.run_for(500ms);
  expect_received(video_ssrc_, sent_video_);
  expect_received(audio_ssrc_, sent_audio_);
  EXPECT_EQ(spoilt_, 0U);
  for (const Simulation::Peer* const peer : {&publisher, &subscriber}) {
    EXPECT_TRUE(peer->state_connected);
    EXPECT_FALSE(peer->state_failed) << peer->state_reason;
    EXPECT_FALSE(peer->client->failed());
    EXPECT_EQ(peer->client->datagrams_refused(), 0U);
  }
}

void LiveCall::expect_received(std::uint32_t ssrc, std::uint64_t packets) const {
  const PeerStream& stream = subscriber.client->received().at(ssrc);
  EXPECT_EQ(stream.distinct(), packets);
  EXPECT_LE(stream.duplicates, simulation.counters().probes_repeated);
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
  EXPECT_EQ(stream.picture_gaps, 0U);
}

}  // namespace vis::media::sfu::test
