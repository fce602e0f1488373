#include "media/rtp/red.hpp"

namespace vis::media::rtp {

std::optional<RedPayload> RedPayload::parse(Bytes payload) {
  ByteReader reader{payload};
  RedPayload red;
  std::array<std::size_t, limits::kRedBlocks> lengths{};
  bool more = true;
  while (more) {
    if (red.count_ == red.blocks_.size()) return std::nullopt;
    RedBlock& block = red.blocks_[red.count_];
    const std::uint8_t first = reader.u8();
    more = (first & 0x80) != 0;
    block.payload_type = first & 0x7F;
    if (more) {
      const std::uint32_t offset_and_length = reader.u24();
      block.timestamp_offset = static_cast<std::uint16_t>(offset_and_length >> 10);
      lengths[red.count_] = offset_and_length & 0x3FF;
    }
    ++red.count_;
  }
  for (std::size_t i = 0; i + 1 < red.count_; ++i) red.blocks_[i].data = reader.take(lengths[i]);
  RedBlock& primary = red.blocks_[red.count_ - 1];
  primary.data = reader.take_rest();
  if (!reader.ok() || primary.data.empty()) return std::nullopt;
  return red;
}

void RedPayload::set_payload_types(MutableBytes payload, std::uint8_t payload_type) {
  constexpr std::uint8_t kMore = 0x80;
  constexpr std::size_t kRedundantHeaderBytes = 4;
  for (std::size_t at = 0; at < payload.size(); at += kRedundantHeaderBytes) {
    const bool more = (payload[at] & kMore) != 0;
    payload[at] = static_cast<std::uint8_t>((more ? kMore : 0) | payload_type);
    if (!more) return;
  }
}

}  // namespace vis::media::rtp
