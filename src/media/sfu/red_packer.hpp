#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "media/sfu/forward_packet.hpp"
#include "media/sfu/packet_store.hpp"
#include "media/sfu/payload_inspector.hpp"
#include "media/sfu/slab_pool.hpp"

namespace vis::media::sfu {

/// Writes a stream of Opus, published plain or in RED, in RED (RFC 2198) with as many of the
/// packets before each as are asked for. They are read from the layer's store, so nothing is kept
/// here and what is made of a packet depends on nothing but the packets.
///
/// A packet keeps its number, whatever form it is sent in: subscribers may change form between any
/// two. What cannot be told in RED ends the repetition: a packet that is missing, silence, one more
/// than 340 ms back or of more than 1023 bytes, or a payload beyond limits::kRedPayloadBytes. Owned
/// by the track's Layer.
class RedPacker final {
 public:
  RedPacker(SlabPool& slabs, const PacketStore& store, CodecKind published)
      : slabs_(slabs), store_(store), published_(published) {}

  /// The packet in RED; nothing when it is malformed or there is no memory.
  std::optional<ForwardPacket> pack(const ForwardPacket& packet, std::size_t repeats) const;

 private:
  /// One Opus payload and when it was.
  struct Sound {
    std::uint32_t timestamp = 0;
    Bytes data{};
  };
  std::optional<Sound> sound_of(const rtp::PacketView& packet, std::size_t age) const;
  std::optional<Sound> sound_before(const ForwardPacket& packet, std::size_t age) const;

  SlabPool& slabs_;
  const PacketStore& store_;
  CodecKind published_;
};

}  // namespace vis::media::sfu
