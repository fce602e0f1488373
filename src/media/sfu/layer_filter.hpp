#pragma once

#include <cstdint>
#include <utility>

#include "base/limits/media_rtp.hpp"
#include "media/rtp/layer_set.hpp"
#include "media/sfu/payload_inspector.hpp"

namespace vis::media::sfu {

/// Picks the packets of a scalable stream that one subscriber is sent: those of one quality (decode
/// target). Which one is decided when something changes; a packet costs an AND.
///
/// Moves to another quality only where a decoder can follow: at a key frame, at a frame that says
/// so, or, downwards, as soon as no frame of the lower quality has been withheld since (with
/// k-SVC these are withheld, with full SVC they are not).
class LayerFilter final {
 public:
  struct Wish {
    std::uint8_t spatial = limits::kSpatialLayers - 1;
    std::uint8_t temporal = limits::kTemporalLayers - 1;

    friend bool operator==(const Wish&, const Wish&) = default;
  };
  /// The highest layers that are of use. Where they are not there, the nearest ones below serve.
  void want(Wish wish) {
    wish_ = wish;
    wanted_ = choose(offered_, wish_);
  }

  // ---- packet path ----

  /// The stream begins with this packet, which starts a key frame.
  void begin(const LayerMarks& marks);
  bool admits(const LayerMarks& marks) {
    const bool undecided = wanted_ != current_ && marks.starts_frame;
    if (undecided || marks.offered != offered_) [[unlikely]]
      review(marks);
    if ((marks.present & current_) == 0) {
      withheld_ |= marks.present;
      return false;
    }
    withheld_ &= ~marks.switches;
    return true;
  }
  /// Whether the frame is the last one of its picture that the subscriber gets.
  bool ends_picture(const LayerMarks& marks) const {
    return marks.ends_frame && marks.spatial == spatial_;
  }

  /// Whether only a key frame leads to what is wanted.
  bool needs_key_frame() const {
    return (spatial_layer_of(wanted_) & current_) == 0 && (withheld_ & wanted_) != 0;
  }
  /// Whether that has come about by what the publisher offers, since the last call.
  bool take_request() { return std::exchange(asks_, false); }
  /// What is sent.
  std::uint8_t spatial() const { return spatial_; }

 private:
  void review(const LayerMarks& marks);
  void move_to(rtp::LayerSet quality);
  /// The best quality that can be moved to now, up to the wanted one.
  rtp::LayerSet reachable() const;
  static rtp::LayerSet choose(rtp::LayerSet offered, Wish wish);
  static rtp::LayerSet spatial_layer_of(rtp::LayerSet quality);

  Wish wish_;
  rtp::LayerSet offered_ = rtp::layer_bit(0, 0);
  rtp::LayerSet wanted_ = rtp::layer_bit(0, 0);   ///< One bit.
  rtp::LayerSet current_ = rtp::layer_bit(0, 0);  ///< One bit.
  rtp::LayerSet withheld_ = 0;  ///< Qualities of which a frame is missing at the subscriber.
  std::uint8_t spatial_ = 0;    ///< Of the current one.
  bool asks_ = false;
};

}  // namespace vis::media::sfu
