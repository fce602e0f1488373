#include "media/rtp/dependency_descriptor.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace vis::media::rtp {
namespace {

/// Bits written as text, spaces for the reader; padded with zeros to a byte.
ByteVector bits(std::string_view text) {
  ByteVector bytes;
  std::size_t count = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (count % 8 == 0) bytes.push_back(0);
    if (c == '1') bytes.back() |= static_cast<std::uint8_t>(0x80 >> (count % 8));
    ++count;
  }
  return bytes;
}

// L2T2 with two decode targets: start of frame, template 6, frame 1; structure attached.
constexpr std::string_view kMandatory = "1 0 000110 0000000000000001 ";
constexpr std::string_view kFlags = "1 0 0 0 0 ";
constexpr std::string_view kHead = "000101 00001 ";   // template_id_offset 5, two decode targets
constexpr std::string_view kLayers = "01 10 01 11 ";  // S0T0, S0T1, S1T0, S1T1
constexpr std::string_view kIndications = "10 10  00 01  10 10  00 01 ";
constexpr std::string_view kDiffs = "0  1 0000 0  1 0001 1 0010 0  0 ";
constexpr std::string_view kChains = "10  0000 0001 0010 0011 ";  // one chain: ns(3) = 1
constexpr std::string_view kResolutions =
    "1 0000000100111111 0000000010110011 0000001001111111 0000000101100111";

ByteVector key_frame() {
  std::string text;
  for (const auto part : {kMandatory, kFlags, kHead, kLayers, kIndications, kDiffs, kChains}) {
    text += part;
  }
  return bits(text + std::string{kResolutions});
}

TEST(DependencyDescriptor, reads_the_mandatory_fields) {
  DependencyStructure structure;
  const auto descriptor = DependencyDescriptor::parse(ByteVector{0x85, 0x12, 0x34}, structure);
  ASSERT_TRUE(descriptor);
  EXPECT_TRUE(descriptor->start_of_frame);
  EXPECT_FALSE(descriptor->end_of_frame);
  EXPECT_EQ(descriptor->template_id, 5);
  EXPECT_EQ(descriptor->frame_number, 0x1234);
  EXPECT_FALSE(descriptor->starts_key_frame());
}

TEST(DependencyDescriptor, reads_the_attached_structure) {
  DependencyStructure structure;
  const auto descriptor = DependencyDescriptor::parse(key_frame(), structure);
  ASSERT_TRUE(descriptor);
  EXPECT_TRUE(descriptor->starts_key_frame());
  EXPECT_EQ(structure.template_count, 4);
  EXPECT_EQ(structure.decode_target_count, 2);
  EXPECT_EQ(structure.chain_count, 1);
  EXPECT_EQ(structure.max_spatial_id, 1);
  EXPECT_EQ(structure.max_temporal_id, 1);
  EXPECT_EQ(structure.decode_targets[0], (DependencyTemplate{.spatial_id = 1, .temporal_id = 0}));
  EXPECT_EQ(structure.decode_targets[1], (DependencyTemplate{.spatial_id = 1, .temporal_id = 1}));
  ASSERT_TRUE(structure.has_resolutions);
  EXPECT_EQ(structure.resolutions[0][0], 320U);
  EXPECT_EQ(structure.resolutions[1][1], 360U);
}

TEST(DependencyDescriptor, finds_the_layer_of_a_frame_by_its_template) {
  DependencyStructure structure;
  ASSERT_TRUE(DependencyDescriptor::parse(key_frame(), structure));
  EXPECT_EQ(structure.find(5), (DependencyTemplate{.spatial_id = 0, .temporal_id = 0}));
  EXPECT_EQ(structure.find(6), (DependencyTemplate{.spatial_id = 0, .temporal_id = 1}));
  EXPECT_EQ(structure.find(8), (DependencyTemplate{.spatial_id = 1, .temporal_id = 1}));
  EXPECT_FALSE(structure.find(9));
  EXPECT_FALSE(structure.find(4));
}

