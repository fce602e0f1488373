// Sound in RED through the engine: to those who have RED, without it to those who have not, and
// made by the server where a path loses much.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "media/rtp/red.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LinkOptions;
using test::microphone;
using test::Simulation;

constexpr Duration kPacketTime = 20ms;
constexpr std::uint32_t kTicks = 960;
constexpr std::size_t kOpusBytes = 60;
constexpr std::uint8_t kPublishersOpus = 109;
constexpr std::uint8_t kOurOpus = 111;
constexpr std::uint8_t kOurRed = 63;

/// The Opus payload of one packet: its number, and bytes that must not change.
ByteVector opus(std::uint32_t number) {
  ByteVector payload(kOpusBytes, static_cast<std::uint8_t>(number));
  payload[0] = 0x78;
  payload[1] = static_cast<std::uint8_t>(number >> 8);
  payload[2] = static_cast<std::uint8_t>(number);
  return payload;
}

/// The packet's payload with the `distance` before it as redundancy.
ByteVector red(std::uint32_t number, std::uint32_t distance) {
  ByteVector payload;
  const std::uint32_t redundant = std::min(distance, number);
  for (std::uint32_t age = redundant; age > 0; --age) {
    const std::uint32_t field = (age * kTicks) << 10 | kOpusBytes;
    payload.insert(
        payload.end(),
        {static_cast<std::uint8_t>(0x80 | kPublishersOpus), static_cast<std::uint8_t>(field >> 16),
         static_cast<std::uint8_t>(field >> 8), static_cast<std::uint8_t>(field)});
  }
  payload.push_back(kPublishersOpus);
  for (std::uint32_t age = redundant + 1; age-- > 0;) {
    const ByteVector block = opus(number - age);
    payload.insert(payload.end(), block.begin(), block.end());
  }
  return payload;
}

/// The numbers of the Opus payloads that a listener has, in whatever packet they came.
struct Listener {
  Simulation::Peer& peer;
  std::set<std::uint32_t> heard{};
  std::uint64_t spoilt = 0;
  std::uint64_t in_red = 0;       ///< Packets.
  std::size_t most_repeated = 0;  ///< By one packet.

  void take(const vis::test::PeerPacket& packet) {
    if (packet.payload.empty()) return;
    if (packet.payload_type != kOurRed) return note(packet.payload);
    ++in_red;
    const auto parsed = rtp::RedPayload::parse(packet.payload);
    if (!parsed) {
      ++spoilt;
      return;
    }
    most_repeated = std::max(most_repeated, parsed->blocks().size() - 1);
    for (const rtp::RedBlock& block : parsed->blocks()) {
      if (block.payload_type != kOurOpus) ++spoilt;
      note(block.data);
    }
  }
  void note(Bytes data) {
    const auto number = data.size() < 3 ? 0U : static_cast<std::uint32_t>(data[1]) << 8 | data[2];
    const ByteVector expected = opus(number);
    if (!std::ranges::equal(data, expected)) ++spoilt;
    heard.insert(number);
  }
  void forget() {
    heard.clear();
    in_red = 0;
    most_repeated = 0;
  }
  /// Of the packets between the first and the last one heard.
  double concealed() const {
    const auto span = static_cast<double>(*heard.rbegin() - *heard.begin() + 1);
    return 1 - static_cast<double>(heard.size()) / span;
  }
  void listen_to(Simulation& simulation, const std::string& track) {
    simulation.subscribe(peer, track);
    peer.client->on_arrival = [this](const vis::test::PeerPacket& packet) { take(packet); };
  }
};

std::string without_red(std::string sdp) {
  std::string kept;
  for (std::size_t at = 0; at < sdp.size();) {
    const std::size_t end = sdp.find('\n', at) + 1;
    std::string line = sdp.substr(at, end - at);
    at = end;
    if (line.starts_with("a=rtpmap:63 ") || line.starts_with("a=fmtp:63 ")) continue;
    if (line.starts_with("m=audio")) {
      if (const auto type = line.find(" 63"); type != std::string::npos) line.erase(type, 3);
    }
    kept += line;
  }
  return kept;
}

