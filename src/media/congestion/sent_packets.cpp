#include "media/congestion/sent_packets.hpp"

#include <bit>
#include <utility>

namespace vis::media::congestion {
namespace {

constexpr std::uint32_t kMask = limits::kSentPacketHistory - 1;
static_assert(std::has_single_bit(limits::kSentPacketHistory));
static_assert(limits::kSentPacketHistory <= 32'768, "or a 16-bit number would mean two packets");

}  // namespace

void SentPackets::add(std::uint16_t sequence, std::uint16_t bytes, TimePoint at,
                      ProbeClusterId probe) {
  const std::uint32_t number =
      newest_ ? *newest_ + static_cast<std::uint16_t>(sequence - *newest_) : sequence;
  Sent& slot = ring_[number & kMask];
  if (slot.fate == Fate::Unknown) {
    ++forgotten_;
    bytes_in_flight_ -= slot.bytes;
  }
  slot = {.at = at, .number = number, .bytes = bytes, .probe = probe, .fate = Fate::Unknown};
  bytes_in_flight_ += bytes;
  newest_ = number;
}

const SentPackets::Sent* SentPackets::find(std::uint16_t sequence) const {
  if (!newest_) return nullptr;
  // Feedback speaks of the past, so this is the newest packet of that number. One from the future
  // looks like one from long ago.
  const auto age = static_cast<std::uint16_t>(*newest_ - sequence);
  const std::uint32_t number = *newest_ - age;
  const Sent& slot = ring_[number & kMask];
  return slot.number == number ? &slot : nullptr;
}

SentPackets::Change SentPackets::settle(const Sent& packet, Fate fate) {
  Sent& slot = ring_[packet.number & kMask];
  const Fate before = slot.fate;
  if (before == Fate::Received || before == fate) return Change::None;
  if (before == Fate::Unknown) bytes_in_flight_ -= slot.bytes;
  slot.fate = fate;
  switch (fate) {
    case Fate::Unknown:
    case Fate::Lost: return Change::BecameLost;
    case Fate::Received: return before == Fate::Lost ? Change::Recovered : Change::BecameReceived;
  }
  std::unreachable();
}

}  // namespace vis::media::congestion
