#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/limits/media_congestion.hpp"
#include "base/time.hpp"

namespace vis::media::congestion {

/// Names the packets of one probe; 0 is none.
using ProbeClusterId = std::uint8_t;

/// The packets of one transport that feedback may still speak of, by transport-wide sequence
/// number. A ring, 16 bytes each, that grows with the rate and the round trip: as long as a packet
/// would fall behind that was not reported yet, or was sent a moment ago, and up to
/// limits::kSentPacketHistory. What falls behind is neither lost nor received, and feedback on it
/// is not believed.
class SentPackets final {
 public:
  enum class Fate : std::uint8_t { Unknown, Lost, Received };
  struct Sent {
    TimePoint at{};
    std::uint32_t number = std::numeric_limits<std::uint32_t>::max();  ///< Unwrapped, cut short.
    std::uint16_t bytes = 0;
    ProbeClusterId probe = 0;
    Fate fate = Fate::Received;
  };

  SentPackets() : ring_(kAtFirst) {}

  /// In order of their sequence numbers, which may have gaps.
  void add(std::uint16_t sequence, std::uint16_t bytes, TimePoint at, ProbeClusterId probe);

  /// The packet that feedback means by this number, or null: it was never sent, or too long ago.
  const Sent* find(std::uint16_t sequence) const;
  /// Notes what feedback says of a packet. A packet once received stays so.
  enum class Change : std::uint8_t { None, BecameLost, BecameReceived, Recovered };
  Change settle(const Sent& packet, Fate fate);

  bool empty() const { return !newest_; }
  /// Sent, and not reported yet.
  std::size_t bytes_in_flight() const { return bytes_in_flight_; }
  /// Packets that fell behind before anything was heard of them.
  std::uint64_t forgotten() const { return forgotten_; }

  /// How many it has room for at present.
  std::size_t capacity() const { return ring_.size(); }

 private:
  /// A third of a second of one camera and one microphone.
  static constexpr std::size_t kAtFirst = 64;
  /// Reports may still correct what is younger.
  static constexpr Duration kCorrectable = 250ms;

  Sent& slot(std::uint32_t number) { return ring_[number & (ring_.size() - 1)]; }
  const Sent& slot(std::uint32_t number) const { return ring_[number & (ring_.size() - 1)]; }
  void grow();

  std::vector<Sent> ring_;  ///< Its size is a power of two.
  std::optional<std::uint32_t> newest_;
  std::size_t bytes_in_flight_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace vis::media::congestion
