#include "media/rtp/h265.hpp"

namespace vis::media::rtp {
namespace {

// NAL unit types, ITU-T H.265 table 7-1 and RFC 7798 section 4.4.
constexpr std::uint8_t kFirstRandomAccess = 16;
constexpr std::uint8_t kLastRandomAccess = 23;
constexpr std::uint8_t kVideoParameterSet = 32;
constexpr std::uint8_t kSequenceParameterSet = 33;
constexpr std::uint8_t kAggregation = 48;
constexpr std::uint8_t kFragmentation = 49;
constexpr std::size_t kHeaderBytes = 2;

std::uint8_t nal_type(std::uint8_t first) { return (first >> 1) & 0x3F; }

void note(H265Payload& h265, std::uint8_t type) {
  if (type >= kFirstRandomAccess && type <= kLastRandomAccess) h265.starts_random_access = true;
  if (type == kVideoParameterSet || type == kSequenceParameterSet) h265.has_parameter_sets = true;
}

/// RFC 7798 section 4.4.2: NAL units each led by their 16-bit size, at least two of them.
bool read_aggregation(ByteReader reader, H265Payload& h265) {
  std::size_t units = 0;
  for (; !reader.at_end(); ++units) {
    const Bytes unit = reader.take(reader.u16());
    if (!reader.ok() || unit.size() < kHeaderBytes) return false;
    note(h265, nal_type(unit[0]));
  }
  return units >= 2;
}

/// RFC 7798 section 4.4.3: a header |S|E| FuType | and a fragment.
bool read_fragment(ByteReader reader, H265Payload& h265) {
  const std::uint8_t header = reader.u8();
  if (!reader.ok() || reader.at_end()) return false;
  const bool start = (header & 0x80) != 0;
  const bool end = (header & 0x40) != 0;
  if (start && end) return false;
  if (start) note(h265, header & 0x3F);
  return true;
}

}  // namespace

std::optional<H265Payload> H265Payload::parse(Bytes payload) {
  ByteReader reader{payload};
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  // The temporal id is sent plus one; 0 is forbidden.
  if (!reader.ok() || reader.at_end() || (first & 0x80) != 0 || (second & 0x07) == 0) {
    return std::nullopt;
  }
  H265Payload h265;
  h265.temporal_id = static_cast<std::uint8_t>((second & 0x07) - 1);
  const std::uint8_t type = nal_type(first);
  if (type == kAggregation) {
    if (!read_aggregation(reader, h265)) return std::nullopt;
  } else if (type == kFragmentation) {
    if (!read_fragment(reader, h265)) return std::nullopt;
  } else if (type > kAggregation) {
    return std::nullopt;
  } else {
    note(h265, type);
  }
  return h265;
}

}  // namespace vis::media::rtp
