#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "media/rtcp/goodbye.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::LinkOptions;
using test::microphone;
using test::PeerStream;
using test::Simulation;
using test::simulcast_camera;

const PeerStream& only_stream(const Simulation::Peer& peer) {
  EXPECT_EQ(peer.client->received().size(), 1U);
  return peer.client->received().begin()->second;
}

TEST(Forwarding, a_subscriber_receives_every_packet_of_a_publisher) {
  Simulation simulation(1);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(500ms);
  ASSERT_TRUE(publisher.client->connected());
  ASSERT_TRUE(subscriber.client->connected());

  int sent = 0;
  simulation.run_for(2s, 50ms, [&] {
    publisher.client->send_video_frame(simulation.now(), 0, 4, 1000);
    sent += 4;
  });
  simulation.run_for(200ms);
  const PeerStream& stream = only_stream(subscriber);
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.picture_gaps, 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
  EXPECT_GE(stream.key_frames, 1U);
  // Frames before the first key frame that the subscriber can begin with are not sent to it.
  EXPECT_GE(stream.packets, static_cast<std::uint64_t>(sent) - 8);
}

TEST(Forwarding, works_with_a_client_that_wants_full_ice_and_one_with_aes_cm) {
  Simulation simulation(2);
  auto& publisher =
      simulation.add_publisher({.tracks = {camera("cam", 1000)}, .ice_lite = false, .gcm = false});
  auto& subscriber = simulation.add_subscriber({.ice_lite = false});
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(1s);
  ASSERT_TRUE(publisher.client->connected());
  ASSERT_TRUE(subscriber.client->connected());
  EXPECT_EQ(publisher.client->profile(), srtp::Profile::Aes128CmHmacSha1_80);
  EXPECT_EQ(subscriber.client->profile(), srtp::Profile::AeadAes128Gcm);
  simulation.run_for(1s, 50ms,
                     [&] { publisher.client->send_video_frame(simulation.now(), 0, 3, 900); });
  EXPECT_GT(only_stream(subscriber).packets, 50U);
  EXPECT_EQ(only_stream(subscriber).missing(), 0U);
}

TEST(Forwarding, a_late_subscriber_gets_a_key_frame_first_and_at_once) {
  Simulation simulation(3);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(300ms);
  simulation.run_for(2s, 50ms, send);
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(500ms, 50ms, send);
  const PeerStream& stream = only_stream(subscriber);
  EXPECT_EQ(stream.key_frames, 1U);
  EXPECT_EQ(stream.picture_gaps, 0U);
  EXPECT_GT(stream.packets, 4U);
}

TEST(Forwarding, key_frames_are_not_asked_for_again_and_again_before_they_can_be_sent) {
  Simulation simulation(3);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(1s, 50ms, send);
  const std::uint64_t before = publisher.client->key_frame_requests();
  auto& subscriber = simulation.add_subscriber();
  subscriber.cut = true;
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(2s, 50ms, send);
  EXPECT_EQ(publisher.client->key_frame_requests(), before + 1) << "its handshake had begun";
  subscriber.cut = false;
  simulation.run_for(5s, 50ms, send);
  EXPECT_EQ(publisher.client->key_frame_requests(), before + 2);
  EXPECT_EQ(only_stream(subscriber).key_frames, 1U);
}

TEST(Forwarding, the_first_picture_of_a_newcomer_comes_with_its_keys) {
  Simulation simulation(3);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(1s, 30ms, send);
  auto& subscriber = simulation.add_subscriber();
  subscriber.link = {.delay = 50ms};
  simulation.subscribe(subscriber, "TR_cam");
  for (int ms = 0; ms < 1000 && !subscriber.client->connected(); ++ms) {
    if (ms % 30 == 0) send();
    simulation.run_for(1ms);
  }
  ASSERT_TRUE(subscriber.client->connected());
  simulation.run_for(1ms);
  EXPECT_EQ(only_stream(subscriber).key_frames, 1U);
  EXPECT_GE(only_stream(subscriber).packets, 2U);
  simulation.run_for(500ms, 30ms, send);
  EXPECT_EQ(only_stream(subscriber).key_frames, 1U);
  EXPECT_EQ(only_stream(subscriber).missing(), 0U);
  EXPECT_EQ(only_stream(subscriber).picture_gaps, 0U);
}

