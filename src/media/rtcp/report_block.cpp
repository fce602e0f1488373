#include "media/rtcp/report_block.hpp"

#include <algorithm>

namespace vis::media::rtcp {
namespace {

/// The sign bit of a 24-bit number moved to that of 32 bits and back.
std::int32_t sign_extended(std::uint32_t value24) {
  return static_cast<std::int32_t>(value24 << 8) >> 8;
}

}  // namespace

ReportBlock ReportBlock::read(ByteReader& reader) {
  ReportBlock block;
  block.ssrc = reader.u32();
  block.fraction_lost = reader.u8();
  block.cumulative_lost = sign_extended(reader.u24());
  block.extended_highest_sequence = reader.u32();
  block.jitter = reader.u32();
  block.last_sender_report = reader.u32();
  block.delay_since_last_sender_report = reader.u32();
  return block;
}

void ReportBlock::write(ByteWriter& writer) const {
  writer.u32(ssrc);
  writer.u8(fraction_lost);
  writer.u24(static_cast<std::uint32_t>(std::clamp(cumulative_lost, kMinLost, kMaxLost)));
  writer.u32(extended_highest_sequence);
  writer.u32(jitter);
  writer.u32(last_sender_report);
  writer.u32(delay_since_last_sender_report);
}

}  // namespace vis::media::rtcp
