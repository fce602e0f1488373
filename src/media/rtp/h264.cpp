#include "media/rtp/h264.hpp"

namespace vis::media::rtp {
namespace {

// NAL unit types, RFC 6184 table 1 and ITU-T H.264 table 7-1.
constexpr std::uint8_t kIdrSlice = 5;
constexpr std::uint8_t kSequenceParameterSet = 7;
constexpr std::uint8_t kLastSingleType = 23;
constexpr std::uint8_t kStapA = 24;
constexpr std::uint8_t kFuA = 28;

std::uint8_t nal_type(std::uint8_t header) { return header & 0x1F; }

void note(H264Payload& h264, std::uint8_t type) {
  if (type == kIdrSlice) h264.starts_idr = true;
  if (type == kSequenceParameterSet) h264.has_parameter_sets = true;
}

/// RFC 6184 section 5.7.1: after the header, NAL units each led by their 16-bit size.
std::optional<H264Payload> parse_stap_a(ByteReader reader) {
  H264Payload h264;
  if (reader.at_end()) return std::nullopt;
  while (!reader.at_end()) {
    const Bytes unit = reader.take(reader.u16());
    if (!reader.ok() || unit.empty()) return std::nullopt;
    note(h264, nal_type(unit[0]));
  }
  return h264;
}

/// RFC 6184 section 5.8: a second header |S|E|R|Type| and a fragment.
std::optional<H264Payload> parse_fu_a(ByteReader reader) {
  H264Payload h264;
  const std::uint8_t fu_header = reader.u8();
  if (!reader.ok() || reader.at_end()) return std::nullopt;
  const bool start = (fu_header & 0x80) != 0;
  const bool end = (fu_header & 0x40) != 0;
  if (start && end) return std::nullopt;
  if (start) note(h264, nal_type(fu_header));
  return h264;
}

}  // namespace

std::optional<H264Payload> H264Payload::parse(Bytes payload) {
  ByteReader reader{payload};
  const std::uint8_t type = nal_type(reader.u8());
  if (!reader.ok()) return std::nullopt;
  if (type == kStapA) return parse_stap_a(reader);
  if (type == kFuA) return parse_fu_a(reader);
  if (type == 0 || type > kLastSingleType) return std::nullopt;
  H264Payload h264;
  note(h264, type);
  return h264;
}

}  // namespace vis::media::rtp
