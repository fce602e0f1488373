#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/limits/media_rtp.hpp"
#include "media/rtp/av1.hpp"
#include "media/rtp/dependency_descriptor.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/h264.hpp"
#include "media/rtp/h265.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/rtp/opus.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/picture_numbers.hpp"
#include "media/rtp/red.hpp"
#include "media/rtp/rtx.hpp"
#include "media/rtp/vp8.hpp"
#include "media/rtp/vp9.hpp"

namespace {

using namespace vis;
using namespace vis::media::rtp;

void require(bool expectation) {
  if (!expectation) std::abort();
}

/// Every extension has an id, shifted so that the other side's ids differ.
ExtensionMap map_with_offset(std::uint8_t offset) {
  ExtensionMap map;
  for (const HeaderExtension kind : kHeaderExtensions) {
    map.add(kind, static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) + 1 + offset));
  }
  return map;
}

void rewrite(Bytes descriptor, const PictureNumbers& numbers) {
  require(numbers.head_size() <= PictureNumbers::kMaxHeadBytes);
  require(numbers.head_size() <= descriptor.size());
  std::array<std::uint8_t, PictureNumbers::kMaxHeadBytes> copy{};
  const MutableBytes head = MutableBytes{copy}.first(numbers.head_size());
  std::ranges::copy(descriptor.first(head.size()), head.begin());
  numbers.rewrite(head, 0x1234, 5);
}

void read_payload(Bytes payload) {
  if (const auto vp8 = Vp8Descriptor::parse(payload)) {
    require(vp8->size < payload.size() && vp8->size <= Vp8Descriptor::kMaxBytes);
    rewrite(payload.first(vp8->size), vp8->numbers);
  }
  if (const auto vp9 = Vp9Descriptor::parse(payload)) {
    require(vp9->size < payload.size());
    rewrite(payload.first(vp9->size), vp9->numbers);
  }
  H265Payload::parse(payload);
  H264Payload::parse(payload);
  Av1AggregationHeader::parse(payload);
  OpusPayload::duration(payload);
  if (const auto red = RedPayload::parse(payload)) require(!red->primary().data.empty());
  if (const auto rtx = RtxPayload::parse(payload)) require(!rtx->payload.empty());
  DependencyStructure structure;
  DependencyDescriptor::parse(payload, structure);
}

/// What was read must come out again under the other ids.
void forward(const PacketView& packet, const ExtensionMap& from, const ExtensionMap& to) {
  const auto before = ExtensionValues::read(packet.elements(), from);
  std::array<std::uint8_t, limits::kOutgoingHeaderBytes> slot{};
  const HeaderTemplate shared(packet.header(), from, to);
  const std::size_t size =
      write_header(shared, {.payload_type = 1, .transport_sequence = 9, .mid = "0"}, slot);
  const auto out = PacketView::parse(Bytes{slot}.first(size));
  require(out.has_value() && out->header().size == size);
  const auto after = ExtensionValues::read(out->elements(), to);
  require(after.mid == "0" && after.transport_sequence == 9);
  if (before.audio_level && after.audio_level) {
    require(before.audio_level == after.audio_level);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  const auto packet = PacketView::parse(bytes);
  if (!packet) {
    read_payload(bytes);
    return 0;
  }
  require(packet->header().size + packet->payload().size() + packet->padding_bytes() == size);
  const ExtensionMap from = map_with_offset(0);
  const auto values = ExtensionValues::read(packet->elements(), from);
  DependencyStructure structure;
  if (DependencyDescriptor::parse(values.dependency_descriptor, structure)) {
    require(structure.template_count <= limits::kDependencyTemplates);
  }
  forward(*packet, from, map_with_offset(0));
  forward(*packet, from, map_with_offset(3));
  forward(*packet, from, map_with_offset(20));
  read_payload(packet->payload());
  return 0;
}
