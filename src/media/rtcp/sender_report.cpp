#include "media/rtcp/sender_report.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {

std::optional<SenderReport> SenderReport::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  SenderReport report;
  report.info.ssrc = reader.u32();
  report.info.ntp.value = reader.u64();
  report.info.rtp_timestamp = reader.u32();
  report.info.packet_count = reader.u32();
  report.info.octet_count = reader.u32();
  report.reports = WireList<ReportBlock>{reader.take(packet.count * ReportBlock::kBytes)};
  if (!reader.ok()) return std::nullopt;
  return report;
}

bool SenderReport::write(ByteWriter& writer, const SenderInfo& info,
                         std::span<const ReportBlock> reports) {
  VIS_ASSERT(reports.size() <= kMaxCount);
  if (!write_header(writer, static_cast<std::uint8_t>(reports.size()), kSenderReport,
                    SenderInfo::kBytes + reports.size() * ReportBlock::kBytes)) {
    return false;
  }
  writer.u32(info.ssrc);
  writer.u64(info.ntp.value);
  writer.u32(info.rtp_timestamp);
  writer.u32(info.packet_count);
  writer.u32(info.octet_count);
  for (const ReportBlock& block : reports) block.write(writer);
  return true;
}

}  // namespace vis::media::rtcp
