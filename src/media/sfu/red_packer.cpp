#include "media/sfu/red_packer.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/limits/media_sfu.hpp"
#include "media/negotiation/capabilities.hpp"
#include "media/rtp/opus.hpp"
#include "media/rtp/red.hpp"
#include "media/sfu/sound_form.hpp"

namespace vis::media::sfu {
namespace {

constexpr std::uint8_t kPaddingBit = 0x20;

rtp::RedBlock block_of(Bytes data, std::uint32_t timestamp_offset) {
  return {.payload_type = negotiation::kOpusPayloadType,
          .timestamp_offset = static_cast<std::uint16_t>(timestamp_offset),
          .data = data};
}

}  // namespace

/// What a packet tells of itself, or of the one `age` packets before it.
std::optional<RedPacker::Sound> RedPacker::sound_of(const rtp::PacketView& packet,
                                                    std::size_t age) const {
  if (published_ != CodecKind::Red) {
    if (age != 0 || packet.payload().empty()) return std::nullopt;
    return Sound{.timestamp = packet.timestamp(), .data = packet.payload()};
  }
  const auto red = rtp::RedPayload::parse(packet.payload());
  if (!red || age >= red->blocks().size()) return std::nullopt;
  const rtp::RedBlock& block = red->blocks()[red->blocks().size() - 1 - age];
  if (block.data.empty()) return std::nullopt;
  // The slab behind the bytes is the store's, and outlives the call.
  return Sound{.timestamp = packet.timestamp() - block.timestamp_offset, .data = block.data};
}

/// From the packet itself, else from what those after it repeat of it, if they were published in
/// RED.
std::optional<RedPacker::Sound> RedPacker::sound_before(const ForwardPacket& packet,
                                                        std::size_t age) const {
  for (std::size_t carried = 0; carried < age; ++carried) {
    const auto carrier = static_cast<std::int64_t>(age - carried);
    const SlabRef slab = store_.find(packet.sequence - carrier);
    if (!slab) continue;
    const auto view = rtp::PacketView::parse(slab.packet());
    if (!view) continue;
    if (auto sound = sound_of(*view, carried)) return sound;
  }
  return sound_of(packet.view, age);
}

std::optional<ForwardPacket> RedPacker::pack(const ForwardPacket& packet,
                                             std::size_t repeats) const {
  const auto own = sound_of(packet.view, 0);
  if (!own) return std::nullopt;
  // From the last on, so that what does not fit is what is oldest.
  std::array<rtp::RedBlock, kMaxRepeats + 1> blocks{};
  auto first = blocks.end() - 1;
  *first = block_of(own->data, 0);
  std::size_t size = rtp::RedPayload::kPrimaryHeaderBytes + own->data.size();
  for (std::size_t age = 1; age <= std::min(repeats, kMaxRepeats); ++age) {
    const auto sound = sound_before(packet, age);
    if (!sound || rtp::OpusPayload::is_dtx(sound->data)) break;
    const std::uint32_t offset = own->timestamp - sound->timestamp;
    size += rtp::RedPayload::kRedundantHeaderBytes + sound->data.size();
    const bool can_be_told = offset != 0 && offset <= rtp::RedPayload::kMaxTimestampOffset &&
                             sound->data.size() <= rtp::RedPayload::kMaxBlockBytes &&
                             size <= limits::kRedPayloadBytes;
    if (!can_be_told) break;
    *--first = block_of(sound->data, offset);
  }

  const std::span<const rtp::RedBlock> told{first, blocks.end()};
  const Bytes header = packet.view.bytes().first(packet.view.header().size);
  const std::size_t total = header.size() + rtp::RedPayload::size_of(told);
  if (total > Slab::kCapacity) return std::nullopt;
  SlabRef slab = slabs_.take(total);
  if (!slab) return std::nullopt;
  ByteWriter writer{slab->room};
  writer.bytes(header);
  rtp::RedPayload::write(writer, told);
  slab->room[0] = static_cast<std::uint8_t>(slab->room[0] & ~kPaddingBit);
  slab->size = static_cast<std::uint32_t>(total);
  const auto view = rtp::PacketView::parse(slab.packet());
  if (!view) return std::nullopt;
  return ForwardPacket{.slab = std::move(slab),
                       .view = *view,
                       .sequence = packet.sequence,
                       .info = packet.info,
                       .resumes = packet.resumes};
}

}  // namespace vis::media::sfu
