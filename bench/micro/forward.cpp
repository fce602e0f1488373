// What forwarding one packet costs: the whole path, from an encrypted datagram of the publisher to
// the kernel's UDP send for every subscriber, beside the bare cost of the same cryptography and
// the same sends. CPU time of this thread, the least of several rounds; both are measured in turn.
//
// Whole: Engine::on_datagram for each packet of a burst, the engine's timers when they are due (the
// publisher sends 2.5 Mbit/s, or an audio packet each 20 ms), Engine::flush, and what that sends,
// reports and feedback included, through media_io::UdpSocket. Not in it: recvmmsg, which costs the
// same for one subscriber and for a thousand.
//
// Bare: ipsec-mb opens the burst once and seals it for every subscriber under the subscriber's own
// key, straight into the buffer from which sendmmsg sends 64 prepared messages at a time, each a
// burst that the kernel segments.
//
// The subscribers are sockets on loopback that nobody reads, with the smallest receive buffers and
// with UDP_GRO. Their buffers are full at once, so that the kernel does all that sending is, drops
// the datagrams at the last step, and does not cut them up first: as with a network card that does
// the cutting. Sockets that are read would add to both sides what belongs to the clients' machines.

#include <intel-ipsec-mb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "base/byte_order.hpp"
#include "media/sfu/egress.hpp"
#include "media_io/udp_socket.hpp"
#include "micro/loopback.hpp"
#include "support/rtc/simulation.hpp"

namespace vis {
namespace {

using bench::address_of;
using bench::open_full_socket;
using bench::open_on_loopback;
using bench::Sink;
using bench::thread_cpu_ns;
using media_io::UdpSocket;

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMessagesPerCall = 64;
/// What the whole path may cost at the most, for bursts of four.
constexpr double kMostOverBare = 2.0;

/// What a core must forward of 1200-byte packets, to many subscribers.
struct Target {
  std::size_t burst;
  double packets_per_second;
};
constexpr Target kTargets[] = {{8, 0.8e6}, {1, 0.35e6}};
constexpr std::size_t kMany = 256;

struct Load {
  const char* name;
  bool video;
  std::size_t datagram_bytes;  ///< As a subscriber gets it.
  std::size_t burst;
  Duration interval;  ///< From one burst to the next.
};
constexpr Load kLoads[] = {{"video", true, 1200, 1, 3840us},
                           {"video", true, 1200, 4, 4 * 3840us},
                           {"video", true, 1200, 8, 8 * 3840us},
                           {"audio", false, 120, 1, 20ms}};

/// A real engine in steady state between a publisher and its subscribers.
class WholePath final {
 public:
  WholePath(const Load& load, const SocketAddress& publisher,
            std::span<const SocketAddress> subscribers)
      : load_(load) {
    const test::PeerTrack track{
        .cid = "track",
        .kind = load.video ? media::sdp::MediaKind::Video : media::sdp::MediaKind::Audio,
        .codec = load.video ? "VP8" : "opus",
        .layers = {{.rid = "", .ssrc = 1000, .rtx_ssrc = load.video ? 1001U : 0U}}};
    publisher_ = &simulation_.add_publisher({.tracks = {track}, .address = publisher});
    for (const SocketAddress& address : subscribers) {
      // What is diverted they would miss: report it and be sent less, ask for it, or for a key
      // frame when it is much.
      test::Simulation::Peer& subscriber =
          simulation_.add_subscriber({.asks_retransmission = false, .address = address});
      subscriber.client->set_reporting(false);
      simulation_.subscribe(subscriber, "TR_track");
    }
    simulation_.run_for(1s);
    find_payload_size();
  }