class RedCall {
 public:
  RedCall()
      : publisher(simulation.add_publisher(
            {.tracks = {{.cid = "mic",
                         .kind = sdp::MediaKind::Audio,
                         .codec = "red",
                         .layers = {{.rid = "", .ssrc = 10, .rtx_ssrc = 0}}}}})),
        modern{.peer = simulation.add_subscriber()},
        plain{.peer = simulation.add_subscriber({.rewrite = without_red})} {
    for (Listener* const listener : {&modern, &plain}) listener->listen_to(simulation, "TR_mic");
    simulation.run_for(1s);
  }

  void talk(Duration duration, std::uint32_t distance, double uplink_loss) {
    simulation.run_for(duration, kPacketTime, [&] {
      const ByteVector payload = red(number, distance);
      ++number;
      const bool lost = simulation.random().u32() % 1000 < uplink_loss * 1000;
      publisher.client->send_made(simulation.now(), 0, {.payload = payload, .lost = lost});
    });
    simulation.run_for(200ms);
  }

  Simulation simulation{23};
  Simulation::Peer& publisher;
  Listener modern;
  Listener plain;
  std::uint32_t number = 0;
};

TEST(Red, goes_as_it_is_to_who_has_it_and_unpacked_to_who_has_not) {
  RedCall call;
  call.talk(2s, 2, 0);
  for (const Listener* const listener : {&call.modern, &call.plain}) {
    EXPECT_EQ(listener->heard.size(), 100U);
    EXPECT_EQ(listener->spoilt, 0U);
    EXPECT_EQ(listener->concealed(), 0.0);
    EXPECT_EQ(listener->peer.client->received().begin()->second.missing(), 0U);
    EXPECT_EQ(listener->peer.client->received().begin()->second.timestamp_jumps, 0U);
  }
  EXPECT_EQ(call.plain.peer.client->received().begin()->second.packets, 100U);
}

TEST(Red, who_lacks_it_gains_by_it_at_a_fifth_lost_on_the_way_to_the_server) {
  RedCall call;
  call.talk(60s, 2, 0.2);
  RecordProperty("concealed_permille", static_cast<int>(call.plain.concealed() * 1000));
  EXPECT_LE(call.plain.concealed(), 0.02);
  EXPECT_LE(call.modern.concealed(), 0.02);
  EXPECT_EQ(call.plain.spoilt + call.modern.spoilt, 0U);
  EXPECT_EQ(call.plain.peer.client->received().begin()->second.timestamp_jumps, 0U);
}

TEST(Red, with_one_repetition_conceals_what_two_losses_in_a_row_take) {
  RedCall call;
  call.talk(60s, 1, 0.2);
  EXPECT_LE(call.plain.concealed(), 0.06);
  EXPECT_LE(call.modern.concealed(), 0.06);
}

TEST(Red, who_has_it_hears_at_a_fifth_lost_on_the_way_from_the_server) {
  RedCall call;
  call.talk(1s, 2, 0);
  call.modern.heard.clear();
  call.modern.peer.link.loss = 0.2;
  call.talk(60s, 2, 0);
  EXPECT_LE(call.modern.concealed(), 0.02);
  EXPECT_EQ(call.modern.spoilt, 0U);
}

TEST(Red, a_malformed_packet_reaches_nobody_and_ends_nothing) {
  RedCall call;
  call.talk(500ms, 2, 0);
  const std::uint64_t rejected = call.simulation.counters().rtp_rejected;
  const ByteVector bad[] = {{}, {0x80 | 109}, {0x80 | 109, 0, 0x0F, 0xFF, 109, 1}, {109}};
  for (const ByteVector& payload : bad) {
    call.publisher.client->send_made(call.simulation.now(), 0, {.payload = payload});
    call.publisher.client->flush();
    call.simulation.run_for(kPacketTime);
  }
  call.talk(500ms, 2, 0);
  EXPECT_EQ(call.simulation.counters().rtp_rejected, rejected + 3);
  EXPECT_EQ(call.modern.spoilt + call.plain.spoilt, 0U);
  EXPECT_EQ(call.plain.heard.size(), 50U);
}

// ---- made by the server ----

TEST(Red, published_with_one_repetition_is_sent_with_two_where_a_fifth_is_lost) {
  RedCall call;
  call.talk(1s, 1, 0);
  EXPECT_EQ(call.modern.most_repeated, 1U) << "as published";
  call.modern.peer.link.loss = 0.2;
  call.talk(5s, 1, 0);
  call.modern.forget();
  call.talk(60s, 1, 0);
  RecordProperty("concealed_permille", static_cast<int>(call.modern.concealed() * 1000));
  EXPECT_LE(call.modern.concealed(), 0.02);
  EXPECT_GE(call.modern.most_repeated, 2U);
  EXPECT_EQ(call.modern.spoilt + call.plain.spoilt, 0U);
  EXPECT_EQ(call.plain.concealed(), 0.0) << "the other's path is another";
}

