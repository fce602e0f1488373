#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/rtp/red.hpp"
#include "media/sfu/forward_packet.hpp"
#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

/// Makes plain Opus of a stream in RED (RFC 2198), once for all subscribers that lack RED. A packet
/// that was lost on its way to the server is taken from the redundancy of those after it, so that
/// these subscribers gain by it too.
///
/// The payloads are copied into slabs of their own; where there are none left, the packet is left
/// out. Owned by the track's Layer.
class RedUnpacker final {
 public:
  explicit RedUnpacker(SlabPool& slabs) : slabs_(slabs) {}

  /// Appends what the packet brings that was not there yet, in order.
  void on_packet(const ForwardPacket& packet, std::vector<ForwardPacket>& out);

 private:
  /// Packets back to which redundancy may reach.
  static constexpr std::int64_t kWindow = 64;

  bool is_new(std::int64_t sequence) const;
  void note(std::int64_t sequence);
  /// `age` packets before the one that carries it.
  void unpack(const ForwardPacket& carrier, const rtp::RedBlock& block, std::int64_t age,
              std::vector<ForwardPacket>& out);

  SlabPool& slabs_;
  std::optional<std::int64_t> highest_;
  std::int64_t first_ = 0;
  std::uint64_t seen_ = 0;  ///< The highest in the lowest bit, older ones above.
};

}  // namespace vis::media::sfu