  /// CPU nanoseconds of `packets` packets of the publisher, in bursts.
  double round(std::size_t packets, Sink& sink) {
    // Clients that are not heard for long are dropped, and the clock has moved since they were.
    simulation_.skip_to(now_);
    simulation_.run_for(200ms);
    now_ = simulation_.now();
    std::vector<ByteVector> input = simulation_.record(*publisher_, [&] { make(packets); });
    VIS_ASSERT(input.size() == packets);
    media::sfu::Engine& engine = simulation_.engine();
    const std::uint64_t before = engine.counters().rtp_forwarded;
    simulation_.divert(&sink);
    const std::uint64_t start = thread_cpu_ns();
    for (std::size_t i = 0; i < packets; i += load_.burst) {
      for (std::size_t k = i; k < i + load_.burst; ++k) {
        engine.on_datagram(now_, input[k], {.remote = publisher_->address});
      }
      if (const auto due = engine.next_deadline(); due && *due <= now_) engine.on_deadline(now_);
      engine.flush(now_);
      now_ += load_.interval;
    }
    const std::uint64_t spent = thread_cpu_ns() - start;
    simulation_.divert(nullptr);
    forwarded_ = engine.counters().rtp_forwarded - before;
    return static_cast<double>(spent);
  }
  std::uint64_t forwarded() const { return forwarded_; }
  std::size_t payload_bytes() const { return payload_bytes_; }

 private:
  void make(std::size_t packets) {
    TimePoint at = now_;
    for (std::size_t i = 0; i < packets; i += load_.burst, at += load_.interval) {
      if (load_.video) {
        publisher_->client->send_video_frame(at, 0, load_.burst, payload_bytes_);
      } else {
        publisher_->client->send_audio_packet(at, 0, 20, payload_bytes_);
      }
    }
  }

  /// The payload that makes a subscriber's datagram as large as wanted.
  void find_payload_size() {
    Sink sink{nullptr};
    payload_bytes_ = 64;
    round(load_.burst, sink);
    const std::size_t overhead = sink.last_size - payload_bytes_;
    payload_bytes_ = load_.datagram_bytes - overhead;
    round(load_.burst, sink);
    VIS_ASSERT(sink.last_size == load_.datagram_bytes);
  }

  Load load_;
  test::Simulation simulation_{1};
  test::Simulation::Peer* publisher_ = nullptr;
  TimePoint now_;
  std::size_t payload_bytes_ = 0;
  std::uint64_t forwarded_ = 0;
};

/// The floor: the same bytes, keys, messages and calls, and nothing else.
class BarePath final {
 public:
  BarePath(const Load& load, std::size_t payload_bytes, std::span<const SocketAddress> subscribers)
      : load_(load),
        payload_bytes_(payload_bytes),
        manager_(alloc_mb_mgr(0)),
        keys_(subscribers.size() + 1),
        to_(subscribers.size()),
        socket_(open_on_loopback()),
        slots_(kMessagesPerCall * load.burst * load.datagram_bytes),
        input_(load.burst * load.datagram_bytes, 0x55),
        plain_(load.burst * load.datagram_bytes) {
    init_mb_mgr_auto(manager_.get(), nullptr);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      std::array<std::uint8_t, 16> key{};
      store_be(key.data(), static_cast<std::uint32_t>(i));
      IMB_AES128_GCM_PRE(manager_.get(), key.data(), &keys_[i].data);
    }
    for (std::size_t i = 0; i < to_.size(); ++i) {
      to_[i].sin_family = AF_INET;
      to_[i].sin_port = htons(subscribers[i].port);
      to_[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    prepare_messages();
  }

  double round(std::size_t packets, bool with_send) {
    const std::uint64_t start = thread_cpu_ns();
    for (std::size_t i = 0; i < packets; i += load_.burst) run_burst(with_send);
    return static_cast<double>(thread_cpu_ns() - start);
  }

 private:
  struct alignas(64) Key {
    gcm_key_data data;
  };
  struct FreeManager {
    void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
  };
  union Control {
    cmsghdr header;
    std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
  };

  void prepare_messages() {
    const std::size_t run = load_.burst * load_.datagram_bytes;
    for (std::size_t i = 0; i < kMessagesPerCall; ++i) {
      vectors_[i] = {.iov_base = slots_.data() + i * run, .iov_len = run};
      msghdr& header = messages_[i].msg_hdr;
      header.msg_namelen = sizeof(sockaddr_in);
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
      if (load_.burst == 1) continue;
      header.msg_control = &control_[i];
      header.msg_controllen = sizeof(Control);
      cmsghdr* const control = CMSG_FIRSTHDR(&header);
      const auto segment = static_cast<std::uint16_t>(load_.datagram_bytes);
      control->cmsg_level = SOL_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof segment);
      std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
    }
  }

