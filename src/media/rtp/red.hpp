#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/limits/media_rtp.hpp"

namespace vis::media::rtp {

/// One encoding inside a RED payload. The primary one is the last and has the packet's timestamp.
struct RedBlock {
  std::uint8_t payload_type = 0;
  std::uint16_t timestamp_offset = 0;  ///< How far before the packet's timestamp.
  Bytes data{};
};

/// Redundant audio, RFC 2198: block headers, oldest first, then the blocks in the same order.
///
///      0                   1                    2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |F=1|  block PT |  timestamp offset         |   block length    |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |F=0|  block PT |
///     +-+-+-+-+-+-+-+-+
class RedPayload final {
 public:
  static constexpr std::size_t kPrimaryHeaderBytes = 1;
  static constexpr std::size_t kRedundantHeaderBytes = 4;
  static constexpr std::uint32_t kMaxTimestampOffset = 0x3FFF;
  static constexpr std::size_t kMaxBlockBytes = 0x3FF;  ///< Of a redundant block.

  /// Nothing when a block overruns the payload, the primary is missing or empty, or there are more
  /// than limits::kRedBlocks.
  static std::optional<RedPayload> parse(Bytes payload);

  /// What `write` writes: the primary is the last of the blocks, and there is one.
  static std::size_t size_of(std::span<const RedBlock> blocks);
  static void write(ByteWriter& writer, std::span<const RedBlock> blocks);

  /// Gives all blocks one payload type; stops where the block headers end or are malformed.
  static void set_payload_types(MutableBytes payload, std::uint8_t payload_type);

  /// Oldest first, the primary last.
  std::span<const RedBlock> blocks() const { return std::span{blocks_}.first(count_); }
  const RedBlock& primary() const { return blocks_[count_ - 1]; }

 private:
  std::array<RedBlock, limits::kRedBlocks> blocks_{};
  std::size_t count_ = 0;
};

}  // namespace vis::media::rtp
