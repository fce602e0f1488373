#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "media/rtp/sequence.hpp"

namespace vis::test {

class BitText;

/// A scalability mode of W3C's list: `L{spatial}T{temporal}`, with `_KEY` where upper layers refer
/// to lower ones in key pictures alone.
struct ScalabilityMode {
  std::uint8_t spatial = 1;
  std::uint8_t temporal = 1;
  bool key_only = false;
};

/// How a stream tells its layers.
enum class LayerMarking : std::uint8_t { DependencyDescriptor, Vp9, Both };

/// One packet of a made-up scalable stream.
struct ScalablePacket {
  ByteVector payload;
  ByteVector dependency_descriptor;
  bool marker = false;
};

/// What a packet of a ScalableEncoder says at its end.
struct FrameLabel {
  static constexpr std::size_t kBytes = 8;
  std::uint16_t picture = 0;
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  std::uint8_t refers_back = 0;  ///< To the frame of this layer so many pictures ago; 0: to none.
  bool refers_down = false;      ///< To the spatial layer below.
  std::uint8_t packet = 0;
  std::uint8_t packets = 0;

  bool is_key() const { return refers_back == 0 && !refers_down; }
  static FrameLabel read(Bytes payload);
  void append_to(ByteVector& payload) const;
};

/// Makes pictures as a browser's encoder would, with the references and indications of the mode.
class ScalableEncoder final {
 public:
  ScalableEncoder(ScalabilityMode mode, LayerMarking marking) : mode_(mode), marking_(marking) {}

  /// The packets of the next picture, with `packets` for each spatial layer.
  std::vector<ScalablePacket> encode(bool key, std::size_t packets = 2);
  /// From the next picture on only so many spatial layers are sent.
  void set_active(std::uint8_t spatial_layers) {
    active_ = spatial_layers;
    tell_active_ = true;
  }
  /// As if it had run for long: numbers are near their wraps.
  void start_at(std::uint16_t number) {
    frame_ = number;
    picture_ = number;
  }
  std::uint16_t picture() const { return picture_; }

 private:
  void next_picture(bool key);
  ByteVector vp9_descriptor(const FrameLabel& label) const;
  ByteVector dependency_descriptor(const FrameLabel& label, bool whole) const;
  std::uint8_t template_of(std::uint8_t spatial, std::uint8_t temporal) const;
  void write_structure(BitText& bits) const;

  ScalabilityMode mode_;
  LayerMarking marking_;
  std::uint8_t active_ = 8;
  bool tell_active_ = false;
  bool key_ = true;
  std::uint16_t picture_ = 0;
  std::uint16_t frame_ = 0;
  std::uint8_t phase_ = 0;
  std::uint8_t tl0_ = 0;
};

/// Takes what arrives of such a stream and finds which frames can be decoded.
class ScalableDecoder final {
 public:
  /// A packet, and whether it ends a picture by its marker.
  void take(const FrameLabel& label, bool marker);
  /// Decodes pictures in order, but for the last `lag`, of which packets may still come.
  void decode(std::int64_t lag = 0);

  /// Pictures whose best frame was of this spatial layer.
  std::uint64_t shown(std::uint8_t spatial) const { return shown_.at(spatial); }
  std::uint64_t shown() const { return shown_[0] + shown_[1] + shown_[2] + shown_[3]; }
  std::uint64_t shown_of_temporal(std::uint8_t temporal) const { return by_temporal_.at(temporal); }
  /// Frames that were whole or begun, and could not be decoded.
  std::uint64_t broken() const { return broken_; }
  /// Pictures whose marker was not on the last packet of their best frame, and there alone.
  std::uint64_t misplaced_markers() const { return misplaced_markers_; }
  void forget();

 private:
  struct Frame {
    FrameLabel label;
    std::set<std::uint8_t> packets;
    std::set<std::uint8_t> markers;
  };
  using Picture = std::map<std::uint8_t, Frame>;
  void decode(std::int64_t number, const Picture& picture);

  media::rtp::Unwrapper<std::uint16_t> numbers_;
  std::int64_t newest_ = 0;
  std::map<std::int64_t, Picture> waiting_;
  std::set<std::pair<std::int64_t, std::uint8_t>> decoded_;
  std::array<std::uint64_t, 4> shown_{};
  std::array<std::uint64_t, 4> by_temporal_{};
  std::uint64_t broken_ = 0;
  std::uint64_t misplaced_markers_ = 0;
};

}  // namespace vis::test
