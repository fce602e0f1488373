#include "media/rtcp/receiver_report.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {

std::optional<ReceiverReport> ReceiverReport::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  ReceiverReport report;
  report.sender_ssrc = reader.u32();
  report.reports = WireList<ReportBlock>{reader.take(packet.count * ReportBlock::kBytes)};
  if (!reader.ok()) return std::nullopt;
  return report;
}

bool ReceiverReport::write(ByteWriter& writer, std::uint32_t sender_ssrc,
                           std::span<const ReportBlock> reports) {
  VIS_ASSERT(reports.size() <= kMaxCount);
  if (!write_header(writer, static_cast<std::uint8_t>(reports.size()), kReceiverReport,
                    sizeof sender_ssrc + reports.size() * ReportBlock::kBytes)) {
    return false;
  }
  writer.u32(sender_ssrc);
  for (const ReportBlock& block : reports) block.write(writer);
  return true;
}

}  // namespace vis::media::rtcp
