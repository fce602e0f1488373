#include "media/rtcp/full_intra_request.hpp"

namespace vis::media::rtcp {

std::optional<FullIntraRequest> FullIntraRequest::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  FullIntraRequest fir;
  fir.sender_ssrc = FeedbackSsrcs::read(reader).sender;
  if (!reader.ok() || reader.at_end() || reader.remaining() % FirEntry::kBytes != 0) {
    return std::nullopt;
  }
  fir.entries = WireList<FirEntry>{reader.take_rest()};
  return fir;
}

bool FullIntraRequest::write(ByteWriter& writer, std::uint32_t sender_ssrc, const FirEntry& entry) {
  if (!write_header(writer, kFormat, kPayloadSpecificFeedback,
                    FeedbackSsrcs::kBytes + FirEntry::kBytes)) {
    return false;
  }
  FeedbackSsrcs{.sender = sender_ssrc, .media = 0}.write(writer);
  writer.u32(entry.ssrc);
  writer.u8(entry.sequence);
  writer.u24(0);
  return true;
}

}  // namespace vis::media::rtcp