TEST(Red, published_with_one_repetition_makes_up_for_losses_on_both_ways) {
  RedCall call;
  call.modern.peer.link.loss = 0.1;
  call.talk(5s, 1, 0.1);
  call.modern.forget();
  call.talk(60s, 1, 0.1);
  EXPECT_LE(call.modern.concealed(), 0.03) << "a hundredth is lost twice before it arrives";
  EXPECT_EQ(call.modern.spoilt, 0U);
}

/// One who publishes plain Opus, as Firefox does, and some who have RED.
class OpusCall {
 public:
  explicit OpusCall(test::PeerTrack track = microphone("mic", 10))
      : publisher(simulation.add_publisher({.tracks = {std::move(track)}})),
        near{.peer = simulation.add_subscriber()},
        far{.peer = simulation.add_subscriber()},
        plain{.peer = simulation.add_subscriber({.rewrite = without_red})} {
    for (Listener* const each : {&near, &far, &plain}) each->listen_to(simulation, "TR_mic");
    simulation.run_for(1s);
  }

  void talk(Duration duration) {
    simulation.run_for(duration, kPacketTime, [&] {
      const ByteVector payload = opus(number++);
      publisher.client->send_made(simulation.now(), 0, {.payload = payload});
    });
    simulation.run_for(200ms);
  }
  /// Until the server knows what the far one's path loses.
  void lose(double loss) {
    far.peer.link.loss = loss;
    talk(5s);
    far.forget();
  }

  Simulation simulation{29};
  Simulation::Peer& publisher;
  Listener near;
  Listener far;
  Listener plain;
  std::uint32_t number = 0;
};

TEST(OpusInRed, is_not_made_where_nothing_is_lost) {
  OpusCall call;
  call.talk(10s);
  EXPECT_EQ(call.near.in_red + call.far.in_red + call.plain.in_red, 0U);
  EXPECT_EQ(call.simulation.counters().sound_repeated, 0U);
  EXPECT_EQ(call.far.heard.size(), 500U);
}

class OpusInRedAt : public testing::TestWithParam<double> {};

TEST_P(OpusInRedAt, leaves_at_most_a_fiftieth_of_the_sound_to_be_made_up) {
  OpusCall call;
  call.lose(GetParam());
  call.talk(120s);
  RecordProperty("concealed_permille", static_cast<int>(call.far.concealed() * 1000));
  EXPECT_LE(call.far.concealed(), 0.02);
  EXPECT_EQ(call.far.spoilt + call.near.spoilt + call.plain.spoilt, 0U);
  EXPECT_EQ(call.near.in_red, 0U) << "its path is another";
  EXPECT_EQ(call.plain.in_red, 0U);
  EXPECT_EQ(call.plain.concealed(), 0.0);
  EXPECT_EQ(call.far.peer.client->received().begin()->second.timestamp_jumps, 0U);
}
INSTANTIATE_TEST_SUITE_P(Losses, OpusInRedAt, testing::Values(0.02, 0.05, 0.1, 0.2, 0.3));

TEST(OpusInRed, is_made_no_longer_once_nothing_has_been_lost_for_a_while) {
  OpusCall call;
  call.lose(0.2);
  call.talk(5s);
  EXPECT_GE(call.far.most_repeated, 2U);
  call.far.peer.link.loss = 0;
  call.talk(60s);
  call.far.forget();
  call.talk(5s);
  EXPECT_EQ(call.far.in_red, 0U);
  EXPECT_EQ(call.far.concealed(), 0.0);
}

TEST(OpusInRed, is_not_made_of_what_is_encrypted_end_to_end) {
  test::PeerTrack track = microphone("mic", 10);
  track.encrypted = true;
  OpusCall call(track);
  call.lose(0.2);
  call.talk(10s);
  EXPECT_EQ(call.far.in_red, 0U);
  EXPECT_EQ(call.simulation.counters().sound_repeated, 0U);
  EXPECT_EQ(call.far.spoilt, 0U);
}

}  // namespace
}  // namespace vis::media::sfu
