#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "media/rtcp/feedback.hpp"
#include "media/rtcp/packet.hpp"
#include "media/rtcp/wire_list.hpp"

namespace vis::media::rtcp {

/// A lost packet and, bit by bit, which of the 16 after it are lost too.
struct NackItem {
  static constexpr std::size_t kBytes = 4;

  std::uint16_t packet_id = 0;
  std::uint16_t following = 0;

  static NackItem read(ByteReader& reader) {
    return {.packet_id = reader.u16(), .following = reader.u16()};
  }
};

/// Generic NACK, RFC 4585 section 6.2.1: | PID | BLP | items. A datagram can name several thousand
/// packets; whoever answers limits how much.
struct Nack {
  static constexpr std::uint8_t kFormat = 1;

  FeedbackSsrcs ssrcs;
  WireList<NackItem> items;

  static std::optional<Nack> parse(const Packet& packet);

  /// Calls `visit(sequence)` for each lost packet, in the order they are named.
  template <typename Visit>
  void for_each_lost(Visit&& visit) const {
    for (const NackItem item : items) {
      visit(item.packet_id);
      for (unsigned bit = 0; bit < 16; ++bit) {
        if (((item.following >> bit) & 1U) == 0) continue;
        visit(static_cast<std::uint16_t>(item.packet_id + bit + 1));
      }
    }
  }

  /// `lost` in ascending order (modulo wrap) and not empty. False, with nothing written, when it
  /// does not fit.
  static bool write(ByteWriter& writer, const FeedbackSsrcs& ssrcs,
                    std::span<const std::uint16_t> lost);
};

}  // namespace vis::media::rtcp