TEST(DependencyDescriptor, template_ids_wrap_at_64) {
  DependencyStructure structure{.template_id_offset = 62, .template_count = 4};
  structure.templates[3] = {.spatial_id = 2, .temporal_id = 1};
  EXPECT_EQ(structure.find(1), structure.templates[3]);
  EXPECT_FALSE(structure.find(2));
}

TEST(DependencyDescriptor, reads_active_decode_targets_with_the_structure_of_before) {
  DependencyStructure structure;
  const ByteVector later = bits("1 1 000110 0000000000000010  0 1 0 0 0  01");
  EXPECT_FALSE(DependencyDescriptor::parse(later, structure)) << "how many bits is not known yet";
  ASSERT_TRUE(DependencyDescriptor::parse(key_frame(), structure));
  const auto descriptor = DependencyDescriptor::parse(later, structure);
  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->active_decode_targets, 1U);
  EXPECT_FALSE(descriptor->has_structure);
}

TEST(DependencyDescriptor, every_truncation_fails_and_leaves_the_structure_alone) {
  const ByteVector whole = key_frame();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    DependencyStructure structure{.template_count = 9};
    const auto descriptor = DependencyDescriptor::parse(Bytes{whole}.first(size), structure);
    EXPECT_EQ(descriptor.has_value(), size == 3) << size;
    EXPECT_EQ(structure.template_count, 9);
  }
}

/// A structure with these template layers, one decode target and nothing else.
ByteVector structure_with_layers(const std::string& layers, std::size_t templates) {
  std::string text = std::string{kMandatory} + "1 0 0 0 0 " + "000000 00000 " + layers;
  for (std::size_t i = 0; i < templates; ++i) text += "10";
  for (std::size_t i = 0; i < templates; ++i) text += "0";
  return bits(text + "0 0");
}

std::string repeated(std::string_view next, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += next;
  return text;
}

TEST(DependencyDescriptor, takes_64_templates_and_refuses_one_more) {
  DependencyStructure structure;
  EXPECT_TRUE(DependencyDescriptor::parse(
      structure_with_layers(repeated("00", limits::kDependencyTemplates - 1) + "11",
                            limits::kDependencyTemplates),
      structure));
  EXPECT_EQ(structure.template_count, limits::kDependencyTemplates);
  EXPECT_FALSE(DependencyDescriptor::parse(
      structure_with_layers(repeated("00", limits::kDependencyTemplates) + "11",
                            limits::kDependencyTemplates + 1),
      structure));
}

TEST(DependencyDescriptor, takes_four_spatial_layers_and_refuses_one_more) {
  DependencyStructure structure;
  EXPECT_TRUE(DependencyDescriptor::parse(structure_with_layers("10101011", 4), structure));
  EXPECT_EQ(structure.max_spatial_id, limits::kSpatialLayers - 1);
  EXPECT_FALSE(DependencyDescriptor::parse(structure_with_layers("1010101011", 5), structure));
}

TEST(DependencyDescriptor, takes_eight_temporal_layers_and_refuses_one_more) {
  DependencyStructure structure;
  EXPECT_TRUE(
      DependencyDescriptor::parse(structure_with_layers(repeated("01", 7) + "11", 8), structure));
  EXPECT_EQ(structure.max_temporal_id, limits::kTemporalLayers - 1);
  EXPECT_FALSE(
      DependencyDescriptor::parse(structure_with_layers(repeated("01", 8) + "11", 9), structure));
}

TEST(DependencyDescriptor, a_structure_comes_only_with_the_start_of_a_frame) {
  DependencyStructure structure;
  ByteVector bytes = key_frame();
  bytes[0] &= 0x7F;
  EXPECT_FALSE(DependencyDescriptor::parse(bytes, structure));
  EXPECT_EQ(structure.template_count, 0);
}

}  // namespace
}  // namespace vis::media::rtp
