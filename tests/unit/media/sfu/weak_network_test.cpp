// A whole call over networks that are not what they should be: a publisher, the engine and a
// subscriber behind a bottleneck, in simulated time. What each scenario came to is printed; bounds
// are asserted.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/congestion/bit_rate.hpp"
#include "support/network.hpp"
#include "support/rtc/simulation.hpp"
#include "support/rtc/viewer.hpp"

namespace vis::media::sfu {
namespace {

using test::Network;
using test::NetworkConditions;
using test::PeerTrack;
using test::Simulation;
using test::Viewer;

constexpr Duration kFrameInterval = 33ms;
constexpr Duration kTick = 11ms;
constexpr Duration kFreeze = 2s;

/// Layers of about 0.15, 0.3 and 1.5 Mbit/s.
PeerTrack camera() {
  return {.cid = "cam",
          .kind = sdp::MediaKind::Video,
          .codec = "VP8",
          .layers = {{.rid = "q", .ssrc = 1000, .rtx_ssrc = 1001, .shrink = 10},
                     {.rid = "h", .ssrc = 1002, .rtx_ssrc = 1003, .shrink = 4},
                     {.rid = "f", .ssrc = 1004, .rtx_ssrc = 1005}}};
}
constexpr std::size_t kPacketsPerFrame = 10;
constexpr std::size_t kPayloadBytes = 600;
constexpr double kTopKbps = kPacketsPerFrame * kPayloadBytes * 8 / 33.0;

NetworkConditions link_of(std::int64_t kbps) { return {.rate_bps = kbps * 1000}; }

/// One subscriber and what was seen of it.
struct Watched {
  Watched(Simulation& simulation, std::shared_ptr<Network> downlink)
      : peer(simulation.add_subscriber()), viewer(*peer.client) {
    peer.downlink = std::move(downlink);
    simulation.subscribe(peer, "TR_cam");
  }
  Simulation::Peer& peer;
  Viewer viewer;
};

struct Report {
  double media_kbps = 0;
  std::uint32_t estimate_kbps = 0;
  double queue_mean_ms = 0;
  double queue_p95_ms = 0;
  double longest_gap_ms = 0;
  std::size_t freezes = 0;
};

class WeakNetwork : public testing::Test {
 protected:
  Watched& watch(const std::shared_ptr<Network>& downlink) {
    return *watched_.emplace_back(std::make_unique<Watched>(simulation_, downlink));
  }
  static std::shared_ptr<Network> network(const NetworkConditions& conditions) {
    return std::make_shared<Network>(7, conditions);
  }

  void run(Duration duration) {
    queue_ms_.clear();
    simulation_.run_for(duration, kTick, [&] {
      if (++ticks_ % (kFrameInterval / kTick) == 0) {
        publisher_.client->send_video_frame(simulation_.now(), 0, kPacketsPerFrame, kPayloadBytes);
      }
      for (const auto& each : watched_) {
        each->viewer.step(simulation_.now());
        queue_ms_.push_back(congestion::to_ms(each->peer.downlink->queue_delay(simulation_.now())));
      }
    });
  }

  /// Runs, and says what it was like for this one.
  Report observe(std::string_view what, const Watched& watched, Duration duration) {
    const TimePoint from = simulation_.now();
    const std::uint64_t before = watched.viewer.media_bytes();
    run(duration);
    Report report{.estimate_kbps = quality(watched.peer).available_kbps};
    report.media_kbps = static_cast<double>(watched.viewer.media_bytes() - before) * 8 /
                        congestion::to_ms(duration);
    std::ranges::sort(queue_ms_);
    for (const double each : queue_ms_) {
      report.queue_mean_ms += each / static_cast<double>(queue_ms_.size());
    }
    report.queue_p95_ms = queue_ms_[queue_ms_.size() * 95 / 100];
    report.longest_gap_ms = congestion::to_ms(watched.viewer.longest_gap(from, simulation_.now()));
    report.freezes = watched.viewer.freezes(from, simulation_.now(), kFreeze);
    std::cout << "  " << what << ": media " << report.media_kbps << " kbit/s, estimate "
              << report.estimate_kbps << " kbit/s, queue mean " << report.queue_mean_ms
              << " ms, 95 % " << report.queue_p95_ms << " ms, longest gap " << report.longest_gap_ms
              << " ms, freezes " << report.freezes << "\n";
    return report;
  }

  /// How long until a second's media comes to that rate.
  std::optional<Duration> time_to(double kbps, const Watched& watched, Duration most) {
    const TimePoint from = simulation_.now();
    while (simulation_.now() - from < most) {
      const std::uint64_t before = watched.viewer.media_bytes();
      run(1s);
      const double seen = static_cast<double>(watched.viewer.media_bytes() - before) * 8 / 1000;
      if (seen >= kbps) return simulation_.now() - from;
    }
    return std::nullopt;
  }

  QualityReport::Entry quality(const Simulation::Peer& peer) const {
    for (const QualityReport::Entry& entry : simulation_.quality_reports.back().transports) {
      if (entry.transport == peer.id) return entry;
    }
    return {};
  }

