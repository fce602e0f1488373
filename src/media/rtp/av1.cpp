#include "media/rtp/av1.hpp"

namespace vis::media::rtp {

std::optional<Av1AggregationHeader> Av1AggregationHeader::parse(Bytes payload) {
  if (payload.size() < 2) return std::nullopt;
  const std::uint8_t first = payload[0];
  const Av1AggregationHeader header{
      .continues_obu = (first & 0x80) != 0,
      .obu_continues = (first & 0x40) != 0,
      .obu_count = static_cast<std::uint8_t>((first >> 4) & 0x03),
      .starts_sequence = (first & 0x08) != 0,
  };
  if (header.continues_obu && header.starts_sequence) return std::nullopt;
  return header;
}

}  // namespace vis::media::rtp
