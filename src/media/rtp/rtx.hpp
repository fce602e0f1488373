#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_order.hpp"
#include "base/bytes.hpp"

namespace vis::media::rtp {

/// A retransmission payload, RFC 4588 section 4: the original sequence number, then the original
/// payload. The packet's timestamp and marker are the original's.
struct RtxPayload {
  static constexpr std::size_t kPrefixBytes = 2;

  std::uint16_t original_sequence = 0;
  Bytes payload{};

  /// Nothing when there is no payload behind the number: such packets only probe for bandwidth.
  static std::optional<RtxPayload> parse(Bytes payload) {
    if (payload.size() <= kPrefixBytes) return std::nullopt;
    return RtxPayload{.original_sequence = load_be<std::uint16_t>(payload.data()),
                      .payload = payload.subspan(kPrefixBytes)};
  }

  /// What goes in front of the original payload.
  static std::array<std::uint8_t, kPrefixBytes> prefix(std::uint16_t original_sequence) {
    std::array<std::uint8_t, kPrefixBytes> bytes{};
    store_be(bytes.data(), original_sequence);
    return bytes;
  }
};

}  // namespace vis::media::rtp
