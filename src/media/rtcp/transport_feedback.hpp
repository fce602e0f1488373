#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/limits/media_rtcp.hpp"
#include "base/time.hpp"
#include "media/rtcp/feedback.hpp"
#include "media/rtcp/packet.hpp"

namespace vis::media::rtcp {

/// What a packet status chunk says of one packet. The fourth value of two bits is reserved.
enum class ArrivalStatus : std::uint8_t {
  NotReceived = 0,
  SmallDelta = 1,  ///< Received; the delta takes one byte.
  LargeDelta = 2,  ///< Received; the delta takes two bytes and has a sign.
};

/// The statuses of a feedback message, decoded chunk by chunk:
///
///     |T=0| S |       Run Length        |  one status for up to 8191 packets
///     |T=1|S=0|   14 symbols of 1 bit   |
///     |T=1|S=1|    7 symbols of 2 bits  |
class ArrivalStatuses final {
 public:
  explicit ArrivalStatuses(Bytes chunks) : reader_(chunks) {}

  /// Nothing past the last chunk, or for a reserved status.
  std::optional<ArrivalStatus> next();
  /// Bytes of chunks taken so far.
  std::size_t position() const { return reader_.position(); }

 private:
  void load_chunk();

  ByteReader reader_;
  std::uint16_t symbols_ = 0;     ///< Left-aligned behind the chunk's flags.
  std::uint16_t left_ = 0;        ///< Symbols left in the chunk.
  std::uint8_t symbol_bits_ = 0;  ///< 0 in a run: the symbol stays.
};

/// Transport-wide congestion control feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01
/// section 3.1: when each packet of a range of transport sequence numbers arrived.
///
///     |V=2|P|  FMT=15 |    PT=205     |           length              |
///     |                     SSRC of packet sender                     |
///     |                      SSRC of media source                     |
///     |      base sequence number     |      packet status count      |
///     |                 reference time                | fb pkt. count |
///     |          packet chunk         |         packet chunk          |
///     |                               ...                             |
///     |         packet chunk          |  recv delta   |  recv delta   |
struct TransportFeedback {
  static constexpr std::uint8_t kFormat = 15;
  static constexpr Duration kReferenceUnit = 64ms;
  static constexpr Duration kDeltaUnit = 250us;

  FeedbackSsrcs ssrcs;
  std::uint16_t base_sequence = 0;
  std::uint16_t status_count = 0;
  std::uint8_t feedback_count = 0;
  Duration reference_time{0};  ///< On the receiver's clock, which wraps after 12 days.
  Bytes chunks{};
  Bytes deltas{};

  /// Nothing when chunks or deltas do not cover what is announced, or more than
  /// limits::kTransportFeedbackStatuses are.
  static std::optional<TransportFeedback> parse(const Packet& packet);

  /// Calls `visit(sequence, arrival)` for each packet in order; `arrival` is a
  /// std::optional<Duration>, empty for a packet that did not arrive.
  template <typename Visit>
  void for_each(Visit&& visit) const;

 private:
  bool split(Bytes chunks_and_deltas);
};

/// Builds such a message. The packets are added in order of their sequence numbers, those that did
/// not arrive are left out. Lives on the stack.
class TransportFeedbackBuilder final {
 public:
  /// Datagrams of feedback stay below any path's MTU.
  static constexpr std::size_t kMaxBytes = 1200;

  /// The message begins with `base_sequence`, which need not have arrived; `first_arrival` is that
  /// of the first packet added.
  TransportFeedbackBuilder(std::uint16_t base_sequence, Duration first_arrival);

  /// False, with nothing added, when the packet does not fit the message: it is full, the gap
  /// before it too long, or its delta out of range. Then a new message must begin.
  bool add(std::uint16_t sequence, Duration arrival);

  std::size_t status_count() const { return count_; }
  /// False, with nothing written, when it does not fit.
  bool write(ByteWriter& writer, const FeedbackSsrcs& ssrcs, std::uint8_t feedback_count) const;

 private:
  static constexpr std::size_t kMaxStatuses = 1024;

  /// The next chunk and how many statuses it covers.
  struct Chunk {
    std::uint16_t bits = 0;
    std::size_t count = 0;
  };
  Chunk chunk_at(std::size_t at) const;
  std::size_t run_length(std::size_t at) const;
  std::size_t chunk_bytes() const;

  std::uint16_t base_sequence_;
  std::int64_t reference_;   ///< In units of 64 ms.
  std::int64_t last_ticks_;  ///< The packet added last, in units of 250 us.
  std::size_t count_ = 0;
  std::size_t delta_count_ = 0;
  std::size_t delta_bytes_ = 0;
  std::array<ArrivalStatus, kMaxStatuses> statuses_;
  std::array<std::int16_t, kMaxStatuses> deltas_;
};

template <typename Visit>
void TransportFeedback::for_each(Visit&& visit) const {
  ArrivalStatuses statuses{chunks};
  ByteReader reader{deltas};
  Duration arrival = reference_time;
  std::uint16_t sequence = base_sequence;
  for (std::size_t i = 0; i < status_count; ++i, ++sequence) {
    const ArrivalStatus status = statuses.next().value_or(ArrivalStatus::NotReceived);
    if (status == ArrivalStatus::NotReceived) {
      visit(sequence, std::optional<Duration>{});
      continue;
    }
    const std::int64_t ticks = status == ArrivalStatus::SmallDelta
                                   ? std::int64_t{reader.u8()}
                                   : std::int64_t{static_cast<std::int16_t>(reader.u16())};
    arrival += ticks * kDeltaUnit;
    visit(sequence, std::optional<Duration>{arrival});
  }
}

}  // namespace vis::media::rtcp
