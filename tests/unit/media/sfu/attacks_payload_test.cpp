// Transport negative tests: a participant with keys of its own that sends what no client should,
// to the server and through it to the others, beside a call that goes on.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "media/rtcp/nack.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LiveCall;
using test::PlainPacket;
using test::Simulation;

constexpr std::uint64_t kSeed = 13;
constexpr std::uint32_t kSsrc = 3000;
constexpr std::size_t kFixedHeader = 12;

using Payload = std::vector<std::uint8_t>;

/// A packet that a decoder can begin with, and one that goes on.
Payload key_frame_of(const std::string& codec) {
  if (codec == "VP8") return {0x90, 0xC0, 0x80, 0x01, 0x01, 0x00, 1, 2, 3};
  if (codec == "VP9") return {0x8C, 0x01, 0x49, 1, 2, 3};
  if (codec == "H264") return {0x67, 0x42, 0xE0, 0x1F, 1};
  return {0x18, 0x0A, 1, 2, 3};
}
Payload good_payload_of(const std::string& codec) {
  if (codec == "VP8") return {0x90, 0xC0, 0x80, 0x02, 0x02, 0x01, 1, 2, 3};
  if (codec == "VP9") return {0xCC, 0x02, 0x49, 1, 2, 3};
  if (codec == "H264") return {0x41, 0x9A, 1, 2, 3};
  return {0x10, 0x32, 1, 2, 3};
}

/// The participant that means no good. The call's subscriber watches her camera too.
class Mallory {
 public:
  Mallory(LiveCall& call, const std::string& codec)
      : call_(call),
        codec_(codec),
        peer_(call.simulation.add_publisher({.tracks = {test::camera("mallory", kSsrc, codec)}})) {
    call.simulation.subscribe(call.subscriber, "TR_mallory");
    call.run_for(1s);
    EXPECT_TRUE(peer_.state_connected);
    send(packet(key_frame_of(codec)));
    call.run_for(500ms);
    send(packet(key_frame_of(codec)));
    call.run_for(100ms);
    EXPECT_GE(received(), 1U);
  }

  test::ClientPeer& client() { return *peer_.client; }
  PlainPacket packet(Bytes payload) {
    return client().make_packet(call_.simulation.now(), 0, payload);
  }
  /// The same without header extensions.
  PlainPacket bare_packet(Bytes payload) {
    const PlainPacket full = packet(payload);
    PlainPacket bare{.bytes = {full.bytes.begin(), full.bytes.begin() + kFixedHeader},
                     .header_size = kFixedHeader};
    bare.bytes[0] = 0x80;
    bare.bytes.insert(bare.bytes.end(), payload.begin(), payload.end());
    return bare;
  }
  void send(const PlainPacket& packet) {
    EXPECT_TRUE(client().send_plain(packet));
    client().flush();
  }
  void send_good() { send(packet(good_payload_of(codec_))); }
  void send_rtcp(Bytes packet) {
    client().send_rtcp(packet);
    client().flush();
  }
  /// Her packets that have reached the others.
  std::uint64_t received() const {
    for (const auto& [ssrc, stream] : call_.subscriber.client->received()) {
      if (ssrc != call_.video_ssrc() && ssrc != call_.audio_ssrc()) return stream.packets;
    }
    return 0;
  }

 private:
  LiveCall& call_;
  std::string codec_;
  Simulation::Peer& peer_;
};

std::uint64_t refused(const Simulation& simulation) {
  const EngineCounters& counters = simulation.counters();
  return counters.rtp_rejected + counters.rtcp_rejected;
}

/// Sends each packet between two good ones: these arrive, and nothing else does.
void expect_dropped(LiveCall& call, Mallory& mallory, const std::vector<PlainPacket>& packets) {
  const std::uint64_t before = mallory.received();
  const std::uint64_t refused_before = refused(call.simulation);
  std::size_t next = 0;
  std::uint64_t good = 0;
  call.run_for((packets.size() + 2) * LiveCall::kTick, [&] {
    if (next < packets.size()) mallory.send(packets[next++]);
    mallory.send_good();
    ++good;
  });
  call.run_for(200ms);
  EXPECT_EQ(mallory.received() - before, good);
  EXPECT_EQ(refused(call.simulation) - refused_before, packets.size());
}

// ---- T20: RTP and RTCP whose lengths lie ----

std::vector<PlainPacket> padding_lies(Mallory& mallory) {
  std::vector<PlainPacket> packets;
  for (const std::uint8_t count : std::to_array<std::uint8_t>({0, 11, 12, 100, 255})) {
    Payload payload(10, 0x10);
    payload.back() = count;
    packets.push_back(mallory.packet(payload));
    packets.back().bytes[0] |= 0x20;
  }
  packets.push_back(mallory.packet({}));
  packets.back().bytes[0] |= 0x20;
  return packets;
}

