#include "media/rtp/red.hpp"

#include "base/assert.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::uint8_t kMore = 0x80;
constexpr unsigned kLengthBits = 10;

}  // namespace

std::optional<RedPayload> RedPayload::parse(Bytes payload) {
  ByteReader reader{payload};
  RedPayload red;
  std::array<std::size_t, limits::kRedBlocks> lengths{};
  bool more = true;
  while (more) {
    if (red.count_ == red.blocks_.size()) return std::nullopt;
    RedBlock& block = red.blocks_[red.count_];
    const std::uint8_t first = reader.u8();
    more = (first & kMore) != 0;
    block.payload_type = first & ~kMore;
    if (more) {
      const std::uint32_t offset_and_length = reader.u24();
      block.timestamp_offset = static_cast<std::uint16_t>(offset_and_length >> kLengthBits);
      lengths[red.count_] = offset_and_length & kMaxBlockBytes;
    }
    ++red.count_;
  }
  for (std::size_t i = 0; i + 1 < red.count_; ++i) red.blocks_[i].data = reader.take(lengths[i]);
  RedBlock& primary = red.blocks_[red.count_ - 1];
  primary.data = reader.take_rest();
  if (!reader.ok() || primary.data.empty()) return std::nullopt;
  return red;
}

std::size_t RedPayload::size_of(std::span<const RedBlock> blocks) {
  std::size_t size = kPrimaryHeaderBytes + (blocks.size() - 1) * kRedundantHeaderBytes;
  for (const RedBlock& block : blocks) size += block.data.size();
  return size;
}

void RedPayload::write(ByteWriter& writer, std::span<const RedBlock> blocks) {
  for (const RedBlock& block : blocks.first(blocks.size() - 1)) {
    VIS_ASSERT(block.timestamp_offset <= kMaxTimestampOffset);
    VIS_ASSERT(block.data.size() <= kMaxBlockBytes);
    writer.u8(kMore | block.payload_type);
    writer.u24(std::uint32_t{block.timestamp_offset} << kLengthBits |
               static_cast<std::uint32_t>(block.data.size()));
  }
  writer.u8(blocks.back().payload_type);
  for (const RedBlock& block : blocks) writer.bytes(block.data);
}

void RedPayload::set_payload_types(MutableBytes payload, std::uint8_t payload_type) {
  for (std::size_t at = 0; at < payload.size(); at += kRedundantHeaderBytes) {
    const bool more = (payload[at] & kMore) != 0;
    payload[at] = static_cast<std::uint8_t>((more ? kMore : 0) | payload_type);
    if (!more) return;
  }
}

}  // namespace vis::media::rtp
