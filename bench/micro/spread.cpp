// What it costs to have one room on several workers: one publisher, on the first worker, and the
// same number of listeners, divided among them. CPU time by worker, from the datagrams of the
// publisher to the kernel's UDP send for every listener, rings and copies included; the least of
// several rounds.
//
// The workers take turns on one thread, so that what is measured does not depend on how many cores
// there are, nor on who else uses them. What a room can be on several cores is told by its busiest
// worker. Sockets and what they leave out are those of bench_forward.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "micro/loopback.hpp"
#include "support/rtc/simulation.hpp"

namespace vis {
namespace {

using bench::thread_cpu_ns;
using media::sfu::Engine;
using media_io::UdpSocket;

constexpr std::size_t kListeners = 256;
constexpr std::size_t kBurst = 8;
constexpr std::size_t kPayloadBytes = 1150;
/// At 2.5 Mbit/s.
constexpr Duration kInterval = kBurst * 3840us;
constexpr std::size_t kPackets = 128;
/// A packet costs at most so much more on two workers than on one, in all.
constexpr double kMostOverOne = 1.15;

/// Of one round.
struct Costs {
  std::vector<double> spent;  ///< CPU nanoseconds of each worker.
  std::uint64_t forwarded = 0;

  double sum() const {
    double all = 0;
    for (const double each : spent) all += each;
    return all;
  }
  double busiest() const { return *std::ranges::max_element(spent); }
  double per_packet() const { return sum() / static_cast<double>(forwarded); }
};

class SpreadRoom final {
 public:
  explicit SpreadRoom(unsigned workers) : simulation_(1, {.workers = workers}), workers_(workers) {
    const test::PeerTrack track{.cid = "track",
                                .kind = media::sdp::MediaKind::Video,
                                .codec = "VP8",
                                .layers = {{.rid = "", .ssrc = 1000, .rtx_ssrc = 1001}}};
    publisher_ = &simulation_.add_publisher(
        {.tracks = {track}, .address = bench::address_of(publisher_socket_), .worker = 0});
    for (unsigned i = 0; i < kListeners; ++i) {
      const UdpSocket& socket = sockets_.emplace_back(bench::open_full_socket());
      test::Simulation::Peer& listener =
          simulation_.add_subscriber({.address = bench::address_of(socket), .worker = i % workers});
      listener.client->set_reporting(false);
      simulation_.subscribe(listener, "TR_track");
    }
    simulation_.run_for(1s);
  }

  Costs round() {
    // Clients that are not heard for long are dropped, and the clock has moved since they were.
    simulation_.skip_to(now_);
    simulation_.run_for(200ms);
    now_ = simulation_.now();
    std::vector<ByteVector> input = simulation_.record(*publisher_, [&] { make(); });
    VIS_ASSERT(input.size() == kPackets);
    Costs costs{.spent = std::vector<double>(workers_)};
    const std::uint64_t before = forwarded();
    simulation_.divert(&sink_);
    for (std::size_t i = 0; i < kPackets; i += kBurst) {
      turn(0, std::span{input}.subspan(i, kBurst), costs);
      for (unsigned worker = 1; worker < workers_; ++worker) turn(worker, {}, costs);
      now_ += kInterval;
    }
    simulation_.divert(nullptr);
    costs.forwarded = forwarded() - before;
    return costs;
  }

 private:
  void make() {
    TimePoint at = now_;
    for (std::size_t i = 0; i < kPackets; i += kBurst, at += kInterval) {
      publisher_->client->send_video_frame(at, 0, kBurst, kPayloadBytes);
    }
  }

  /// What a worker does when it wakes.
  void turn(unsigned worker, std::span<ByteVector> datagrams, Costs& costs) {
    Engine& engine = simulation_.engine(worker);
    const std::uint64_t start = thread_cpu_ns();
    engine.look_at_neighbours();
    for (ByteVector& datagram : datagrams) {
      engine.on_datagram(now_, datagram, {.remote = publisher_->address});
    }
    engine.take_from_neighbours(now_);
    if (const auto due = engine.next_deadline(); due && *due <= now_) engine.on_deadline(now_);
    engine.flush(now_);
    costs.spent[worker] += static_cast<double>(thread_cpu_ns() - start);
  }

  std::uint64_t forwarded() const {
    std::uint64_t sum = 0;
    for (unsigned worker = 0; worker < workers_; ++worker) {
      sum += simulation_.counters(worker).rtp_forwarded;
    }
    return sum;
  }

  test::Simulation simulation_;
  unsigned workers_;
  UdpSocket publisher_socket_ = bench::open_full_socket();
  std::vector<UdpSocket> sockets_;
  UdpSocket out_ = bench::open_on_loopback();
  bench::Sink sink_{&out_};
  test::Simulation::Peer* publisher_ = nullptr;
  TimePoint now_;
};

/// The same room on so many workers, and the round in which these spent the least.
struct Candidate {
  explicit Candidate(unsigned count) : workers(count), room(count) {}

  void run_round() {
    Costs costs = room.round();
    // A listener that has lost something while all was diverted may wait for a key frame.
    VIS_ASSERT(costs.forwarded * 10 >= kPackets * kListeners * 9);
    if (least.forwarded == 0 || costs.per_packet() < least.per_packet()) least = std::move(costs);
  }

  unsigned workers;
  SpreadRoom room;
  Costs least;
};

int run(int rounds) {
  std::printf("%zu listeners of one publisher, bursts of %zu, least of %d rounds\n\n", kListeners,
              kBurst, rounds);
  std::printf(
      "workers | CPU ns per forwarded packet | room as large as   | share of each worker\n");
  std::vector<std::unique_ptr<Candidate>> candidates;
  for (const unsigned workers : {1U, 2U, 4U, 8U}) {
    candidates.push_back(std::make_unique<Candidate>(workers));
  }
  // In turn, since how fast a core is changes with what else the machine does.
  for (int i = 0; i < rounds; ++i) {
    for (const auto& candidate : candidates) candidate->run_round();
  }
  const double one = candidates.front()->least.per_packet();
  bool met = true;
  for (const auto& candidate : candidates) {
    const Costs& costs = candidate->least;
    const double busiest = costs.busiest() / static_cast<double>(costs.forwarded);
    std::printf("%7u | %27.0f | %.2f of one worker's |", candidate->workers, costs.per_packet(),
                one / busiest);
    for (const double spent : costs.spent) std::printf(" %2.0f %%", 100 * spent / costs.sum());
    std::printf("\n");
    if (candidate->workers == 2 && costs.per_packet() > kMostOverOne * one) met = false;
  }
  std::printf("\na packet on two workers at most %.2f times that on one: %s\n", kMostOverOne,
              met ? "met" : "MISSED");
  return met ? 0 : 1;
}

}  // namespace
}  // namespace vis

/// bench_spread [ROUNDS]
int main(int count, char** words) {
  const std::span arguments{words, static_cast<std::size_t>(count)};
  return vis::run(arguments.size() > 1 ? std::atoi(arguments[1]) : 15);
}
