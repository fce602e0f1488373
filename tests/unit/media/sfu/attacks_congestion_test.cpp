// Subscribers that lie about what reaches them, flood the server with what they say, or say
// nothing at all: what they are sent stays bounded, and nobody else notices.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "media/rtcp/remb.hpp"
#include "media/rtcp/transport_feedback.hpp"
#include "support/network.hpp"
#include "support/rtc/simulation.hpp"

namespace vis::media::sfu {
namespace {

using test::Network;
using test::PeerTrack;
using test::Simulation;

constexpr Duration kFrameInterval = 33ms;
constexpr std::size_t kPacketsPerFrame = 6;

/// Layers of about 0.3, 0.6 and 1.8 Mbit/s.
PeerTrack camera(const std::string& cid, std::uint32_t ssrc) {
  return {.cid = cid,
          .kind = sdp::MediaKind::Video,
          .codec = "VP8",
          .layers = {{.rid = "q", .ssrc = ssrc, .rtx_ssrc = ssrc + 1, .shrink = 6},
                     {.rid = "h", .ssrc = ssrc + 2, .rtx_ssrc = ssrc + 3, .shrink = 3},
                     {.rid = "f", .ssrc = ssrc + 4, .rtx_ssrc = ssrc + 5}}};
}
constexpr double kTopKbps = kPacketsPerFrame * 1200 * 8 / 33.0;

/// What a client without transport-wide numbers answers.
std::string without_numbers(std::string sdp) {
  const std::string uri = "transport-wide-cc-extensions";
  for (std::size_t at = sdp.find(uri); at != std::string::npos; at = sdp.find(uri)) {
    const std::size_t begin = sdp.rfind("\r\n", at) + 2;
    sdp.erase(begin, sdp.find("\r\n", at) + 2 - begin);
  }
  return sdp;
}

class LyingSubscriber : public testing::Test {
 protected:
  void publish_cameras(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string cid = "cam" + std::to_string(i);
      publishers_.push_back(&simulation_.add_publisher(
          {.tracks = {camera(cid, static_cast<std::uint32_t>(1000 + 10 * i))}}));
    }
  }
  Simulation::Peer& add(const Simulation::SubscriberOptions& options = {}) {
    Simulation::Peer& peer = simulation_.add_subscriber(options);
    for (std::size_t i = 0; i < publishers_.size(); ++i) {
      simulation_.subscribe(peer, "TR_cam" + std::to_string(i));
    }
    return peer;
  }
  void run(Duration duration, const std::function<void()>& beside = {}) {
    simulation_.run_for(duration, kFrameInterval, [&] {
      for (Simulation::Peer* const publisher : publishers_) {
        publisher->client->send_video_frame(simulation_.now(), 0, kPacketsPerFrame, 1200);
      }
      if (beside) beside();
    });
  }
  static std::uint64_t media_bytes(const Simulation::Peer& peer) {
    std::uint64_t bytes = 0;
    for (const auto& [ssrc, stream] : peer.client->received()) bytes += stream.bytes;
    return bytes;
  }
  double kbps_of(const Simulation::Peer& peer, Duration during,
                 const std::function<void()>& beside = {}) {
    const std::uint64_t before = media_bytes(peer);
    run(during, beside);
    return static_cast<double>(media_bytes(peer) - before) * 8 / 1000 /
           std::chrono::duration<double>(during).count();
  }
  struct Lie {
    std::uint16_t base = 0;
    std::size_t count = 0;
    Duration arrival{};
    Duration spacing{};
  };
  static void report(Simulation::Peer& peer, const Lie& lie) {
    rtcp::TransportFeedbackBuilder builder{lie.base, lie.arrival};
    for (std::size_t i = 0; i < lie.count; ++i) {
      builder.add(static_cast<std::uint16_t>(lie.base + i),
                  lie.arrival + static_cast<std::int64_t>(i) * lie.spacing);
    }
    std::array<std::uint8_t, rtcp::TransportFeedbackBuilder::kMaxBytes> buffer{};
    ByteWriter writer{buffer};
    ASSERT_TRUE(builder.write(writer, {.sender = 1, .media = 2}, 0));
    peer.client->send_rtcp(writer.written());
  }
  static void estimate(Simulation::Peer& peer, std::uint64_t bps) {
    std::array<std::uint8_t, 64> buffer{};
    ByteWriter writer{buffer};
    ASSERT_TRUE(rtcp::Remb::write(writer, 1, bps, {}));
    peer.client->send_rtcp(writer.written());
  }