TEST(Forwarding, a_key_frame_just_sent_serves_the_next_subscriber_too) {
  Simulation simulation(3);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  auto& first = simulation.add_subscriber();
  auto& second = simulation.add_subscriber();
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(1s, 50ms, send);
  simulation.subscribe(first, "TR_cam");
  simulation.run_for(150ms, 50ms, send);
  ASSERT_EQ(only_stream(first).key_frames, 1U);
  const std::uint64_t asked = publisher.client->key_frame_requests();
  simulation.subscribe(second, "TR_cam");
  simulation.run_for(500ms, 50ms, send);
  EXPECT_EQ(publisher.client->key_frame_requests(), asked);
  EXPECT_EQ(only_stream(second).key_frames, 1U);
  EXPECT_EQ(only_stream(second).missing(), 0U);
  EXPECT_EQ(only_stream(second).picture_gaps, 0U);
}

TEST(Forwarding, key_frame_requests_of_many_subscribers_become_few) {
  Simulation simulation(4);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  simulation.run_for(300ms);
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  std::vector<Simulation::Peer*> subscribers;
  for (int i = 0; i < 20; ++i) {
    subscribers.push_back(&simulation.add_subscriber());
    simulation.subscribe(*subscribers.back(), "TR_cam");
  }
  simulation.run_for(1s, 50ms, send);
  for (const Simulation::Peer* subscriber : subscribers) {
    EXPECT_GT(only_stream(*subscriber).packets, 0U);
  }
  EXPECT_LE(publisher.client->key_frame_requests(), 4U);
}

