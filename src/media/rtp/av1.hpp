#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace vis::media::rtp {

/// The AV1 aggregation header (RTP payload format for AV1, section 4.4): |Z|Y| W |N|-|-|-|.
/// Layers and frame boundaries travel in the DependencyDescriptor extension.
struct Av1AggregationHeader {
  bool continues_obu = false;    ///< Z: the first element continues one of the packet before.
  bool obu_continues = false;    ///< Y: the last element goes on in the next packet.
  std::uint8_t obu_count = 0;    ///< W: 0 means that every element has a length of its own.
  bool starts_sequence = false;  ///< N: the first packet of a coded video sequence (key frame).

  /// Nothing when the payload has no byte behind the header, or Z and N contradict each other.
  static std::optional<Av1AggregationHeader> parse(Bytes payload);
};

}  // namespace vis::media::rtp
