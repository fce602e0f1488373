#include "media/congestion/sent_packets.hpp"

#include <bit>
#include <utility>

namespace vis::media::congestion {
namespace {

constexpr std::uint32_t kNoNumber = SentPackets::Sent{}.number;
static_assert(std::has_single_bit(limits::kSentPacketHistory));
static_assert(limits::kSentPacketHistory <= 32'768, "or a 16-bit number would mean two packets");

}  // namespace

void SentPackets::add(std::uint16_t sequence, std::uint16_t bytes, TimePoint at,
                      ProbeClusterId probe) {
  const std::uint32_t number =
      newest_ ? *newest_ + static_cast<std::uint16_t>(sequence - *newest_) : sequence;
  const auto is_of_use = [&](const Sent& sent) {
    return sent.number != kNoNumber && (sent.fate == Fate::Unknown || at - sent.at < kCorrectable);
  };
  while (ring_.size() < limits::kSentPacketHistory && is_of_use(slot(number))) grow();
  Sent& place = slot(number);
  if (place.fate == Fate::Unknown) {
    ++forgotten_;
    bytes_in_flight_ -= place.bytes;
  }
  place = {.at = at, .number = number, .bytes = bytes, .probe = probe, .fate = Fate::Unknown};
  bytes_in_flight_ += bytes;
  newest_ = number;
}

void SentPackets::grow() {
  const std::vector<Sent> before = std::exchange(ring_, std::vector<Sent>(ring_.size() * 2));
  for (const Sent& sent : before) {
    if (sent.number != kNoNumber) slot(sent.number) = sent;
  }
}

const SentPackets::Sent* SentPackets::find(std::uint16_t sequence) const {
  if (!newest_) return nullptr;
  // Feedback speaks of the past, so this is the newest packet of that number. One from the future
  // looks like one from long ago.
  const auto age = static_cast<std::uint16_t>(*newest_ - sequence);
  const std::uint32_t number = *newest_ - age;
  const Sent& found = slot(number);
  return found.number == number ? &found : nullptr;
}

SentPackets::Change SentPackets::settle(const Sent& packet, Fate fate) {
  Sent& settled = slot(packet.number);
  const Fate before = settled.fate;
  if (before == Fate::Received || before == fate) return Change::None;
  if (before == Fate::Unknown) bytes_in_flight_ -= settled.bytes;
  settled.fate = fate;
  switch (fate) {
    case Fate::Unknown:
    case Fate::Lost: return Change::BecameLost;
    case Fate::Received: return before == Fate::Lost ? Change::Recovered : Change::BecameReceived;
  }
  std::unreachable();
}

}  // namespace vis::media::congestion
