// What the header of an outgoing packet costs: preparing what all subscribers share, once per
// packet, and writing one header, once per packet and subscriber.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/rtp/packet.hpp"

namespace vis::media::rtp {
namespace {

ExtensionMap video_extensions() {
  ExtensionMap map;
  map.add(HeaderExtension::AbsSendTime, 2);
  map.add(HeaderExtension::TransportWideCc, 3);
  map.add(HeaderExtension::Mid, 4);
  map.add(HeaderExtension::PlayoutDelay, 5);
  map.add(HeaderExtension::VideoOrientation, 13);
  map.add(HeaderExtension::DependencyDescriptor, 12);
  return map;
}

/// A packet as a browser sends it: sending time, transport sequence, MID, orientation and
/// dependency descriptor.
ByteVector video_packet() {
  ByteVector packet{0x90, 0x60, 0x12, 0x34, 0,    0,    0,    1, 0, 0,    0,
                    2,    0xBE, 0xDE, 0,    4,    0x22, 1,    2, 3, 0x31, 0,
                    7,    0x40, '1',  0xD0, 0x01, 0xC2, 0x85, 0, 9, 0};
  packet.resize(1200, 0x55);
  return packet;
}

void parse(benchmark::State& state) {
  const ByteVector bytes = video_packet();
  const ExtensionMap map = video_extensions();
  for (auto _ : state) {
    const auto packet = PacketView::parse(bytes);
    auto values = ExtensionValues::read(packet->elements(), map);
    benchmark::DoNotOptimize(values);
  }
}
BENCHMARK(parse);

void prepare(benchmark::State& state) {
  const ByteVector bytes = video_packet();
  const auto packet = PacketView::parse(bytes);
  const ExtensionMap map = video_extensions();
  for (auto _ : state) {
    HeaderTemplate shared(packet->header(), map, map);
    benchmark::DoNotOptimize(shared);
  }
}
BENCHMARK(prepare);

/// Writes the headers of one packet for 256 subscribers; the time is that of one.
void write(benchmark::State& state, std::string_view mid) {
  constexpr std::size_t kSubscribers = 256;
  constexpr std::size_t kSlotBytes = 1280;
  const ByteVector bytes = video_packet();
  const auto packet = PacketView::parse(bytes);
  const ExtensionMap map = video_extensions();
  const HeaderTemplate shared(packet->header(), map, map);
  std::vector<OutgoingHeader> headers(kSubscribers);
  std::vector<std::uint8_t> slots(kSubscribers * kSlotBytes);
  while (state.KeepRunningBatch(kSubscribers)) {
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      OutgoingHeader& own = headers[i];
      own.mid = mid;
      ++own.sequence;
      ++own.transport_sequence;
      const MutableBytes slot = MutableBytes{slots}.subspan(i * kSlotBytes, kSlotBytes);
      benchmark::DoNotOptimize(write_header(shared, own, slot));
    }
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(write, without_mid, "");
BENCHMARK_CAPTURE(write, with_mid, "1");

}  // namespace
}  // namespace vis::media::rtp
