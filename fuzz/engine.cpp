// The engine as a whole: a publisher with the keys of its session that sends whatever the input
// says (packets, control packets, datagrams of any kind, from any address), a subscriber that
// answers with whatever it says, orders of the control plane in between, and time that passes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "support/rtc/simulation.hpp"

namespace {

using namespace std::chrono_literals;
using vis::ByteReader;
using vis::Bytes;
using vis::ByteVector;
using vis::media::sfu::TrackId;
using vis::test::ClientPeer;
using vis::test::PeerTrack;
using vis::test::PlainPacket;
using vis::test::Simulation;

constexpr std::size_t kMostOrders = 300;
/// Consent to send runs out after 30 s; within less the subscriber must stay connected.
constexpr vis::Duration kMostTime = 10s;

PeerTrack camera(const std::string& codec, bool simulcast, bool encrypted) {
  PeerTrack track{.cid = "cam", .codec = codec, .layers = {}, .encrypted = encrypted};
  if (!simulcast) {
    track.layers = {{.ssrc = 1000, .rtx_ssrc = 1001}};
    return track;
  }
  for (std::uint32_t i = 0; i < 3; ++i) {
    track.layers.push_back({.rid = std::string(1, "qhf"[i]),
                            .ssrc = 1000 + 2 * i,
                            .rtx_ssrc = 1001 + 2 * i,
                            .shrink = std::size_t{4} >> i});
  }
  return track;
}

PeerTrack microphone(bool red) {
  return {.cid = "mic",
          .kind = vis::media::sdp::MediaKind::Audio,
          .codec = red ? "red" : "opus",
          .layers = {{.ssrc = 2000}}};
}

class Play final {
 public:
  explicit Play(ByteReader& input) : input_(input), simulation_(input.u8()) {
    constexpr std::array kCodecs{"VP8", "VP9", "H264", "AV1"};
    const std::uint8_t kind = input_.u8();
    publisher_ = &simulation_.add_publisher(
        {.tracks = {camera(kCodecs[kind & 3U], (kind & 4U) != 0, (kind & 16U) != 0),
                    microphone((kind & 8U) != 0)}});
    subscriber_ = &simulation_.add_subscriber();
    simulation_.subscribe(*subscriber_, "TR_cam");
    simulation_.subscribe(*subscriber_, "TR_mic");
    simulation_.run_for(200ms);
    VIS_ASSERT(publisher_->state_connected && subscriber_->state_connected);
    begin_ = simulation_.now();
  }

  void run() {
    for (std::size_t i = 0; i < kMostOrders && !input_.at_end() && input_.ok(); ++i) {
      if (simulation_.now() - begin_ > kMostTime) break;
      obey(input_.u8());
      publisher_->client->flush();
      subscriber_->client->flush();
    }
    simulation_.run_for(500ms);
    VIS_ASSERT(!subscriber_->state_failed && !subscriber_->client->failed());
  }

 private:
  void obey(std::uint8_t order) {
    ClientPeer& publisher = *publisher_->client;
    switch (order % 16) {
      case 0: return simulation_.run_for(input_.u8() * 1ms);
      case 1: return publisher.send_video_frame(simulation_.now(), 0, input_.u8() % 8 + 1, 500);
      case 2: return publisher.send_audio_packet(simulation_.now(), 1, input_.u8());
      case 3:
      case 4: return send_bent(order % 16 - 3U);
      case 5: return send_made();
      case 6: return send_rtcp(*subscriber_->client);
      case 7: return send_rtcp(publisher);
      case 8: return inject();
      case 9: return aim();
      case 10: return subscriber_->client->request_key_frame(simulation_.now(), ssrc_seen());
      case 11: return ask_again();
      case 12: return publisher.set_layer_enabled(0, 0, (input_.u8() & 1U) != 0);
      case 13: return resubscribe();
      case 14: return simulation_.offer(*publisher_);
      default: return mute();
    }
  }

  Bytes some_bytes() { return input_.take(std::min<std::size_t>(input_.u8(), input_.remaining())); }

  void send_rtcp(ClientPeer& from) {
    constexpr std::size_t kClearHeader = 8;  // Of SRTCP, which protects no less.
    const Bytes packet = some_bytes();
    if (packet.size() >= kClearHeader) from.send_rtcp(packet);
  }

  /// The next packet of a track, with a payload and bytes of its header of the input's choosing.
  void send_bent(std::size_t track) {
    const std::array<std::uint8_t, 4> bend{input_.u8(), input_.u8(), input_.u8(), input_.u8()};
    PlainPacket packet = publisher_->client->make_packet(simulation_.now(), track, some_bytes());
    // Marker and type, sequence number, timestamp, source: as far from what they were as the input
    // says, from not at all to everything.
    packet.bytes[1] ^= bend[0];
    packet.bytes[2] ^= bend[1];
    packet.bytes[4] ^= bend[2];
    packet.bytes[11] ^= bend[3];
    static_cast<void>(publisher_->client->send_plain(packet));
  }

  void send_made() {
    const Bytes descriptor = some_bytes();
    const Bytes payload = some_bytes();
    if (payload.empty()) return;
    publisher_->client->send_made(
        simulation_.now(), 0,
        {.payload = payload,
         .dependency_descriptor = descriptor.first(std::min<std::size_t>(descriptor.size(), 200))});
  }

  void inject() {
    const std::uint8_t from = input_.u8();
    const Bytes bytes = some_bytes();
    vis::SocketAddress address = (from & 1U) != 0 ? publisher_->address : subscriber_->address;
    address.port = static_cast<std::uint16_t>(address.port + (from >> 6));
    simulation_.inject(address, ByteVector(bytes.begin(), bytes.end()));
  }

  void aim() {
    const std::uint8_t how = input_.u8();
    simulation_.engine().set_layer_target(simulation_.now(), subscriber_->id, TrackId{"TR_cam"},
                                          {.disabled = (how & 1U) != 0,
                                           .max_layer = static_cast<std::uint8_t>(how >> 1 & 3U),
                                           .max_fps = static_cast<std::uint32_t>(how >> 3)});
  }

  std::uint32_t ssrc_seen() {
    const auto& received = subscriber_->client->received();
    return received.empty() ? 0 : received.begin()->first;
  }

  void ask_again() {
    std::vector<std::uint16_t> lost{input_.u16(), input_.u16()};
    std::ranges::sort(lost);
    subscriber_->client->request_retransmission(ssrc_seen(), lost);
  }

  void resubscribe() {
    simulation_.engine().unsubscribe(simulation_.now(), subscriber_->id, TrackId{"TR_cam"});
    simulation_.run_for(input_.u8() * 1ms);
    simulation_.subscribe(*subscriber_, "TR_cam");
  }

  void mute() {
    simulation_.engine().set_muted(simulation_.now(), simulation_.room(), TrackId{"TR_cam"},
                                   (input_.u8() & 1U) != 0);
  }

  ByteReader& input_;
  Simulation simulation_;
  Simulation::Peer* publisher_ = nullptr;
  Simulation::Peer* subscriber_ = nullptr;
  vis::TimePoint begin_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  ByteReader input{Bytes{data, size}};
  Play{input}.run();
  return 0;
}
