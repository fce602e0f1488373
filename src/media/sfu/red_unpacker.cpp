#include "media/sfu/red_unpacker.hpp"

#include <algorithm>
#include <utility>

#include "base/byte_order.hpp"

namespace vis::media::sfu {

void RedUnpacker::on_packet(const ForwardPacket& packet, std::vector<ForwardPacket>& out) {
  const auto red = rtp::RedPayload::parse(packet.view.payload());
  if (!red) return;
  const auto blocks = red->blocks();
  const std::size_t before = out.size();
  // Senders repeat the packets right before this one, so a block's place tells which it is.
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto age = static_cast<std::int64_t>(blocks.size() - 1 - i);
    if (blocks[i].data.empty() || !is_new(packet.sequence - age)) continue;
    unpack(packet, blocks[i], age, out);
  }
  if (packet.resumes && out.size() > before) out[before].resumes = true;
}

/// Nothing is taken from before the first packet, which nobody has missed.
bool RedUnpacker::is_new(std::int64_t sequence) const {
  if (!highest_) return true;
  if (sequence > *highest_) return true;
  const std::int64_t back = *highest_ - sequence;
  return sequence >= first_ && back < kWindow && ((seen_ >> back) & 1U) == 0;
}

void RedUnpacker::note(std::int64_t sequence) {
  if (!highest_) {
    first_ = sequence;
    highest_ = sequence;
    seen_ = 1;
    return;
  }
  const std::int64_t ahead = sequence - *highest_;
  if (ahead <= 0) {
    seen_ |= std::uint64_t{1} << -ahead;
    return;
  }
  seen_ = ahead >= kWindow ? 0 : seen_ << ahead;
  seen_ |= 1;
  highest_ = sequence;
}

void RedUnpacker::unpack(const ForwardPacket& carrier, const rtp::RedBlock& block, std::int64_t age,
                         std::vector<ForwardPacket>& out) {
  const std::int64_t sequence = carrier.sequence - age;
  if (!highest_ && age != 0) return;
  const std::size_t header = carrier.view.header().size;
  SlabRef slab = slabs_.take(std::min(header + block.data.size(), Slab::kCapacity));
  if (!slab || header + block.data.size() > Slab::kCapacity) return;
  std::uint8_t* const bytes = slab->room.data();
  std::ranges::copy(carrier.view.bytes().first(header), bytes);
  std::ranges::copy(block.data, bytes + header);
  slab->size = static_cast<std::uint32_t>(header + block.data.size());
  constexpr std::uint8_t kPaddingBit = 0x20;
  bytes[0] = static_cast<std::uint8_t>(bytes[0] & ~kPaddingBit);
  store_be(bytes + 2, static_cast<std::uint16_t>(sequence));
  store_be(bytes + 4, carrier.view.timestamp() - block.timestamp_offset);
  const auto view = rtp::PacketView::parse(slab.packet());
  if (!view) return;
  note(sequence);
  out.push_back(
      {.slab = std::move(slab), .view = *view, .sequence = sequence, .info = carrier.info});
}

}  // namespace vis::media::sfu