  void run_burst(bool with_send) {
    const std::size_t header_bytes = load_.datagram_bytes - kTagBytes - payload_bytes_;
    gcm_context_data scratch;
    for (std::size_t b = 0; b < load_.burst; ++b) {
      const std::uint8_t* const in = input_.data() + b * load_.datagram_bytes;
      std::uint8_t* const out = plain_.data() + b * load_.datagram_bytes;
      std::array<std::uint8_t, kTagBytes> tag;
      IMB_AES128_GCM_DEC(manager_.get(), &keys_.back().data, &scratch, out + header_bytes,
                         in + header_bytes, payload_bytes_, nonce_.data(), in, header_bytes,
                         tag.data(), tag.size());
    }
    for (std::size_t first = 0; first < to_.size(); first += kMessagesPerCall) {
      const std::size_t count = std::min(kMessagesPerCall, to_.size() - first);
      std::uint8_t* slot = slots_.data();
      for (std::size_t i = first; i < first + count; ++i) {
        for (std::size_t b = 0; b < load_.burst; ++b, slot += load_.datagram_bytes) {
          std::memcpy(slot, input_.data(), header_bytes);
          store_be(nonce_.data() + 4, ++sequence_);
          IMB_AES128_GCM_ENC(manager_.get(), &keys_[i].data, &scratch, slot + header_bytes,
                             plain_.data() + b * load_.datagram_bytes + header_bytes,
                             payload_bytes_, nonce_.data(), slot, header_bytes,
                             slot + header_bytes + payload_bytes_, kTagBytes);
        }
        messages_[i - first].msg_hdr.msg_name = &to_[i];
      }
      if (with_send) send(count);
    }
  }

  void send(std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
      const int sent = ::sendmmsg(socket_.descriptor(), messages_.data() + done,
                                  static_cast<unsigned>(count - done), 0);
      VIS_ASSERT(sent > 0);
      done += static_cast<std::size_t>(sent);
    }
  }

  Load load_;
  std::size_t payload_bytes_;
  std::unique_ptr<IMB_MGR, FreeManager> manager_;
  std::vector<Key> keys_;
  std::vector<sockaddr_in> to_;
  UdpSocket socket_;
  ByteVector slots_;
  ByteVector input_;
  ByteVector plain_;
  std::array<iovec, kMessagesPerCall> vectors_{};
  std::array<Control, kMessagesPerCall> control_{};
  std::array<mmsghdr, kMessagesPerCall> messages_{};
  std::array<std::uint8_t, 12> nonce_{};
  std::uint32_t sequence_ = 0;
};

/// The least of several rounds, in CPU nanoseconds per forwarded packet.
struct Costs {
  double whole = std::numeric_limits<double>::max();
  double bare = std::numeric_limits<double>::max();
  double engine = std::numeric_limits<double>::max();  ///< The whole path but for the sends.
  double crypto = std::numeric_limits<double>::max();  ///< The bare path but for the sends.
  double ratio() const { return whole / bare; }
};

Costs measure(const Load& load, std::size_t subscribers, int rounds) {
  std::vector<UdpSocket> sockets;
  std::vector<SocketAddress> addresses;
  for (std::size_t i = 0; i < subscribers; ++i) {
    addresses.push_back(address_of(sockets.emplace_back(open_full_socket())));
  }
  const UdpSocket publisher = open_full_socket();
  WholePath whole{load, address_of(publisher), addresses};
  BarePath bare{load, whole.payload_bytes(), addresses};
  UdpSocket socket = open_on_loopback();
  Sink sending{&socket};
  Sink counting{nullptr};
  // Enough for a fraction of a second per round; more of the publisher's packets at once would
  // not lie in the second cache, where those that the kernel has just delivered do.
  const std::size_t packets = subscribers > 16 ? 128 : 512;
  const auto per_packet = [&](double spent) {
    return spent / static_cast<double>(packets * subscribers);
  };
  Costs least;
  for (int i = 0; i < rounds; ++i) {
    const double spent = whole.round(packets, sending);
    VIS_ASSERT(whole.forwarded() == packets * subscribers);
    least.whole = std::min(least.whole, per_packet(spent));
    least.bare = std::min(least.bare, per_packet(bare.round(packets, true)));
    least.engine = std::min(least.engine, per_packet(whole.round(packets, counting)));
    least.crypto = std::min(least.crypto, per_packet(bare.round(packets, false)));
  }
  return least;
}

/// What to measure: everything, unless the command line says less.
struct Choice {
  std::string_view name;
  std::size_t burst = 0;
  std::vector<std::size_t> subscribers{1, 16, 256};
  int rounds = 7;

