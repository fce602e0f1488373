#include "media/sfu/pacer.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace vis::media::sfu {

using congestion::BitRate;

// ---- PacedPacketPool ----

PacedPacket* PacedPacketPool::take() {
  if (first_free_ == nullptr) {
    if (chunks_.size() * kChunk >= limits::kPacedPacketsOfWorker) return nullptr;
    chunks_.push_back(std::make_unique<Chunk>());
    for (PacedPacket& packet : *chunks_.back()) {
      packet.next = first_free_;
      first_free_ = &packet;
    }
  }
  PacedPacket* const packet = first_free_;
  first_free_ = packet->next;
  packet->next = nullptr;
  ++in_use_;
  return packet;
}

void PacedPacketPool::give_back(PacedPacket& packet) {
  packet.packet.reset();
  packet.next = first_free_;
  first_free_ = &packet;
  --in_use_;
}

// ---- Pacer ----

void Pacer::fill(TimePoint now) {
  const BitRate rate = std::max(rate_, BitRate::of(bytes_, kMaxWait));
  const auto burst = static_cast<std::int64_t>(rate.bytes_in(kBurst));
  // What could not wait (audio, retransmissions) delays what can by no more than a burst.
  const std::int64_t debt = -std::max(burst, static_cast<std::int64_t>(Slab::kCapacity));
  const bool begins = filled_at_ == TimePoint::min();
  const Duration passed = begins ? kBurst : std::min(now - filled_at_, Duration{1s});
  budget_ = std::max(budget_, debt) + static_cast<std::int64_t>(rate.bytes_in(passed));
  // A bucket that holds less than a packet is full with one.
  budget_ = std::min(budget_, std::max<std::int64_t>(burst, 1));
  filled_at_ = now;
}

bool Pacer::hold(const Held& by, const ForwardPacket& packet) {
  if (packets_ >= limits::kPacedPackets) return false;
  PacedPacket* const held = pool_.take();
  if (held == nullptr) return false;
  held->packet = packet;
  held->sender = &by.sender;
  held->layer = by.layer;
  held->source = by.source;
  (last_ == nullptr ? first_ : last_->next) = held;
  last_ = held;
  ++packets_;
  bytes_ += held->size();
  return true;
}

void Pacer::unlink_first() {
  VIS_ASSERT(first_ != nullptr);
  --packets_;
  bytes_ -= first_->size();
  first_ = first_->next;
  if (first_ == nullptr) last_ = nullptr;
}

void Pacer::drop(const Sender& sender) {
  PacedPacket** link = &first_;
  last_ = nullptr;
  while (PacedPacket* const held = *link) {
    if (held->sender != &sender) {
      last_ = held;
      link = &held->next;
      continue;
    }
    *link = held->next;
    --packets_;
    bytes_ -= held->size();
    pool_.give_back(*held);
  }
}

void Pacer::clear() {
  while (first_ != nullptr) {
    release_first([](const PacedPacket&) {});
  }
}

}  // namespace vis::media::sfu
