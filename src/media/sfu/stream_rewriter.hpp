#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "media/sfu/renumbering.hpp"

namespace vis::media::sfu {

/// Turns the packets of whichever layer a subscriber gets into one unbroken outgoing stream:
/// consecutive sequence numbers, timestamps that only move forward.
///
/// A switch to another source starts an epoch; within an epoch the gaps of the source stay gaps and
/// can be filled later, and packets that are left out leave none. Remembering the last few epochs
/// is enough to answer NACKs: no memory per packet. Of epochs before the current one in which
/// something was left out nothing is remembered: pictures have begun anew since.
class StreamRewriter final {
 public:
  struct Epoch {
    std::int64_t first_out = 0;
    std::int64_t first_in = 0;
    std::uint32_t timestamp_offset = 0;  ///< Added to the source's timestamp.
    std::uint16_t picture_id_offset = 0;
    std::uint8_t tl0_picture_index_offset = 0;
    std::uint16_t frame_number_offset = 0;  ///< Of the dependency descriptor.
    std::uint8_t layer = 0;
    std::uint32_t source = 0;  ///< That of the layer; a new one is a new stream of numbers.
    bool whole = true;         ///< Nothing was left out of it. Kept of epochs that are over.
  };
  struct Origin {
    std::int64_t sequence = 0;
    const Epoch* epoch = nullptr;
  };

  /// `first_sequence` in [0, 2^15): RFC 3711 wants the first roll-over counter to be unambiguous.
  explicit StreamRewriter(std::uint16_t first_sequence) { sequences_.start(0, first_sequence); }
  /// One that goes on after what another rewriter has numbered.
  static StreamRewriter continuing(std::int64_t next_out) {
    StreamRewriter rewriter{std::uint16_t{0}};
    rewriter.sequences_.start(0, next_out);
    return rewriter;
  }

  bool started() const { return epoch_count_ > 0; }
  /// Continues with the packet `first_in` of `layer` directly after all that went out so far.
  void switch_to(Epoch epoch);
  const Epoch& current() const { return epochs_[(epoch_count_ - 1) % kEpochs]; }

  /// The outgoing 64-bit sequence number of a packet of the current layer; nothing for packets
  /// from before the switch.
  std::optional<std::int64_t> map(std::int64_t sequence) { return sequences_.map(sequence); }
  /// Leaves a packet of the current layer out. When later ones have gone out before it, its number
  /// is given, for something to fill the gap with.
  std::optional<std::int64_t> leave_out(std::int64_t sequence) {
    return sequences_.leave_out(sequence);
  }
  /// Leaves out, without a gap, whatever has not gone out before this packet of the current layer.
  void resume_at(std::int64_t sequence);
  /// Which packet left as the outgoing sequence number with these low 16 bits, if that was lately.
  std::optional<Origin> origin(std::uint16_t sequence) const;

  std::int64_t next_out() const { return sequences_.next_out(); }

 private:
  static constexpr std::size_t kEpochs = 8;

  std::array<Epoch, kEpochs> epochs_{};
  std::size_t epoch_count_ = 0;
  Renumbering sequences_;
};

}  // namespace vis::media::sfu