TEST(Forwarding, a_layer_change_is_one_unbroken_stream) {
  Simulation simulation(5);
  auto& publisher = simulation.add_publisher({.tracks = {simulcast_camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam", {.disabled = false, .max_layer = 2});
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(300ms);
  simulation.run_for(2s, 50ms, send);
  for (const std::uint8_t layer : std::initializer_list<std::uint8_t>{0, 2, 1, 0, 2}) {
    simulation.engine().set_layer_target(simulation.now(), subscriber.id, TrackId{"TR_cam"},
                                         {.disabled = false, .max_layer = layer});
    simulation.run_for(1s, 50ms, send);
  }
  const PeerStream& stream = only_stream(subscriber);
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.picture_gaps, 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
  EXPECT_GE(stream.key_frames, 6U);
}

TEST(Forwarding, falls_back_to_a_live_layer_when_the_publisher_stops_one) {
  Simulation simulation(6);
  auto& publisher = simulation.add_publisher({.tracks = {simulcast_camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(300ms);
  simulation.run_for(2s, 50ms, send);
  publisher.client->set_layer_enabled(0, 2, false);
  simulation.run_for(1s, 50ms, send);
  const std::uint64_t before = only_stream(subscriber).packets;
  simulation.run_for(1s, 50ms, send);
  EXPECT_GE(only_stream(subscriber).packets, before + 36);
  EXPECT_EQ(only_stream(subscriber).picture_gaps, 0U);
}

TEST(Forwarding, stays_with_a_layer_whose_whole_track_pauses) {
  Simulation simulation(6);
  auto& publisher = simulation.add_publisher({.tracks = {simulcast_camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(300ms);
  simulation.run_for(2s, 50ms, send);
  const std::uint64_t key_frames = only_stream(subscriber).key_frames;
  simulation.run_for(1500ms);
  simulation.run_for(1s, 50ms, send);
  EXPECT_EQ(only_stream(subscriber).key_frames, key_frames);
}

TEST(Forwarding, leaves_a_layer_at_once_whose_source_says_goodbye) {
  Simulation simulation(6);
  auto& publisher = simulation.add_publisher({.tracks = {simulcast_camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  simulation.run_for(300ms);
  simulation.run_for(2s, 50ms, send);
  const std::uint32_t source = simulcast_camera("cam", 1000).layers[2].ssrc;
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer{buffer};
  rtcp::ReceiverReport::write(writer, source, {});
  rtcp::Goodbye::write(writer, std::array{source});
  publisher.client->send_rtcp(writer.written());
  publisher.client->set_layer_enabled(0, 2, false);
  const std::uint64_t before = only_stream(subscriber).packets;
  simulation.run_for(1s, 50ms, send);
  EXPECT_GE(only_stream(subscriber).packets, before + 34);
  EXPECT_EQ(only_stream(subscriber).picture_gaps, 0U);

  publisher.client->set_layer_enabled(0, 2, true);
  const std::uint64_t key_frames = only_stream(subscriber).key_frames;
  simulation.run_for(2s, 50ms, send);
  EXPECT_GT(only_stream(subscriber).key_frames, key_frames) << "it is heard again";
}

TEST(Forwarding, says_goodbye_for_a_track_that_is_no_longer_sent) {
  Simulation simulation(6);
  auto& publisher = simulation.add_publisher({.tracks = {simulcast_camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(300ms);
  simulation.run_for(1s, 50ms,
                     [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); });
  const std::uint32_t source = subscriber.client->received().begin()->first;
  EXPECT_THAT(subscriber.client->ended(), testing::IsEmpty());
  simulation.engine().unsubscribe(simulation.now(), subscriber.id, TrackId{"TR_cam"});
  simulation.run_for(300ms);
  EXPECT_THAT(subscriber.client->ended(), testing::Contains(source));
}

TEST(Forwarding, a_disabled_subscription_is_silent_and_resumes_with_a_key_frame) {
  Simulation simulation(7);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  const auto send = [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); };
  const auto target = [&](bool disabled) {
    simulation.engine().set_layer_target(simulation.now(), subscriber.id, TrackId{"TR_cam"},
                                         {.disabled = disabled});
  };
  simulation.run_for(300ms);
  simulation.run_for(1s, 50ms, send);
  target(true);
  simulation.run_for(100ms, 50ms, send);
  const std::uint64_t paused_at = only_stream(subscriber).packets;
  const std::uint64_t key_frames = only_stream(subscriber).key_frames;
  simulation.run_for(1s, 50ms, send);
  EXPECT_EQ(only_stream(subscriber).packets, paused_at);
  target(false);
  simulation.run_for(1s, 50ms, send);
  EXPECT_GT(only_stream(subscriber).packets, paused_at);
  EXPECT_EQ(only_stream(subscriber).key_frames, key_frames + 1);
  EXPECT_EQ(only_stream(subscriber).missing(), 0U);
  EXPECT_EQ(only_stream(subscriber).picture_gaps, 0U);
}

TEST(Forwarding, a_muted_track_is_not_forwarded) {
  Simulation simulation(8);
  auto& publisher = simulation.add_publisher({.tracks = {microphone("mic", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_mic");
  const auto send = [&] { publisher.client->send_audio_packet(simulation.now(), 0, 20); };
  simulation.run_for(300ms);
  simulation.run_for(500ms, 20ms, send);
  simulation.engine().set_muted(simulation.now(), simulation.room(), TrackId{"TR_mic"}, true);
  simulation.run_for(100ms);
  const std::uint64_t before = only_stream(subscriber).packets;
  EXPECT_GT(before, 20U);
  simulation.run_for(500ms, 20ms, send);
  EXPECT_EQ(only_stream(subscriber).packets, before);
}

TEST(Forwarding, reports_the_loudness_of_microphones) {
  Simulation simulation(9);
  auto& publisher = simulation.add_publisher({.tracks = {microphone("mic", 1000)}});
  simulation.run_for(300ms);
  simulation.run_for(1s, 20ms,
                     [&] { publisher.client->send_audio_packet(simulation.now(), 0, 18); });
  ASSERT_FALSE(simulation.audio_levels.empty());
  EXPECT_EQ(simulation.audio_levels.back().track, "TR_mic");
  EXPECT_EQ(simulation.audio_levels.back().dbov, 18);
  EXPECT_GT(simulation.audio_levels.back().active_percent, 80);
  simulation.audio_levels.clear();
  simulation.run_for(2s);
  // Perhaps the end of the last loud interval, then silence once.
  ASSERT_FALSE(simulation.audio_levels.empty());
  EXPECT_LE(simulation.audio_levels.size(), 2U);
  EXPECT_EQ(simulation.audio_levels.back().active_percent, 0);
}

TEST(Forwarding, sender_reports_and_transport_feedback_flow) {
  Simulation simulation(10);
  auto& publisher = simulation.add_publisher({.tracks = {camera("cam", 1000)}});
  auto& subscriber = simulation.add_subscriber();
  simulation.subscribe(subscriber, "TR_cam");
  simulation.run_for(300ms);
  simulation.run_for(6s, 50ms,
                     [&] { publisher.client->send_video_frame(simulation.now(), 0, 2, 900); });
  EXPECT_GE(publisher.client->transport_feedbacks(), 30U);
  EXPECT_GE(subscriber.client->sender_reports(), 4U);
  ASSERT_FALSE(simulation.quality_reports.empty());
  const QualityReport& report = simulation.quality_reports.back();
  ASSERT_EQ(report.transports.size(), 2U);
  for (const QualityReport::Entry& entry : report.transports) {
    EXPECT_EQ(entry.receiving, entry.transport == publisher.id);
    EXPECT_EQ(entry.uplink_loss, 0);
    if (entry.transport == subscriber.id) {
      EXPECT_NEAR(entry.round_trip_ms, 10, 2);
    }
  }
}

/// Three people, everybody on a bad network.
TEST(Forwarding, three_peers_with_loss_reordering_and_delay_get_everything_that_matters) {
  std::uint64_t video_packets = 0;
  std::uint64_t video_missing = 0;
  for (const std::uint64_t seed : {101U, 102U, 103U, 104U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed, LinkOptions{.loss = 0.05, .delay = 30ms, .jitter = 15ms});
    std::vector<Simulation::Peer*> publishers;
    std::vector<Simulation::Peer*> subscribers;
    for (std::uint32_t i = 0; i < 3; ++i) {
      const std::string n = std::to_string(i);
      publishers.push_back(&simulation.add_publisher(
          {.tracks = {camera("cam" + n, 1000 * (i + 1)), microphone("mic" + n, 500 + i)}}));
      subscribers.push_back(&simulation.add_subscriber());
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t other = 0; other < 3; ++other) {
        if (other == i) continue;
        simulation.subscribe(*subscribers[i], "TR_cam" + std::to_string(other));
        simulation.subscribe(*subscribers[i], "TR_mic" + std::to_string(other));
      }
    }
    simulation.run_for(4s);
    int tick = 0;
    simulation.run_for(10s, 20ms, [&] {
      for (Simulation::Peer* publisher : publishers) {
        ASSERT_TRUE(publisher->client->connected());
        publisher->client->send_audio_packet(simulation.now(), 1, 30);
        if (tick % 2 == 0) publisher->client->send_video_frame(simulation.now(), 0, 3, 1000);
      }
      ++tick;
    });
    simulation.run_for(1s);
    for (const Simulation::Peer* subscriber : subscribers) {
      ASSERT_EQ(subscriber->client->received().size(), 4U);
      for (const auto& [ssrc, stream] : subscriber->client->received()) {
        EXPECT_EQ(stream.timestamp_jumps, 0U);
        if (stream.key_frames == 0) {
          // Audio: lost on two links of 5 % each, and not asked for again.
          EXPECT_LT(static_cast<double>(stream.missing()),
                    0.18 * static_cast<double>(stream.packets));
        } else {
          video_packets += stream.packets;
          video_missing += stream.missing();
          EXPECT_GT(stream.recovered, 10U);
        }
      }
    }
  }
  // Of the video, what was lost on either link has been retransmitted.
  EXPECT_LT(static_cast<double>(video_missing), 0.0005 * static_cast<double>(video_packets));
}

}  // namespace
}  // namespace vis::media::sfu
