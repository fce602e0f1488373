#include "media/rtcp/nack.hpp"

#include "base/assert.hpp"

namespace vis::media::rtcp {
namespace {

/// Takes from the front of `lost` all that one item can name.
NackItem take_item(std::span<const std::uint16_t>& lost) {
  NackItem item{.packet_id = lost.front()};
  lost = lost.subspan(1);
  while (!lost.empty()) {
    const auto ahead = static_cast<std::uint16_t>(lost.front() - item.packet_id);
    if (ahead == 0 || ahead > 16) break;
    item.following = static_cast<std::uint16_t>(item.following | (1U << (ahead - 1U)));
    lost = lost.subspan(1);
  }
  return item;
}

std::size_t count_items(std::span<const std::uint16_t> lost) {
  std::size_t count = 0;
  for (; !lost.empty(); ++count) take_item(lost);
  return count;
}

}  // namespace

std::optional<Nack> Nack::parse(const Packet& packet) {
  ByteReader reader{packet.body};
  Nack nack{.ssrcs = FeedbackSsrcs::read(reader), .items = {}};
  if (!reader.ok() || reader.at_end() || reader.remaining() % NackItem::kBytes != 0) {
    return std::nullopt;
  }
  nack.items = WireList<NackItem>{reader.take_rest()};
  return nack;
}

bool Nack::write(ByteWriter& writer, const FeedbackSsrcs& ssrcs,
                 std::span<const std::uint16_t> lost) {
  VIS_ASSERT(!lost.empty());
  if (!write_header(writer, kFormat, kTransportLayerFeedback,
                    FeedbackSsrcs::kBytes + count_items(lost) * NackItem::kBytes)) {
    return false;
  }
  ssrcs.write(writer);
  while (!lost.empty()) {
    const NackItem item = take_item(lost);
    writer.u16(item.packet_id);
    writer.u16(item.following);
  }
  return true;
}

}  // namespace vis::media::rtcp