/// Extension blocks, by their profile and content.
PlainPacket with_block(Mallory& mallory, std::uint16_t profile, const Payload& block) {
  PlainPacket packet = mallory.bare_packet(good_payload_of("VP8"));
  packet.bytes[0] |= 0x10;
  const auto words = static_cast<std::uint8_t>(block.size() / 4);
  Payload header{static_cast<std::uint8_t>(profile >> 8), static_cast<std::uint8_t>(profile), 0,
                 words};
  header.insert(header.end(), block.begin(), block.end());
  packet.bytes.insert(packet.bytes.begin() + kFixedHeader, header.begin(), header.end());
  packet.header_size += header.size();
  return packet;
}

std::vector<PlainPacket> extension_overruns(Mallory& mallory) {
  std::vector<PlainPacket> packets{
      with_block(mallory, 0xBEDE, {0x1F, 1, 2, 3}),
      with_block(mallory, 0xBEDE, {0x10, 1, 0, 0x43}),
      with_block(mallory, 0x1000, {1, 255, 1, 2}),
      with_block(mallory, 0x1000, {1, 0, 0, 7}),
  };
  // The block itself is said to be longer than the packet, or there is none though X is set.
  PlainPacket endless = with_block(mallory, 0xBEDE, {0, 0, 0, 0});
  endless.bytes[kFixedHeader + 2] = 0xFF;
  packets.push_back(endless);
  PlainPacket none = mallory.bare_packet({});
  none.bytes[0] |= 0x10;
  packets.push_back(none);
  PlainPacket many_sources = mallory.bare_packet(Payload(20, 1));
  many_sources.bytes[0] |= 0x0F;
  packets.push_back(many_sources);
  return packets;
}

TEST(Attack, t20_rtp_with_more_padding_than_payload_is_dropped) {
  LiveCall call(kSeed);
  Mallory mallory(call, "VP8");
  expect_dropped(call, mallory, padding_lies(mallory));
  call.expect_undisturbed();
}

TEST(Attack, t20_rtp_with_an_extension_that_overruns_is_dropped) {
  LiveCall call(kSeed);
  Mallory mallory(call, "VP8");
  expect_dropped(call, mallory, extension_overruns(mallory));
  call.expect_undisturbed();
}

TEST(Attack, t20_rtp_that_would_outgrow_a_datagram_on_its_way_is_dropped) {
  for (const bool gcm : {true, false}) {
    LiveCall call(kSeed, {.gcm = gcm});
    Mallory mallory(call, "VP8");
    const std::uint64_t before = mallory.received();
    // The subscriber's header has more extensions than this one, which has none.
    constexpr std::size_t kTag = 16;
    std::uint64_t fits = 0;
    for (std::size_t datagram = 1300; datagram <= 1500; ++datagram) {
      Payload payload = good_payload_of("VP8");
      payload.resize(datagram - kFixedHeader - kTag);
      mallory.send(mallory.bare_packet(payload));
      fits += datagram <= 1450 ? 1 : 0;
    }
    call.run_for(1s);
    EXPECT_GE(mallory.received() - before, fits);
    EXPECT_LT(mallory.received() - before, 201U);
    call.expect_undisturbed();
  }
}

/// And what the subscriber asks for again has two bytes more.
TEST(Attack, t20_a_retransmission_that_would_outgrow_a_datagram_is_dropped) {
  LiveCall call(kSeed);
  Mallory mallory(call, "VP8");
  std::optional<std::uint32_t> ssrc;
  for (const auto& [source, stream] : call.subscriber.client->received()) {
    if (source != call.video_ssrc() && source != call.audio_ssrc()) ssrc = source;
  }
  ASSERT_TRUE(ssrc.has_value());
  std::vector<std::uint16_t> sent;
  call.simulation.tap = [&](const Simulation::Captured& datagram) {
    if (datagram.to_server || !test::is_rtp(datagram.bytes)) return;
    ByteReader reader{datagram.bytes};
    reader.skip(2);
    const std::uint16_t sequence = reader.u16();
    reader.skip(4);
    if (reader.u32() == *ssrc) sent.push_back(sequence);
  };
  for (std::size_t payload_size = 1400; payload_size <= 1472; ++payload_size) {
    Payload payload = good_payload_of("VP8");
    payload.resize(payload_size);
    mallory.send(mallory.bare_packet(payload));
  }
  call.run_for(500ms);
  ASSERT_GT(sent.size(), 20U);
  std::array<std::uint8_t, 1200> buffer{};
  ByteWriter writer{buffer};
  ASSERT_TRUE(rtcp::Nack::write(writer, {.sender = 1, .media = *ssrc}, sent));
  call.subscriber.client->send_rtcp(writer.written());
  call.run_for(500ms);
  call.expect_undisturbed();
}

