// What an engine holds: for each subscriber of a track, for each client that is connected, and for
// each camera that is published. Bytes of malloc, OpenSSL's among them, that a real engine gives
// back when it ends: its clients, in the same process, stay. Differences of two engines, so that
// what an engine holds once does not count.

#include <malloc.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "support/rtc/simulation.hpp"

namespace vis {
namespace {

/// What a subscriber of a track may take, with everything: its part of the negotiated description,
/// of the congestion controller, of the queues.
constexpr double kMostPerTrack = 8000;

struct Load {
  std::size_t cameras = 1;  ///< All of one publisher.
  std::size_t subscribers = 1;
  std::size_t each = 1;     ///< So many of the cameras each subscriber gets.
  std::size_t packets = 5;  ///< Of a picture.
  std::size_t payload_bytes = 1150;
};

double allocated() {
  const auto info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

std::string name_of(std::size_t camera) { return "camera" + std::to_string(camera); }

constexpr Duration kFrameInterval = 33ms;

/// Media for a few seconds, so that everything has the size that it keeps. Cameras take turns.
double held_under(const Load& load) {
  test::Simulation simulation{1};
  test::Simulation::PublisherOptions options;
  for (std::size_t i = 0; i < load.cameras; ++i) {
    const auto ssrc = static_cast<std::uint32_t>(1000 + 10 * i);
    options.tracks.push_back({.cid = name_of(i),
                              .codec = "VP8",
                              .layers = {{.rid = "", .ssrc = ssrc, .rtx_ssrc = ssrc + 1}}});
  }
  test::Simulation::Peer& publisher = simulation.add_publisher(options);
  for (std::size_t i = 0; i < load.subscribers; ++i) {
    test::Simulation::Peer& subscriber = simulation.add_subscriber();
    for (std::size_t camera = 0; camera < load.each; ++camera) {
      simulation.subscribe(subscriber, "TR_" + name_of(camera));
    }
  }
  simulation.run_for(1s);
  std::size_t next = 0;
  simulation.run_for(4s, kFrameInterval / load.cameras, [&] {
    if (load.packets != 0) {
      publisher.client->send_video_frame(simulation.now(), next, load.packets, load.payload_bytes);
    }
    next = (next + 1) % load.cameras;
  });
  const double before = allocated();
  simulation.end_engines();
  return before - allocated();
}

double per_one(const Load& less, const Load& more, std::size_t ones) {
  return (held_under(more) - held_under(less)) / static_cast<double>(ones);
}

/// Of small pictures: what the path does not carry yet waits in a pool of the whole worker.
double per_track(std::size_t packets) {
  const Load one{.cameras = 10, .subscribers = 20, .packets = packets, .payload_bytes = 300};
  Load all = one;
  all.each = all.cameras;
  return per_one(one, all, (all.each - one.each) * all.subscribers);
}

int run() {
  const double track = per_track(1);
  const double silent = per_track(0);
  const double session = per_one({.subscribers = 10}, {.subscribers = 60}, 50);
  const double camera = per_one({.cameras = 1}, {.cameras = 11}, 10);
  std::printf("bytes in the engine for each\n");
  std::printf("  subscriber of a track, beyond its first     %8.0f, at most %.0f\n", track,
              kMostPerTrack);
  std::printf("    the same before there are media           %8.0f\n", silent);
  std::printf("  connected client that gets one track        %8.0f\n", session);
  std::printf("  camera of 1.4 Mbit/s, with what is resent   %8.0f\n", camera);
  return track <= kMostPerTrack ? 0 : 1;
}

}  // namespace
}  // namespace vis

int main() { return vis::run(); }
