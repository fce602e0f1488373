#include "media/sfu/payload_inspector.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/limits/media_rtp.hpp"
#include "media/rtp/av1.hpp"
#include "media/rtp/h264.hpp"
#include "media/rtp/h265.hpp"
#include "media/rtp/red.hpp"

namespace vis::media::sfu {
namespace {

using rtp::LayerSet;

PayloadInfo key_frame_or_not(bool starts_key_frame) {
  PayloadInfo info;
  info.starts_key_frame = starts_key_frame;
  return info;
}

/// A picture id at the top of 16 bits, where it wraps as they do.
struct AlignedPictureId {
  std::uint16_t value = 0;
  unsigned shift = 0;
};
std::optional<AlignedPictureId> aligned(const rtp::PictureNumbers& numbers) {
  if (!numbers.picture_id) return std::nullopt;
  const unsigned shift = numbers.wide_picture_id ? 1 : 9;
  return AlignedPictureId{.value = static_cast<std::uint16_t>(*numbers.picture_id << shift),
                          .shift = shift};
}

/// All layers up to the given ones, as those that a stream offers.
LayerSet layers_below(std::size_t spatial_layers, std::size_t temporal_layers) {
  LayerSet layers = 0;
  for (std::size_t spatial = 0; spatial < spatial_layers; ++spatial) {
    layers |= rtp::spatial_layer(spatial) & ~rtp::temporal_layers_from(spatial, temporal_layers);
  }
  return layers;
}

std::uint8_t spatial_layers_in(LayerSet layers) {
  const auto highest = static_cast<std::size_t>(std::bit_width(layers));
  return static_cast<std::uint8_t>((highest + limits::kTemporalLayers - 1) /
                                   limits::kTemporalLayers);
}

}  // namespace

CodecKind codec_kind(std::string_view mime_type) {
  if (mime_type == "audio/opus") return CodecKind::Opus;
  if (mime_type == "audio/red") return CodecKind::Red;
  if (mime_type == "video/vp8") return CodecKind::Vp8;
  if (mime_type == "video/vp9") return CodecKind::Vp9;
  if (mime_type == "video/h264") return CodecKind::H264;
  if (mime_type == "video/av1") return CodecKind::Av1;
  if (mime_type == "video/h265") return CodecKind::H265;
  return CodecKind::Other;
}

PayloadInfo PayloadInspector::read_vp8(const rtp::Vp8Descriptor& vp8) const {
  PayloadInfo info = key_frame_or_not(vp8.key_frame);
  info.numbers = vp8.numbers;
  if (const auto id = aligned(vp8.numbers)) info.picture = pictures_.peek(id->value) >> id->shift;
  if (!vp8.temporal_id) return info;
  LayerMarks& layers = info.layers;
  layers.temporal = *vp8.temporal_id;
  layers.present = rtp::temporal_layers_from(0, layers.temporal);
  layers.offered =
      layers_below(1, std::max<std::size_t>(temporal_layers_, layers.temporal + std::size_t{1}));
  layers.starts_frame = vp8.starts_frame();
  layers.syncs = vp8.layer_sync;
  if (vp8.layer_sync) layers.switches = rtp::layer_bit(0, layers.temporal);
  return info;
}

PayloadInfo PayloadInspector::read_vp9(const rtp::Vp9Descriptor& vp9) const {
  PayloadInfo info = key_frame_or_not(vp9.starts_key_frame());
  info.numbers = vp9.numbers;
  if (!vp9.has_layers) return info;
  LayerMarks& layers = info.layers;
  layers.starts_frame = vp9.start_of_frame;
  layers.ends_frame = vp9.end_of_frame;
  layers.temporal = vp9.temporal_id;
  const std::size_t spatial = vp9.spatial_id;
  const std::size_t announced = info.starts_key_frame ? vp9.spatial_layers : spatial_layers_;
  layers.offered =
      layers_below(std::min(std::max(announced, spatial + 1), limits::kSpatialLayers),
                   std::max<std::size_t>(temporal_layers_, layers.temporal + std::size_t{1}));
  // Layers above those that a subscriber can ask for are in none of the sets.
  layers.present = 0;
  layers.spatial = static_cast<std::uint8_t>(std::min(spatial, limits::kSpatialLayers - 1));
  for (std::size_t target = spatial; target < limits::kSpatialLayers; ++target) {
    layers.present |= rtp::temporal_layers_from(target, layers.temporal);
    // Nothing above refers to this frame: only its own spatial layer needs it.
    if (vp9.not_reference) break;
  }
  if (vp9.switching_up) {
    layers.switches = layers.present & rtp::spatial_layer(layers.spatial);
  }
  return info;
}

std::optional<PayloadInfo> PayloadInspector::read_payload(Bytes payload) const {
  switch (codec_) {
    case CodecKind::Vp8:
      return rtp::Vp8Descriptor::parse(payload).transform(
          [this](const rtp::Vp8Descriptor& vp8) { return read_vp8(vp8); });
    case CodecKind::Vp9:
      return rtp::Vp9Descriptor::parse(payload).transform(
          [this](const rtp::Vp9Descriptor& vp9) { return read_vp9(vp9); });
    case CodecKind::H264:
      return rtp::H264Payload::parse(payload).transform(
          [](const rtp::H264Payload& h264) { return key_frame_or_not(h264.starts_key_frame()); });
    case CodecKind::Av1:
      return rtp::Av1AggregationHeader::parse(payload).transform(
          [](const rtp::Av1AggregationHeader& av1) {
            return key_frame_or_not(av1.starts_sequence);
          });
    case CodecKind::H265:
      return rtp::H265Payload::parse(payload).transform(
          [](const rtp::H265Payload& h265) { return key_frame_or_not(h265.starts_key_frame()); });
    case CodecKind::Red:
      return rtp::RedPayload::parse(payload).transform(
          [](const rtp::RedPayload&) { return key_frame_or_not(true); });
    // Nothing inside is needed, and any packet is as good a start as another.
    case CodecKind::Opus:
    case CodecKind::Other: return key_frame_or_not(true);
  }
  std::unreachable();
}

bool PayloadInspector::read_descriptor(Bytes element, rtp::DependencyStructure& structure,
                                       PayloadInfo& info) const {
  const auto descriptor = rtp::DependencyDescriptor::parse(element, structure);
  if (!descriptor) return false;
  const bool key_frame = descriptor->starts_key_frame();
  info.starts_key_frame = encrypted_ ? key_frame : info.starts_key_frame || key_frame;
  info.frame_number = descriptor->frame_number;
  info.layers = {};
  if (structure.active != 0) info.layers.offered = structure.active;
  if (!descriptor->has_layers) return true;
  info.layers.present = descriptor->indications.present;
  if (descriptor->start_of_frame) info.layers.switches = descriptor->indications.switches;
  info.layers.spatial = descriptor->spatial_id;
  info.layers.temporal = descriptor->temporal_id;
  info.layers.starts_frame = descriptor->start_of_frame;
  info.layers.ends_frame = descriptor->end_of_frame;
  return true;
}

std::optional<PayloadInfo> PayloadInspector::inspect(const Packet& packet) {
  std::optional<PayloadInfo> info = read_payload(packet.payload);
  if (!info && !encrypted_) return std::nullopt;
  if (!info) info = PayloadInfo{};
  if (const auto id = aligned(info->numbers)) pictures_.unwrap(id->value);
  const std::uint8_t offered = spatial_layers_in(info->layers.offered);
  spatial_layers_ = info->starts_key_frame ? offered : std::max(spatial_layers_, offered);
  temporal_layers_ = std::max<std::uint8_t>(temporal_layers_, info->layers.temporal + 1U);
  const bool readable = packet.dependency_descriptor.empty() ||
                        read_descriptor(packet.dependency_descriptor, structure_, *info);
  if (!readable) return std::nullopt;
  if (info->starts_key_frame) info->layers.switches = rtp::kAllLayers;
  return info;
}

std::optional<PayloadInfo> PayloadInspector::recall(const Packet& packet) const {
  std::optional<PayloadInfo> info = read_payload(packet.payload);
  if (!info && !encrypted_) return std::nullopt;
  if (!info) info = PayloadInfo{};
  if (packet.dependency_descriptor.empty()) return info;
  rtp::DependencyStructure structure = structure_;
  if (!read_descriptor(packet.dependency_descriptor, structure, *info)) return std::nullopt;
  return info;
}

}  // namespace vis::media::sfu
