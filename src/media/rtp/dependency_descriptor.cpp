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

/// Decode target indications (two bits each) tell which template is in which decode target: all
/// but 0, "not present". A target's layer is the highest one present in it.
void parse_template_indications(BitReader& bits, DependencyStructure& structure) {
  for (std::size_t i = 0; i < structure.template_count; ++i) {
    const DependencyTemplate& layer = structure.templates[i];
    for (std::size_t target = 0; target < structure.decode_target_count; ++target) {
      if (bits.f(2) == 0) continue;
      DependencyTemplate& highest = structure.decode_targets[target];
      highest.spatial_id = std::max(highest.spatial_id, layer.spatial_id);
      highest.temporal_id = std::max(highest.temporal_id, layer.temporal_id);
    }
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

}  // namespace

std::optional<DependencyTemplate> DependencyStructure::find(std::uint8_t template_id) const {
  const std::uint32_t index = (template_id + kTemplateIds - template_id_offset) % kTemplateIds;
  if (index >= template_count) return std::nullopt;
  return templates[index];
}

std::optional<DependencyDescriptor> DependencyDescriptor::parse(Bytes element,
                                                                DependencyStructure& structure) {
  if (element.size() < kMandatoryBytes) return std::nullopt;
  DependencyDescriptor descriptor;
  descriptor.start_of_frame = (element[0] & 0x80) != 0;
  descriptor.end_of_frame = (element[0] & 0x40) != 0;
  descriptor.template_id = element[0] & 0x3F;
  descriptor.frame_number = load_be<std::uint16_t>(element.data() + 1);
  if (element.size() == kMandatoryBytes) return descriptor;

  BitReader bits{element.subspan(kMandatoryBytes)};

  descriptor.has_structure = bits.flag();
  const bool has_active_targets = bits.flag();
  // Custom decode target indications, frame differences and chains come last and are not needed
  // to choose layers.
  bits.f(3);
  DependencyStructure attached;
  if (descriptor.has_structure) attached = parse_structure(bits);
  const DependencyStructure& current = descriptor.has_structure ? attached : structure;
  if (has_active_targets) {
    if (current.decode_target_count == 0) return std::nullopt;
    descriptor.active_decode_targets = bits.f(current.decode_target_count);
  }
  if (!bits.ok() || (descriptor.has_structure && !descriptor.start_of_frame)) return std::nullopt;
  if (descriptor.has_structure) structure = attached;
  return descriptor;
}

}  // namespace vis::media::rtp
