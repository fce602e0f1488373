#include "media/rtp/dependency_descriptor.hpp"

#include <algorithm>
#include <bit>

#include "base/byte_order.hpp"

namespace vis::media::rtp {
namespace {

constexpr std::uint32_t kTemplateIds = 64;

/// Bit-wise reader in the notation of the specification: f(n) and ns(n). A read past the end
/// gives zero and fails for good.
class BitReader final {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  void fail() { ok_ = false; }

  std::uint32_t f(std::size_t count) {
    if (!ok_ || at_ + count > bytes_.size() * 8) {
      ok_ = false;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      value = (value << 1) | ((bytes_[at_ / 8] >> (7 - at_ % 8)) & 1U);
    }
    return value;
  }
  bool flag() { return f(1) != 0; }

  /// A value below `count` in as few bits as it takes (appendix A.8.1).
  std::uint32_t ns(std::uint32_t count) {
    const auto bits = static_cast<std::size_t>(std::bit_width(count));
    const std::uint32_t short_values = (1U << bits) - count;
    const std::uint32_t value = f(bits - 1);
    if (value < short_values) return value;
    return (value << 1) - short_values + f(1);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void parse_template_layers(BitReader& bits, DependencyStructure& structure) {
  enum NextLayer : std::uint8_t { Same, NextTemporal, NextSpatial, NoMore };
  DependencyTemplate layer;
  std::uint32_t next = Same;
  do {
    if (structure.template_count == structure.templates.size()) return bits.fail();
    structure.templates[structure.template_count++] = layer;
    next = bits.f(2);
    if (next == NextTemporal) {
      ++layer.temporal_id;
    } else if (next == NextSpatial) {
      layer.temporal_id = 0;
      ++layer.spatial_id;
    }
    if (layer.temporal_id >= limits::kTemporalLayers) return bits.fail();
    if (layer.spatial_id >= limits::kSpatialLayers) return bits.fail();
    structure.max_temporal_id = std::max(structure.max_temporal_id, layer.temporal_id);
  } while (next != NoMore && bits.ok());
  structure.max_spatial_id = layer.spatial_id;
}

/// Decode target indications, two bits each (appendix A.8.3).
enum Indication : std::uint8_t { NotPresent, Discardable, Switch, Required };

/// What one frame or template is to each decode target, one bit for each.
struct RawIndications {
  std::uint32_t present = 0;
  std::uint32_t switches = 0;
};

RawIndications read_indications(BitReader& bits, std::size_t targets) {
  RawIndications raw;
  for (std::size_t target = 0; target < targets; ++target) {
    const std::uint32_t indication = bits.f(2);
    if (indication != NotPresent) raw.present |= 1U << target;
    if (indication == Switch) raw.switches |= 1U << target;
  }
  return raw;
}

FrameIndications by_layer(const DependencyStructure& structure, const RawIndications& raw) {
  return {.present = structure.layers_of(raw.present),
          .switches = structure.layers_of(raw.switches)};
}

/// Tells which template is in which decode target. A target's layer is the highest one present in
/// it, so it is known only when all have been read.
void parse_template_indications(BitReader& bits, DependencyStructure& structure) {
  std::array<RawIndications, limits::kDependencyTemplates> raw;
  for (std::size_t i = 0; i < structure.template_count; ++i) {
    const DependencyTemplate& layer = structure.templates[i];
    raw[i] = read_indications(bits, structure.decode_target_count);
    for (std::size_t target = 0; target < structure.decode_target_count; ++target) {
      if (((raw[i].present >> target) & 1U) == 0) continue;
      DependencyTemplate& highest = structure.decode_targets[target];
      highest.spatial_id = std::max(highest.spatial_id, layer.spatial_id);
      highest.temporal_id = std::max(highest.temporal_id, layer.temporal_id);
    }
  }
  for (std::size_t i = 0; i < structure.template_count; ++i) {
    structure.indications[i] = by_layer(structure, raw[i]);
  }
}

void skip_template_frame_diffs(BitReader& bits, const DependencyStructure& structure) {
  for (std::size_t i = 0; i < structure.template_count; ++i) {
    while (bits.flag()) bits.f(4);
  }
}

void skip_template_chains(BitReader& bits, DependencyStructure& structure) {
  const std::uint32_t chains = bits.ns(structure.decode_target_count + 1U);
  structure.chain_count = static_cast<std::uint8_t>(chains);
  if (chains == 0) return;
  for (std::size_t target = 0; target < structure.decode_target_count; ++target) bits.ns(chains);
  for (std::size_t i = 0; i < structure.template_count * std::size_t{chains}; ++i) bits.f(4);
}

void parse_resolutions(BitReader& bits, DependencyStructure& structure) {
  structure.has_resolutions = bits.flag();
  if (!structure.has_resolutions) return;
  for (std::size_t spatial = 0; spatial <= structure.max_spatial_id; ++spatial) {
    structure.resolutions[spatial] = {bits.f(16) + 1, bits.f(16) + 1};
  }
}

DependencyStructure parse_structure(BitReader& bits) {
  DependencyStructure structure;
  structure.template_id_offset = static_cast<std::uint8_t>(bits.f(6));
  structure.decode_target_count = static_cast<std::uint8_t>(bits.f(5) + 1);
  parse_template_layers(bits, structure);
  parse_template_indications(bits, structure);
  skip_template_frame_diffs(bits, structure);
  skip_template_chains(bits, structure);
  parse_resolutions(bits, structure);
  return structure;
}

/// A packet of so many frames ago is late; one of more is of a stream that counts afresh.
constexpr std::uint16_t kLateFrames = 256;

bool is_late(const DependencyDescriptor& descriptor, const DependencyStructure& structure) {
  const auto behind = static_cast<std::uint16_t>(structure.frame_number - descriptor.frame_number);
  return structure.template_count != 0 && behind != 0 && behind <= kLateFrames;
}

void find_layers(DependencyDescriptor& descriptor, const DependencyStructure& structure) {
  const auto index = structure.index_of(descriptor.template_id);
  if (!index) return;
  descriptor.has_layers = true;
  descriptor.spatial_id = structure.templates[*index].spatial_id;
  descriptor.temporal_id = structure.templates[*index].temporal_id;
  descriptor.indications = structure.indications[*index];
}

/// Which of the optional fields follow.
struct ExtendedFields {
  bool active_targets = false;
  bool indications = false;
};

bool read_extended(BitReader& bits, const ExtendedFields& fields,
                   const DependencyStructure& structure, DependencyDescriptor& descriptor) {
  const std::size_t targets = structure.decode_target_count;
  if (fields.active_targets) {
    if (targets == 0) return false;
    descriptor.active_decode_targets = bits.f(targets);
  }
  find_layers(descriptor, structure);
  if (fields.indications && descriptor.has_layers) {
    descriptor.indications = by_layer(structure, read_indications(bits, targets));
  }
  return bits.ok();
}

void note_active(const DependencyDescriptor& descriptor, DependencyStructure& structure) {
  if (!descriptor.active_decode_targets || is_late(descriptor, structure)) return;
  structure.active = structure.layers_of(*descriptor.active_decode_targets);
  structure.frame_number = descriptor.frame_number;
}

}  // namespace

std::optional<std::size_t> DependencyStructure::index_of(std::uint8_t template_id) const {
  const std::size_t index = (template_id + kTemplateIds - template_id_offset) % kTemplateIds;
  if (index >= template_count) return std::nullopt;
  return index;
}

std::optional<DependencyTemplate> DependencyStructure::find(std::uint8_t template_id) const {
  const auto index = index_of(template_id);
  if (!index) return std::nullopt;
  return templates[*index];
}

LayerSet DependencyStructure::layers_of(std::uint32_t targets) const {
  LayerSet layers = 0;
  for (std::size_t target = 0; target < decode_target_count; ++target) {
    if (((targets >> target) & 1U) == 0) continue;
    layers |= layer_bit(decode_targets[target].spatial_id, decode_targets[target].temporal_id);
  }
  return layers;
}

std::optional<DependencyDescriptor> DependencyDescriptor::parse(Bytes element,
                                                                DependencyStructure& structure) {
  if (element.size() < kMandatoryBytes) return std::nullopt;
  DependencyDescriptor descriptor;
  descriptor.start_of_frame = (element[0] & 0x80) != 0;
  descriptor.end_of_frame = (element[0] & 0x40) != 0;
  descriptor.template_id = element[0] & 0x3F;
  descriptor.frame_number = load_be<std::uint16_t>(element.data() + kFrameNumberAt);
  if (element.size() == kMandatoryBytes) {
    find_layers(descriptor, structure);
    return descriptor;
  }

  BitReader bits{element.subspan(kMandatoryBytes)};
  descriptor.has_structure = bits.flag();
  const ExtendedFields fields{.active_targets = bits.flag(), .indications = bits.flag()};
  // Custom frame differences and chains come last and are not needed to choose layers.
  bits.f(2);
  if (!descriptor.has_structure) {
    if (!read_extended(bits, fields, structure, descriptor)) return std::nullopt;
    note_active(descriptor, structure);
    return descriptor;
  }
  DependencyStructure attached = parse_structure(bits);
  attached.frame_number = descriptor.frame_number;
  attached.active = attached.layers_of(0xFFFF'FFFF);
  if (!descriptor.start_of_frame || !bits.ok() ||
      !read_extended(bits, fields, attached, descriptor)) {
    return std::nullopt;
  }
  note_active(descriptor, attached);
  if (!is_late(descriptor, structure)) structure = attached;
  return descriptor;
}

}  // namespace vis::media::rtp
