// Audio in RED through the engine: to those who have RED, and without it to those who have not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "base/random.hpp"
#include "media/rtp/red.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LinkOptions;
using test::Simulation;

constexpr Duration kPacketTime = 20ms;
constexpr std::uint32_t kTicks = 960;
constexpr std::size_t kOpusBytes = 60;
constexpr std::uint8_t kPublishersOpus = 109;
constexpr std::uint8_t kOurOpus = 111;

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
  bool has_red = true;
  std::set<std::uint32_t> heard{};
  std::uint64_t spoilt = 0;

  void take(Bytes payload) {
    if (payload.empty()) return;
    if (!has_red) return note(payload);
    const auto parsed = rtp::RedPayload::parse(payload);
    if (!parsed) {
      ++spoilt;
      return;
    }
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
  /// Of the packets between the first and the last one heard.
  double concealed() const {
    const auto span = static_cast<double>(*heard.rbegin() - *heard.begin() + 1);
    return 1 - static_cast<double>(heard.size()) / span;
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
        plain{.peer = simulation.add_subscriber({.rewrite = without_red}), .has_red = false} {
    for (Listener* const listener : {&modern, &plain}) {
      simulation.subscribe(listener->peer, "TR_mic");
      listener->peer.client->on_media = [listener](std::uint32_t, Bytes payload) {
        listener->take(payload);
      };
    }
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

}  // namespace
}  // namespace vis::media::sfu