  bool takes(const Load& load) const {
    return (name.empty() || name == load.name) && (burst == 0 || burst == load.burst);
  }
};

/// False when a target was measured and missed.
bool compare(const Load& load, std::size_t subscribers, const Costs& costs) {
  for (const Target& target : kTargets) {
    if (!load.video || load.burst != target.burst || subscribers != kMany) continue;
    const double reached = 1e9 / costs.whole;
    const bool met = reached >= target.packets_per_second;
    std::printf(
        "        bursts of %zu: must reach %.2f M packets/s, reaches %.2f M, bare %.2f M: %s\n",
        target.burst, target.packets_per_second / 1e6, reached / 1e6, 1e3 / costs.bare,
        met ? "met" : "MISSED");
    return met;
  }
  return true;
}

int run(const Choice& choice) {
  std::printf("CPU ns per forwarded packet, least of %d rounds\n\n", choice.rounds);
  std::printf(
      "       bytes burst subscribers |  whole   bare  ratio | without sends: whole  bare | "
      "packets/s/core\n");
  bool met = true;
  for (const Load& load : kLoads) {
    if (!choice.takes(load)) continue;
    for (const std::size_t subscribers : choice.subscribers) {
      const Costs costs = measure(load, subscribers, choice.rounds);
      std::printf("%s %6zu %5zu %11zu | %6.0f %6.0f %6.2f | %20.0f %5.0f | %14.0f\n", load.name,
                  load.datagram_bytes, load.burst, subscribers, costs.whole, costs.bare,
                  costs.ratio(), costs.engine, costs.crypto, 1e9 / costs.whole);
      if (!compare(load, subscribers, costs)) met = false;
      std::fflush(stdout);
      if (load.burst == 4 && costs.ratio() > kMostOverBare) met = false;
    }
  }
  std::printf("\nbursts of 4 at most %.1f times the bare cost, and all targets: %s\n",
              kMostOverBare, met ? "met" : "MISSED");
  return met ? 0 : 1;
}

}  // namespace
}  // namespace vis

/// bench_forward [video|audio [BURST [SUBSCRIBERS [ROUNDS]]]]; 0 means all.
int main(int count, char** words) {
  const std::span arguments{words, static_cast<std::size_t>(count)};
  const auto number = [&](std::size_t at, int otherwise) {
    return at < arguments.size() ? std::atoi(arguments[at]) : otherwise;
  };
  vis::Choice choice;
  if (arguments.size() > 1) choice.name = arguments[1];
  choice.burst = static_cast<std::size_t>(number(2, 0));
  if (const int subscribers = number(3, 0); subscribers > 0) {
    choice.subscribers = {static_cast<std::size_t>(subscribers)};
  }
  choice.rounds = number(4, choice.rounds);
  return vis::run(choice);
}