  Simulation simulation_{7};
  std::vector<Simulation::Peer*> publishers_;
};

TEST_F(LyingSubscriber, of_packets_that_were_never_sent_changes_nothing) {
  publish_cameras(1);
  Simulation::Peer& honest = add();
  Simulation::Peer& liar = add();
  liar.client->set_reporting(false);
  run(3s);
  const double kbps = kbps_of(liar, 10s, [&] {
    report(liar, {.base = 40'000, .count = 100, .arrival = 10s, .spacing = 1ms});
  });
  EXPECT_GT(kbps, 0.9 * kTopKbps) << "as one who says nothing";
  EXPECT_GT(kbps_of(honest, 5s), 0.9 * kTopKbps);
}

TEST_F(LyingSubscriber, who_claims_absurd_rates_is_sent_no_more_than_there_is) {
  publish_cameras(2);
  Simulation::Peer& honest = add();
  Simulation::Peer& liar = add();
  liar.client->set_reporting(false);
  std::uint16_t next = 1;
  Duration clock = 10s;
  const auto lie = [&] {
    // Whatever has been sent so far arrived at once.
    report(liar, {.base = next, .count = 40, .arrival = clock});
    next = static_cast<std::uint16_t>(next + 14);
    clock += 1ms;
  };
  run(5s, lie);
  const std::uint64_t datagrams = simulation_.server_datagrams;
  const double kbps = kbps_of(liar, 10s, lie);
  EXPECT_LE(kbps, 2.2 * kTopKbps);
  // Two subscribers of two cameras, with what belongs to them: padding does not go through the
  // roof.
  EXPECT_LT(simulation_.server_datagrams - datagrams, 4 * 10'000 / 33 * kPacketsPerFrame * 2);
  EXPECT_GT(kbps_of(honest, 5s), 1.9 * kTopKbps);
}

TEST_F(LyingSubscriber, who_claims_that_nothing_arrives_harms_himself_alone) {
  publish_cameras(1);
  Simulation::Peer& honest = add();
  Simulation::Peer& liar = add();
  run(5s);
  liar.client->set_reporting(false);
  std::uint16_t next = 1;
  run(20s, [&] {
    // One of each forty, later and later.
    report(liar, {.base = next, .count = 1, .arrival = 100s + next * 10ms});
    next = static_cast<std::uint16_t>(next + 40);
  });
  EXPECT_LT(kbps_of(liar, 5s), 0.5 * kTopKbps);
  EXPECT_GT(kbps_of(honest, 5s), 0.9 * kTopKbps);
}

TEST_F(LyingSubscriber, who_floods_with_feedback_is_heard_a_hundred_times_a_second) {
  publish_cameras(1);
  Simulation::Peer& honest = add();
  Simulation::Peer& flooder = add();
  run(3s);
  for (int round = 0; round < 30; ++round) {
    run(kFrameInterval, [&] {
      for (std::uint16_t i = 0; i < 300; ++i)
        report(flooder, {.base = i, .count = 20, .arrival = 20s + i * 1ms, .spacing = 1ms});
    });
  }
  EXPECT_GT(kbps_of(honest, 5s), 0.9 * kTopKbps);
  run(10s);
  EXPECT_GT(kbps_of(flooder, 10s), 0.9 * kTopKbps) << "once it is over";
}

TEST_F(LyingSubscriber, who_never_says_anything_is_sent_a_sane_rate) {
  publish_cameras(10);
  Simulation::Peer& silent = add();
  silent.client->set_reporting(false);
  run(5s);
  const double kbps = kbps_of(silent, 20s);
  EXPECT_GT(kbps, 5000);
  EXPECT_LT(kbps, 10'500) << "not the eighteen that it would take";
  EXPECT_TRUE(simulation_.paused.empty());
  for (const auto& [ssrc, stream] : silent.client->received()) {
    EXPECT_GT(stream.packets, 600U) << "everybody is seen";
  }
}

// ---- REMB, where that is all a client has ----

TEST_F(LyingSubscriber, without_numbers_is_sent_what_his_own_estimate_allows) {
  publish_cameras(1);
  Simulation::Peer& peer = add({.rewrite = without_numbers});
  run(2s, [&] { estimate(peer, 5'000'000); });
  EXPECT_GT(kbps_of(peer, 5s, [&] { estimate(peer, 5'000'000); }), 0.9 * kTopKbps);
  run(2s, [&] { estimate(peer, 800'000); });
  const double lower = kbps_of(peer, 5s, [&] { estimate(peer, 800'000); });
  EXPECT_LT(lower, 700);
  EXPECT_GT(lower, 250);
  run(5s, [&] { estimate(peer, 5'000'000); });
  EXPECT_GT(kbps_of(peer, 5s, [&] { estimate(peer, 5'000'000); }), 0.9 * kTopKbps);
}

TEST_F(LyingSubscriber,
       whose_estimate_is_absurd_gets_no_more_than_there_is_and_no_less_than_the_least) {
  publish_cameras(1);
  Simulation::Peer& peer = add({.rewrite = without_numbers});
  run(5s, [&] { estimate(peer, std::numeric_limits<std::uint64_t>::max()); });
  EXPECT_LT(kbps_of(peer, 5s, [&] { estimate(peer, std::numeric_limits<std::uint64_t>::max()); }),
            1.1 * kTopKbps);
  run(5s, [&] { estimate(peer, 0); });
  EXPECT_LT(kbps_of(peer, 5s, [&] { estimate(peer, 0); }), 50);
  EXPECT_TRUE(simulation_.paused.back().paused);
  run(12s);
  EXPECT_GT(kbps_of(peer, 5s), 0.9 * kTopKbps) << "an old estimate says nothing";
  EXPECT_FALSE(simulation_.paused.back().paused);
}

TEST_F(LyingSubscriber, with_numbers_is_not_asked_for_an_estimate) {
  publish_cameras(1);
  Simulation::Peer& peer = add();
  run(5s, [&] { estimate(peer, 100'000); });
  EXPECT_GT(kbps_of(peer, 5s, [&] { estimate(peer, 100'000); }), 0.9 * kTopKbps);
}

}  // namespace
}  // namespace vis::media::sfu
