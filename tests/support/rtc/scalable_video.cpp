#include "support/rtc/scalable_video.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace vis::test {

/// Bits one after the other, as the dependency descriptor is written.
class BitText final {
 public:
  void f(std::size_t count, std::uint32_t value) {
    for (std::size_t i = count; i-- > 0;) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      if (((value >> i) & 1U) != 0) {
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (0x80U >> (used_ % 8)));
      }
      ++used_;
    }
  }
  const ByteVector& bytes() const { return bytes_; }

 private:
  ByteVector bytes_;
  std::size_t used_ = 0;
};

namespace {

enum Indication : std::uint8_t { NotPresent, Discardable, Switch, Required };

/// Per spatial layer: the key picture, then each temporal layer.
std::uint8_t templates_per_spatial(const ScalabilityMode& mode) {
  return static_cast<std::uint8_t>(mode.temporal + 1);
}

struct TemplateFrame {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  bool key = false;
};

std::uint8_t indication(const ScalabilityMode& mode, const TemplateFrame& frame,
                        std::uint8_t spatial, std::uint8_t temporal) {
  if (spatial < frame.spatial || temporal < frame.temporal) return NotPresent;
  if (spatial == frame.spatial) {
    return temporal == frame.temporal && temporal != 0 ? Discardable : Switch;
  }
  if (frame.key) return Switch;
  return mode.key_only ? NotPresent : Required;
}

/// T0 T2 T1 T2, T0 T1 or T0 alone: the layer of each picture, and how far back it refers.
struct Step {
  std::uint8_t temporal;
  std::uint8_t refers_back;
};
constexpr Step kThree[] = {{0, 4}, {2, 1}, {1, 2}, {2, 1}};
constexpr Step kTwo[] = {{0, 2}, {1, 1}};

Step step_of(std::uint8_t temporal_layers, std::uint8_t phase) {
  if (temporal_layers == 3) return kThree[phase % 4];
  if (temporal_layers == 2) return kTwo[phase % 2];
  return {0, 1};
}

}  // namespace

FrameLabel FrameLabel::read(Bytes payload) {
  VIS_ASSERT(payload.size() >= kBytes);
  const Bytes end = payload.last(kBytes);
  return {.picture = static_cast<std::uint16_t>(end[0] << 8 | end[1]),
          .spatial = end[2],
          .temporal = end[3],
          .refers_back = end[4],
          .refers_down = end[5] != 0,
          .packet = end[6],
          .packets = end[7]};
}

void FrameLabel::append_to(ByteVector& payload) const {
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(picture >> 8),
                                static_cast<std::uint8_t>(picture),
                                spatial,
                                temporal,
                                refers_back,
                                static_cast<std::uint8_t>(refers_down ? 1 : 0),
                                packet,
                                packets};
  payload.insert(payload.end(), std::begin(bytes), std::end(bytes));
}

void ScalableEncoder::next_picture(bool key) {
  key_ = key;
  ++picture_;
  phase_ = key ? std::uint8_t{0} : static_cast<std::uint8_t>(phase_ + 1);
  if (step_of(mode_.temporal, phase_).temporal == 0) ++tl0_;
}

std::vector<ScalablePacket> ScalableEncoder::encode(bool key, std::size_t packets) {
  next_picture(key);
  const Step step = step_of(mode_.temporal, phase_);
  const std::uint8_t layers = std::min(mode_.spatial, active_);
  std::vector<ScalablePacket> out;
  for (std::uint8_t spatial = 0; spatial < layers; ++spatial) {
    FrameLabel label{.picture = picture_,
                     .spatial = spatial,
                     .temporal = step.temporal,
                     .refers_back = key ? std::uint8_t{0} : step.refers_back,
                     .refers_down = spatial > 0 && (key || !mode_.key_only),
                     .packet = 0,
                     .packets = static_cast<std::uint8_t>(packets)};
    ++frame_;
    for (std::size_t i = 0; i < packets; ++i) {
      label.packet = static_cast<std::uint8_t>(i);
      ScalablePacket& packet = out.emplace_back();
      if (marking_ != LayerMarking::Vp9) {
        packet.dependency_descriptor = dependency_descriptor(label, i == 0 && spatial == 0);
      }
      // An AV1 aggregation header that tells nothing, where it is no VP9.
      packet.payload =
          marking_ == LayerMarking::DependencyDescriptor ? ByteVector{0x10} : vp9_descriptor(label);
      label.append_to(packet.payload);
      packet.marker = spatial + 1 == layers && i + 1 == packets;
    }
  }
  tell_active_ = false;
  return out;
}

ByteVector ScalableEncoder::vp9_descriptor(const FrameLabel& label) const {
  const bool first = label.packet == 0;
  const bool last = label.packet + 1 == label.packets;
  const bool structure = key_ && first && label.spatial == 0;
  const bool not_reference = label.spatial + 1 == mode_.spatial || (mode_.key_only && !key_);
  std::uint8_t flags = 0x80 | 0x20;
  if (!key_) flags |= 0x40;
  if (first) flags |= 0x08;
  if (last) flags |= 0x04;
  if (structure) flags |= 0x02;
  if (not_reference) flags |= 0x01;
  const auto layer = static_cast<std::uint8_t>(label.temporal << 5 | 0x10 | label.spatial << 1 |
                                               (label.refers_down ? 1 : 0));
  ByteVector descriptor{flags, static_cast<std::uint8_t>(0x80 | (picture_ >> 8 & 0x7F)),
                        static_cast<std::uint8_t>(picture_), layer, tl0_};
  const std::uint8_t layers = std::min(mode_.spatial, active_);
  if (structure) descriptor.push_back(static_cast<std::uint8_t>((layers - 1) << 5));
  return descriptor;
}