/// Each to be followed by a key frame request that must not be acted upon.
std::vector<Payload> malformed_rtcp() {
  return {
      // Longer than the datagram; an SR that is too short; one that announces 31 blocks.
      {0x80, 200, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0},
      {0x80, 200, 0, 1, 0, 0, 0, 1},
      {0x9F, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
      {0x9F, 201, 0, 1, 0, 0, 0, 1},
      // SDES whose chunk or item has no end; BYE of 31 sources; BYE whose reason overruns.
      {0x9F, 202, 0, 1, 0, 0, 0, 1},
      {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 255, 'x', 'y'},
      {0x9F, 203, 0, 1, 0, 0, 0, 1},
      {0x81, 203, 0, 2, 0, 0, 0, 1, 200, 'a', 'b', 'c'},
      // Feedback without its two sources, a NACK of nothing, a PLI of half a header.
      {0x81, 205, 0, 1, 0, 0, 0, 1},
      {0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2},
      {0x81, 206, 0, 1, 0, 0, 0, 1},
      {0x84, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0},
      // Transport feedback that announces 65 535 packets and has none.
      {0x8F, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0},
      // Padding longer than the packet, padding of no bytes.
      {0xA0, 201, 0, 1, 0, 0, 0, 255},
      {0xA0, 201, 0, 1, 0, 0, 0, 0},
      // A good one, and four bytes that are no packet.
      {0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 206, 0, 2},
  };
}

TEST(Attack, t20_malformed_rtcp_is_dropped_as_a_whole) {
  LiveCall call(kSeed);
  Mallory mallory(call, "VP8");
  const std::uint64_t key_frames = call.publisher.client->key_frame_requests();
  const std::uint64_t before = refused(call.simulation);
  std::vector<Payload> packets = malformed_rtcp();
  const std::size_t count = packets.size();
  call.run_for(3s, [&] {
    if (packets.empty()) return;
    Payload packet = std::move(packets.back());
    packets.pop_back();
    std::array<std::uint8_t, 12> request{};
    ByteWriter writer{request};
    rtcp::PictureLossIndication::write(writer, {.sender = 1, .media = call.video_ssrc()});
    packet.insert(packet.end(), request.begin(), request.end());
    // From her own transport, and from that of the one who could ask.
    mallory.send_rtcp(packet);
    call.subscriber.client->send_rtcp(packet);
  });
  EXPECT_EQ(refused(call.simulation) - before, 2 * count);
  EXPECT_EQ(call.publisher.client->key_frame_requests(), key_frames);
  call.expect_undisturbed();
}

TEST(Attack, t20_rtp_and_rtcp_of_a_few_bytes_are_dropped) {
  LiveCall call(kSeed);
  const auto& counters = call.simulation.counters();
  const auto dropped = [&] { return refused(call.simulation) + counters.unknown_dropped; };
  const std::uint64_t before = dropped();
  std::uint64_t sent = 0;
  for (const std::uint8_t second : std::to_array<std::uint8_t>({96, 111, 200, 201, 205, 206})) {
    for (std::size_t size = 0; size < 32; ++size) {
      Payload datagram(size, 1);
      if (size > 0) datagram[0] = 0x80;
      if (size > 1) datagram[1] = second;
      for (const Simulation::Peer* const peer : {&call.publisher, &call.subscriber}) {
        call.simulation.inject(peer->address, datagram);
        ++sent;
      }
    }
  }
  call.run_for(1s);
  EXPECT_EQ(dropped() - before, sent);
  call.expect_undisturbed();
}

// ---- T21: payload descriptors ----

struct Malformed {
  const char* codec;
  std::vector<Payload> payloads;
};

std::vector<Malformed> malformed_payloads() {
  return {
      {"VP8",
       {{0x80},
        {0x10},
        {0x80, 0x80},
        {0x80, 0x80, 0x80},
        {0x80, 0xF0, 0x80, 0x01},
        {0x90, 0xC0, 0x80, 0x01, 0x02},
        {0x90, 0xF0, 0x80, 0x01, 0x02, 0x03}}},
      {"VP9",
       {{0x80},
        {0x80, 0x80},
        {0x8C, 0x01},
        {0x20},
        {0x20, 0x00},
        // Four references, of which three are allowed; references without an end.
        {0x50, 0x01, 0x01, 0x01, 0x01, 0x49, 1},
        {0x50, 0x01},
        // Eight layers with sizes that are not there; a group of 255 pictures that is not there.
        {0x02, 0xF8, 0, 1},
        {0x02, 0x08, 0xFF, 0x0C, 1}}},
      {"H264",
       {{0x00, 1, 2},
        // Aggregates: without a unit, of size 0, of a size beyond the end, of half a size.
        {0x78},
        {0x78, 0, 0},
        {0x78, 0, 9, 0x67, 1},
        {0x78, 0xFF, 0xFF, 0x67},
        {0x78, 0, 1, 0x67, 0},
        // Fragments: without header, without content, the first and last in one.
        {0x7C},
        {0x7C, 0x85},
        {0x7C, 0xC5, 1},
        // STAP-B, MTAP16, MTAP24, FU-B and the two types that are no types.
        {0x79, 0, 0, 0, 1, 0x67},
        {0x7A, 0, 0, 0, 1, 0x67},
        {0x7B, 0, 0, 0, 1, 0x67},
        {0x7D, 0x85, 0, 0, 1},
        {0x7E, 1},
        {0x7F, 1}}},
      {"AV1", {{0x10}, {0x88, 0x0A}, {0xFF, 1}}},
  };
}

TEST(Attack, t21_malformed_payload_descriptors_are_dropped) {
  for (const Malformed& malformed : malformed_payloads()) {
    SCOPED_TRACE(malformed.codec);
    LiveCall call(kSeed);
    Mallory mallory(call, malformed.codec);
    std::vector<PlainPacket> packets;
    for (const Payload& payload : malformed.payloads) {
      packets.push_back(mallory.packet(payload));
      packets.push_back(mallory.bare_packet(payload));
    }
    expect_dropped(call, mallory, packets);
    call.expect_undisturbed();
  }
}

/// AV1's layers are described in a header extension, with a bit stream of its own.
TEST(Attack, t21_malformed_dependency_descriptors_are_dropped) {
  LiveCall call(kSeed);
  Mallory mallory(call, "AV1");
  constexpr std::uint8_t kId = 12;
  std::vector<PlainPacket> packets;
  const std::vector<Payload> descriptors{
      // Too short for the fixed part; structures that end within their fields.
      {0x00},
      {0x80, 0x00},
      {0x80, 0x00, 0x01, 0x80},
      {0x80, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFF},
      // A structure that does not come with the start of a frame; targets of no structure.
      {0x00, 0x00, 0x01, 0x80, 0x00, 0x30, 0x00, 0x00, 0x00},
      {0x80, 0x00, 0x01, 0x40, 0x00, 0x00, 0x00},
  };
  for (const Payload& descriptor : descriptors) {
    Payload block{static_cast<std::uint8_t>(kId << 4 | (descriptor.size() - 1))};
    block.insert(block.end(), descriptor.begin(), descriptor.end());
    block.resize((block.size() + 3) / 4 * 4);
    PlainPacket packet = with_block(mallory, 0xBEDE, block);
    const Payload payload = good_payload_of("AV1");
    packet.bytes.resize(packet.header_size);
    packet.bytes.insert(packet.bytes.end(), payload.begin(), payload.end());
    packets.push_back(std::move(packet));
  }
  expect_dropped(call, mallory, packets);
  call.expect_undisturbed();
}

/// Whatever the bytes are: the server lives, and so does the call.
TEST(Attack, t21_random_packets_of_a_participant_harm_nobody) {
  for (const std::string codec : {"VP8", "VP9", "H264", "AV1"}) {
    SCOPED_TRACE(codec);
    LiveCall call(kSeed);
    Mallory mallory(call, codec);
    SeededRandom random(99);
    call.run_for(10s, [&] {
      for (int i = 0; i < 8; ++i) {
        Payload payload(random.below(60));
        random.fill(payload);
        PlainPacket packet = mallory.packet(payload);
        // A byte of the header as well, but for the version and what tells the stream.
        constexpr auto kPlaces = std::to_array<std::size_t>({0, 1, 12, 14, 15, 16, 17, 18});
        if (random.below(2) == 0) {
          const std::size_t at = kPlaces[random.below(kPlaces.size())];
          const auto value = static_cast<std::uint8_t>(random.u32());
          packet.bytes[at] = at == 0 ? static_cast<std::uint8_t>(0x80 | (value & 0x3F)) : value;
        }
        mallory.send(packet);
        Payload control(8 + random.below(60));
        random.fill(control);
        control[0] = static_cast<std::uint8_t>(0x80 | (control[0] & 0x1F));
        control[1] = static_cast<std::uint8_t>(200 + random.below(8));
        mallory.send_rtcp(control);
      }
    });
    call.expect_undisturbed();
  }
}

}  // namespace
}  // namespace vis::media::sfu
