#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "media/rtp/dependency_descriptor.hpp"
#include "media/rtp/vp8.hpp"

namespace vis::media::sfu {

/// The codecs whose payloads the engine knows something about.
enum class CodecKind : std::uint8_t { Opus, Red, Vp8, Vp9, H264, Av1, H265, Other };

/// From a mime type in lower case, such as `video/vp8`.
CodecKind codec_kind(std::string_view mime_type);

/// What forwarding needs to know of one payload.
struct PayloadInfo {
  bool starts_key_frame = false;  ///< A decoder can begin with this packet.
  std::optional<rtp::Vp8Descriptor> vp8;
};

/// Reads the payload's codec descriptor. `dependency_descriptor` is the header extension's element,
/// empty when the packet has none; `structure` is the source's latest and is updated. Nothing for a
/// malformed descriptor: such a packet is dropped, for it may crash a receiver.
std::optional<PayloadInfo> inspect(CodecKind codec, Bytes payload, Bytes dependency_descriptor,
                                   rtp::DependencyStructure& structure);

}  // namespace vis::media::sfu
