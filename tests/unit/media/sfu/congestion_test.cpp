// Subscribers behind links of limited rate: what the engine learns of them, and what it sends.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "support/network.hpp"
#include "support/rtc/simulation.hpp"

namespace vis::media::sfu {
namespace {

using test::Network;
using test::NetworkConditions;
using test::PeerTrack;
using test::Simulation;

constexpr Duration kFrameInterval = 33ms;

/// Layers of about 0.3, 0.6 and 1.8 Mbit/s.
PeerTrack camera() {
  return {.cid = "cam",
          .kind = sdp::MediaKind::Video,
          .codec = "VP8",
          .layers = {{.rid = "q", .ssrc = 1000, .rtx_ssrc = 1001, .shrink = 6},
                     {.rid = "h", .ssrc = 1002, .rtx_ssrc = 1003, .shrink = 3},
                     {.rid = "f", .ssrc = 1004, .rtx_ssrc = 1005}}};
}

class CongestedCall : public testing::Test {
 protected:
  Simulation::Peer& subscriber_behind(const NetworkConditions& conditions) {
    Simulation::Peer& peer = simulation_.add_subscriber();
    peer.downlink = std::make_unique<Network>(7, conditions);
    simulation_.subscribe(peer, "TR_cam");
    return peer;
  }
  void run(Duration duration) {
    simulation_.run_for(duration, kFrameInterval, [&] {
      publisher_.client->send_video_frame(simulation_.now(), 0, 6, 1200);
    });
  }
  /// What the peer is sent of media per second.
  double received_kbps(const Simulation::Peer& peer, Duration during) {
    const std::uint64_t before = media_bytes(peer);
    run(during);
    const double seconds = std::chrono::duration<double>(during).count();
    return static_cast<double>(media_bytes(peer) - before) * 8 / 1000 / seconds;
  }
  static std::uint64_t media_bytes(const Simulation::Peer& peer) {
    std::uint64_t bytes = 0;
    for (const auto& [ssrc, stream] : peer.client->received()) bytes += stream.bytes;
    return bytes;
  }
  std::uint32_t estimate_kbps(const Simulation::Peer& peer) const {
    for (const QualityReport::Entry& entry : simulation_.quality_reports.back().transports) {
      if (entry.transport == peer.id) return entry.available_kbps;
    }
    return 0;
  }

  Simulation simulation_{7};
  Simulation::Peer& publisher_ = simulation_.add_publisher({.tracks = {camera()}});
};

TEST_F(CongestedCall, a_good_link_gets_the_best_layer_after_few_probes) {
  Simulation::Peer& peer = subscriber_behind({.rate_bps = 20'000'000});
  run(5s);
  EXPECT_GT(received_kbps(peer, 10s), 1600);
  EXPECT_GT(estimate_kbps(peer), 1700U);
  EXPECT_GT(simulation_.counters().padding_sent, 0U);
  EXPECT_LT(simulation_.counters().padding_sent, 300U);
}

TEST_F(CongestedCall, a_narrow_link_gets_a_layer_that_it_carries) {
  Simulation::Peer& peer = subscriber_behind({.rate_bps = 900'000});
  run(10s);
  const double kbps = received_kbps(peer, 20s);
  std::cout << "  900 kbit/s: " << kbps << " kbit/s of media\n";
  EXPECT_GT(kbps, 250);
  EXPECT_LT(kbps, 800);
  EXPECT_LT(peer.downlink->queue_delay(simulation_.now()), Duration{150ms});
  EXPECT_GT(estimate_kbps(peer), 300U);
  EXPECT_LT(estimate_kbps(peer), 1000U);
}

TEST_F(CongestedCall, follows_a_link_down_and_up_again) {
  const TimePoint start = simulation_.now();
  Simulation::Peer& peer = subscriber_behind({.rate_bps = 4'000'000});
  peer.downlink->change_at(start + 15s, {.rate_bps = 900'000});
  peer.downlink->change_at(start + 45s, {.rate_bps = 4'000'000});
  run(10s);
  EXPECT_GT(received_kbps(peer, 5s), 1600);
  run(10s);
  EXPECT_LT(received_kbps(peer, 20s), 800);
  run(10s);
  EXPECT_GT(received_kbps(peer, 5s), 1600) << "within ten seconds";
}

TEST_F(CongestedCall, a_client_that_never_reports_is_sent_what_it_asks_for) {
  Simulation::Peer& peer = subscriber_behind({.rate_bps = 20'000'000});
  peer.client->set_reporting(false);
  run(20s);
  EXPECT_GT(received_kbps(peer, 10s), 1600);
  EXPECT_EQ(estimate_kbps(peer), 0U);
}

TEST_F(CongestedCall, a_publisher_without_transport_wide_numbers_is_told_an_estimate) {
  const auto rewrite = [](std::string offer) {
    const std::string uri = "transport-wide-cc-extensions";
    const std::size_t at = offer.find(uri);
    const std::size_t begin = offer.rfind("\r\n", at) + 2;
    offer.erase(begin, offer.find("\r\n", at) + 2 - begin);
    const std::string feedback = " transport-cc\r\n";
    return offer.replace(offer.find(feedback), feedback.size(), " goog-remb\r\n");
  };
  PeerTrack track = camera();
  track.cid = "old";
  for (test::PeerLayer& layer : track.layers) {
    layer.ssrc += 100;
    layer.rtx_ssrc += 100;
  }
  Simulation::Peer& old = simulation_.add_publisher({.tracks = {track}, .rewrite = rewrite});
  simulation_.run_for(10s, kFrameInterval,
                      [&] { old.client->send_video_frame(simulation_.now(), 0, 6, 1200); });
  ASSERT_TRUE(old.client->told_bps().has_value());
  EXPECT_GT(*old.client->told_bps(), 2'500'000U) << "more than its three layers take";
  EXPECT_EQ(old.client->transport_feedbacks(), 0U);
  run(2s);
  EXPECT_FALSE(publisher_.client->told_bps().has_value()) << "it has better";
}

TEST_F(CongestedCall, one_subscriber_does_not_suffer_from_the_link_of_another) {
  Simulation::Peer& narrow = subscriber_behind({.rate_bps = 500'000});
  Simulation::Peer& wide = subscriber_behind({.rate_bps = 20'000'000});
  run(10s);
  const std::uint64_t before = media_bytes(narrow);
  EXPECT_GT(received_kbps(wide, 10s), 1600);
  EXPECT_LT(static_cast<double>(media_bytes(narrow) - before) * 8 / 1000 / 10, 500);
}

}  // namespace
}  // namespace vis::media::sfu
