// What a publisher says of its layers, packet by packet, and what is made of it for one subscriber:
// PayloadInspector, LayerFilter, Renumbering, RedUnpacker, RedPacker, in their real order.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "media/rtp/red.hpp"
#include "media/sfu/layer_filter.hpp"
#include "media/sfu/packet_store.hpp"
#include "media/sfu/payload_inspector.hpp"
#include "media/sfu/red_packer.hpp"
#include "media/sfu/red_unpacker.hpp"
#include "media/sfu/renumbering.hpp"
#include "media/sfu/sound_form.hpp"

namespace {

using namespace vis;
using namespace vis::media;
using namespace vis::media::sfu;

void require(bool expectation) {
  if (!expectation) std::abort();
}

/// A packet as the input has it: |descriptor bytes|payload bytes|sequence step|, then both.
struct Packet {
  Bytes descriptor;
  Bytes payload;
  int step = 1;
};
std::optional<Packet> next_packet(ByteReader& reader) {
  const std::size_t descriptor = reader.u8();
  const std::size_t payload = reader.u8();
  const auto step = static_cast<std::int8_t>(reader.u8());
  Packet packet{
      .descriptor = reader.take(descriptor), .payload = reader.take(payload), .step = step};
  if (!reader.ok()) return std::nullopt;
  return packet;
}

class Subscriber {
 public:
  void take(std::int64_t sequence, const PayloadInfo& info) {
    if (!started_) {
      if (!info.starts_key_frame) return;
      started_ = true;
      filter_.begin(info.layers);
      sequences_.start(sequence, 0);
    }
    const bool admitted = filter_.admits(info.layers);
    const std::int64_t before = sequences_.next_out();
    const auto out = admitted ? sequences_.map(sequence) : sequences_.leave_out(sequence);
    if (out) require(*out >= 0 && *out < sequences_.next_out());
    require(sequences_.next_out() >= before);
    require(filter_.spatial() < limits::kSpatialLayers);
    if (admitted && out && *out == sequences_.next_out() - 1) {
      require(sequences_.origin(*out) == sequence || sequence < last_);
    }
    last_ = std::max(last_, sequence);
  }
  void want(std::uint8_t bits) {
    filter_.want({.spatial = static_cast<std::uint8_t>(bits & 3),
                  .temporal = static_cast<std::uint8_t>(bits >> 2 & 7)});
  }

 private:
  bool started_ = false;
  LayerFilter filter_;
  Renumbering sequences_;
  std::int64_t last_ = -1;
};

void read_as(CodecKind codec, bool encrypted, Bytes input) {
  PayloadInspector inspector(codec, encrypted);
  Subscriber subscriber;
  ByteReader reader{input};
  std::int64_t sequence = 1000;
  while (const auto packet = next_packet(reader)) {
    sequence = std::max<std::int64_t>(0, sequence + packet->step);
    const PayloadInspector::Packet read{.payload = packet->payload,
                                        .dependency_descriptor = packet->descriptor};
    const auto info = inspector.inspect(read);
    if (!info) continue;
    require(info->numbers.head_size() <= packet->payload.size());
    require(info->layers.spatial < limits::kSpatialLayers);
    require(info->layers.temporal < limits::kTemporalLayers);
    inspector.recall(read);
    subscriber.want(static_cast<std::uint8_t>(packet->step));
    subscriber.take(sequence, *info);
  }
}

/// The payloads as RED of one stream, for those who lack RED and for those who want more of it.
void rewrite_red(Bytes input) {
  SlabPool slabs(SlabPool::kSlabsPerChunk);
  RedUnpacker unpacker(slabs);
  PacketStore store(16);
  const RedPacker packer(slabs, store, CodecKind::Red);
  ByteReader reader{input};
  std::vector<ForwardPacket> out;
  std::int64_t sequence = 1000;
  while (const auto packet = next_packet(reader)) {
    sequence = std::max<std::int64_t>(0, sequence + packet->step);
    constexpr std::size_t kHeader = 12;
    SlabRef slab = slabs.take(kHeader + packet->payload.size());
    std::ranges::fill(slab->room.first(kHeader), std::uint8_t{0});
    slab->room[0] = 0x80;
    std::ranges::copy(packet->payload, slab->room.begin() + kHeader);
    slab->size = static_cast<std::uint32_t>(kHeader + packet->payload.size());
    const auto view = rtp::PacketView::parse(slab.packet());
    require(view.has_value());
    const ForwardPacket forwarded{.slab = slab, .view = *view, .sequence = sequence, .info = {}};
    out.clear();
    unpacker.on_packet(forwarded, out);
    for (const ForwardPacket& plain : out) {
      require(!plain.view.payload().empty() && plain.sequence <= sequence);
    }
    store.insert({}, sequence, slab);
    const auto made = packer.pack(forwarded, static_cast<std::size_t>(packet->step & 3));
    require(made.has_value() == rtp::RedPayload::parse(view->payload()).has_value());
    if (!made) continue;
    const auto red = rtp::RedPayload::parse(made->view.payload());
    require(red && red->blocks().size() <= kMaxRepeats + 1);
    require(red->primary().data.size() > 0 && made->sequence == sequence);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input{data, size};
  for (const CodecKind codec :
       {CodecKind::Vp8, CodecKind::Vp9, CodecKind::H264, CodecKind::Av1, CodecKind::H265}) {
    read_as(codec, false, input);
    read_as(codec, true, input);
  }
  rewrite_red(input);
  return 0;
}
