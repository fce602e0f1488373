#include "media/sfu/payload_inspector.hpp"

#include <utility>

#include "media/rtp/av1.hpp"
#include "media/rtp/h264.hpp"
#include "media/rtp/vp9.hpp"

namespace vis::media::sfu {
namespace {

std::optional<PayloadInfo> inspect_payload(CodecKind codec, Bytes payload) {
  switch (codec) {
    case CodecKind::Vp8:
      return rtp::Vp8Descriptor::parse(payload).transform([](const rtp::Vp8Descriptor& vp8) {
        return PayloadInfo{.starts_key_frame = vp8.key_frame, .vp8 = vp8};
      });
    case CodecKind::Vp9:
      return rtp::Vp9Descriptor::parse(payload).transform([](const rtp::Vp9Descriptor& vp9) {
        return PayloadInfo{.starts_key_frame = vp9.starts_key_frame(), .vp8 = {}};
      });
    case CodecKind::H264:
      return rtp::H264Payload::parse(payload).transform([](const rtp::H264Payload& h264) {
        return PayloadInfo{.starts_key_frame = h264.starts_key_frame(), .vp8 = {}};
      });
    case CodecKind::Av1:
      return rtp::Av1AggregationHeader::parse(payload).transform(
          [](const rtp::Av1AggregationHeader& av1) {
            return PayloadInfo{.starts_key_frame = av1.starts_sequence, .vp8 = {}};
          });
    // Nothing inside is needed, and any packet is as good a start as another.
    case CodecKind::Opus:
    case CodecKind::Red:
    case CodecKind::H265:
    case CodecKind::Other: return PayloadInfo{.starts_key_frame = true, .vp8 = {}};
  }
  std::unreachable();
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

std::optional<PayloadInfo> inspect(CodecKind codec, Bytes payload, Bytes dependency_descriptor,
                                   rtp::DependencyStructure& structure) {
  std::optional<PayloadInfo> info = inspect_payload(codec, payload);
  if (!info || dependency_descriptor.empty()) return info;
  const auto descriptor = rtp::DependencyDescriptor::parse(dependency_descriptor, structure);
  if (!descriptor) return std::nullopt;
  info->starts_key_frame = info->starts_key_frame || descriptor->starts_key_frame();
  return info;
}

}  // namespace vis::media::sfu