std::uint8_t ScalableEncoder::template_of(std::uint8_t spatial, std::uint8_t temporal) const {
  const int within = key_ ? 0 : temporal + 1;
  return static_cast<std::uint8_t>(spatial * templates_per_spatial(mode_) + within);
}

void ScalableEncoder::write_structure(BitText& bits) const {
  const auto targets = static_cast<std::uint32_t>(mode_.spatial * mode_.temporal);
  bits.f(6, 0);
  bits.f(5, targets - 1);
  std::vector<TemplateFrame> frames;
  for (std::uint8_t spatial = 0; spatial < mode_.spatial; ++spatial) {
    frames.push_back({.spatial = spatial, .temporal = 0, .key = true});
    for (std::uint8_t temporal = 0; temporal < mode_.temporal; ++temporal) {
      frames.push_back({.spatial = spatial, .temporal = temporal});
    }
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i + 1 == frames.size()) {
      bits.f(2, 3);
    } else if (frames[i + 1].spatial != frames[i].spatial) {
      bits.f(2, 2);
    } else {
      bits.f(2, frames[i + 1].temporal != frames[i].temporal ? 1 : 0);
    }
  }
  for (const TemplateFrame& frame : frames) {
    for (std::uint8_t spatial = 0; spatial < mode_.spatial; ++spatial) {
      for (std::uint8_t temporal = 0; temporal < mode_.temporal; ++temporal) {
        bits.f(2, indication(mode_, frame, spatial, temporal));
      }
    }
  }
  for (std::size_t i = 0; i < frames.size(); ++i) bits.f(1, 0);          // No frame differences.
  bits.f(static_cast<std::size_t>(std::bit_width(targets + 1)) - 1, 0);  // No chains.
  bits.f(1, 0);                                                          // No resolutions.
}

ByteVector ScalableEncoder::dependency_descriptor(const FrameLabel& label, bool whole) const {
  const bool last = label.packet + 1 == label.packets;
  BitText bits;
  bits.f(1, label.packet == 0 ? 1 : 0);
  bits.f(1, last ? 1 : 0);
  bits.f(6, template_of(label.spatial, label.temporal));
  bits.f(16, frame_);
  const bool structure = key_ && whole;
  // A new structure means all of its decode targets, unless it is said that they are fewer.
  const bool active = whole && (tell_active_ || (structure && active_ < mode_.spatial));
  if (!structure && !active) return bits.bytes();
  bits.f(1, structure ? 1 : 0);
  bits.f(1, active ? 1 : 0);
  bits.f(3, 0);
  if (structure) write_structure(bits);
  const std::size_t targets = std::size_t{mode_.spatial} * mode_.temporal;
  for (std::size_t target = targets; active && target-- > 0;) {
    bits.f(1, target / mode_.temporal < active_ ? 1 : 0);
  }
  return bits.bytes();
}

void ScalableDecoder::take(const FrameLabel& label, bool marker) {
  const std::int64_t picture = numbers_.unwrap(label.picture);
  newest_ = std::max(newest_, picture);
  Frame& frame = waiting_[picture][label.spatial];
  frame.label = label;
  frame.packets.insert(label.packet);
  if (marker) frame.markers.insert(label.packet);
}

void ScalableDecoder::decode(std::int64_t lag) {
  while (!waiting_.empty() && waiting_.begin()->first <= newest_ - lag) {
    decode(waiting_.begin()->first, waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}

void ScalableDecoder::decode(std::int64_t number, const Picture& picture) {
  const Frame* best = nullptr;
  std::size_t markers = 0;
  for (const auto& [spatial, frame] : picture) {
    const FrameLabel& label = frame.label;
    markers += frame.markers.size();
    const bool whole = frame.packets.size() == label.packets;
    const bool has_past =
        label.refers_back == 0 || decoded_.contains({number - label.refers_back, spatial});
    const bool has_below =
        !label.refers_down || decoded_.contains({number, static_cast<std::uint8_t>(spatial - 1)});
    if (!whole || !has_past || !has_below) {
      ++broken_;
      continue;
    }
    decoded_.insert({number, spatial});
    best = &frame;
  }
  if (best == nullptr) return;
  ++shown_.at(best->label.spatial);
  ++by_temporal_.at(best->label.temporal);
  const auto last = static_cast<std::uint8_t>(best->label.packets - 1);
  if (markers != 1 || !best->markers.contains(last)) ++misplaced_markers_;
}

void ScalableDecoder::forget() {
  shown_ = {};
  by_temporal_ = {};
  broken_ = misplaced_markers_ = 0;
}

}  // namespace vis::test