  Simulation simulation_{7};
  Simulation::Peer& publisher_ = simulation_.add_publisher({.tracks = {camera()}});
  std::vector<std::unique_ptr<Watched>> watched_;
  std::uint64_t ticks_ = 0;
  std::vector<double> queue_ms_;
};

TEST_F(WeakNetwork, gets_the_best_picture_of_a_clean_link_with_a_short_queue) {
  const Watched& watched = watch(network(link_of(2000)));
  run(10s);
  const Report report = observe("2 Mbit/s", watched, 30s);
  EXPECT_GT(report.media_kbps, 0.95 * kTopKbps);
  EXPECT_GT(report.estimate_kbps, 1600U);
  EXPECT_LT(report.queue_p95_ms, 50);
  EXPECT_EQ(report.freezes, 0U);
  EXPECT_EQ(quality(watched.peer).shortage, 0);
}

TEST_F(WeakNetwork, follows_the_capacity_down_and_is_back_within_ten_seconds) {
  const auto downlink = network(link_of(2000));
  const TimePoint start = simulation_.now();
  downlink->change_at(start + 30s, link_of(500));
  downlink->change_at(start + 60s, link_of(2000));
  const Watched& watched = watch(downlink);
  run(10s);
  observe("2 Mbit/s", watched, 20s);
  const Report fall = observe("0.5 Mbit/s, the first 5 s", watched, 5s);
  const Report low = observe("0.5 Mbit/s", watched, 25s);
  const auto recovery = time_to(0.9 * kTopKbps, watched, 30s);
  ASSERT_TRUE(recovery.has_value());
  std::cout << "  back to 90 % after " << congestion::to_seconds(*recovery) << " s\n";
  EXPECT_LE(*recovery, 10s);
  EXPECT_EQ(fall.freezes, 0U);
  EXPECT_EQ(low.freezes, 0U);
  EXPECT_LT(low.queue_mean_ms, 50);
  EXPECT_GT(low.media_kbps, 130);
}

TEST_F(WeakNetwork, loss_freezes_nothing) {
  for (const double loss : {0.01, 0.02, 0.05, 0.1}) {
    NetworkConditions lossy = link_of(4000);
    lossy.loss = loss;
    const Watched& watched = watch(network(lossy));
    run(10s);
    const Report report = observe("loss " + std::to_string(loss), watched, 60s);
    EXPECT_EQ(report.freezes, 0U);
    EXPECT_GT(report.media_kbps, loss > 0.05 ? 100 : 0.9 * kTopKbps);
    watched_.back()->peer.cut = true;
  }
}

TEST_F(WeakNetwork, a_fifth_lost_leaves_a_picture) {
  NetworkConditions lossy = link_of(4000);
  lossy.loss = 0.2;
  const Watched& watched = watch(network(lossy));
  run(10s);
  const Report report = observe("loss 0.2", watched, 60s);
  EXPECT_GT(report.media_kbps, 100);
}

TEST_F(WeakNetwork, shows_the_small_picture_through_200_kbits) {
  NetworkConditions narrow = link_of(230);
  const Watched& watched = watch(network(narrow));
  run(15s);
  const Report report = observe("230 kbit/s", watched, 60s);
  EXPECT_EQ(report.freezes, 0U);
  EXPECT_GT(quality(watched.peer).shortage, 0.5);
  EXPECT_GT(report.media_kbps, 130);
}

TEST_F(WeakNetwork, two_subscribers_share_a_bottleneck) {
  const auto shared = network(link_of(2000));
  const Watched& one = watch(shared);
  const Watched& two = watch(shared);
  run(20s);
  const std::uint64_t before = two.viewer.media_bytes();
  const TimePoint from = simulation_.now();
  const Report first = observe("first", one, 60s);
  const double second_kbps = static_cast<double>(two.viewer.media_bytes() - before) * 8 / 60'000;
  std::cout << "  second: media " << second_kbps << " kbit/s\n";
  EXPECT_EQ(first.freezes, 0U);
  EXPECT_EQ(two.viewer.freezes(from, simulation_.now(), kFreeze), 0U);
  EXPECT_GT(first.media_kbps + second_kbps, 800);
}

TEST_F(WeakNetwork, makes_room_for_cross_traffic_and_takes_it_back) {
  const auto downlink = network(link_of(3000));
  const TimePoint start = simulation_.now();
  NetworkConditions busy = link_of(3000);
  busy.cross_traffic_bps = 2'200'000;
  downlink->change_at(start + 20s, busy);
  downlink->change_at(start + 50s, link_of(3000));
  const Watched& watched = watch(downlink);
  run(20s);
  run(5s);
  const Report during = observe("beside 2.2 of 3 Mbit/s", watched, 25s);
  const auto recovery = time_to(0.9 * kTopKbps, watched, 30s);
  ASSERT_TRUE(recovery.has_value());
  std::cout << "  back to 90 % after " << congestion::to_seconds(*recovery) << " s\n";
  EXPECT_LE(*recovery, 10s);
  EXPECT_EQ(during.freezes, 0U);
  EXPECT_LT(during.queue_mean_ms, 80);
}

// ---- what the path does not carry at all ----

TEST_F(WeakNetwork, pauses_what_the_path_does_not_carry_and_tells_of_it) {
  const auto downlink = network(link_of(1000));
  const TimePoint start = simulation_.now();
  downlink->change_at(start + 20s, link_of(90));
  downlink->change_at(start + 60s, link_of(1000));
  const Watched& watched = watch(downlink);
  run(19s);
  EXPECT_TRUE(simulation_.paused.empty());
  run(11s);
  ASSERT_FALSE(simulation_.paused.empty());
  EXPECT_EQ(simulation_.paused.front().transport, watched.peer.id);
  EXPECT_EQ(simulation_.paused.front().track, TrackId{"TR_cam"});
  EXPECT_TRUE(simulation_.paused.front().paused);
  EXPECT_TRUE(simulation_.paused.back().paused);
  const Report low = observe("90 kbit/s", watched, 25s);
  EXPECT_LE(simulation_.paused.size(), 3U) << "it does not flap";
  EXPECT_LT(low.media_kbps, 40);
  run(5s);
  const Report after = observe("1 Mbit/s again", watched, 15s);
  EXPECT_FALSE(simulation_.paused.back().paused);
  EXPECT_GT(after.media_kbps, 130);
}

}  // namespace
}  // namespace vis::media::sfu
