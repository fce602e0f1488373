#include "media/rtp/header_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vis::media::rtp {
namespace {

using Slot = std::array<std::uint8_t, limits::kOutgoingHeaderBytes>;

ExtensionMap map_of(std::initializer_list<std::pair<HeaderExtension, std::uint8_t>> ids) {
  ExtensionMap map;
  for (const auto& [kind, id] : ids) EXPECT_TRUE(map.add(kind, id));
  return map;
}

/// A source header with this block of one-byte elements.
struct Source {
  explicit Source(const ByteVector& block, std::uint16_t profile = kOneByteProfile)
      : block_(block), header{.extension_profile = profile, .extension_block = block_} {}

 private:
  ByteVector block_;

 public:
  Header header;
};

PacketView parsed(const Slot& slot, std::size_t size) {
  const auto packet = PacketView::parse(Bytes{slot}.first(size));
  EXPECT_TRUE(packet);
  return *packet;
}

TEST(HeaderWriter, without_extensions_writes_twelve_bytes) {
  Slot slot{};
  const HeaderTemplate shared{ExtensionMap{}};
  const OutgoingHeader own{.payload_type = 96,
                           .marker = true,
                           .sequence = 0xFFFE,
                           .timestamp = 0x01020304,
                           .ssrc = 0xAABBCCDD,
                           .mid = "0"};
  ASSERT_EQ(write_header(shared, own, slot), 12U);
  const PacketView packet = parsed(slot, 12);
  EXPECT_EQ(packet.payload_type(), 96);
  EXPECT_TRUE(packet.marker());
  EXPECT_EQ(packet.sequence(), 0xFFFE);
  EXPECT_EQ(packet.timestamp(), 0x01020304U);
  EXPECT_EQ(packet.ssrc(), 0xAABBCCDDU);
}

TEST(HeaderWriter, writes_the_subscribers_own_elements) {
  const ExtensionMap map = map_of({{HeaderExtension::Mid, 1},
                                   {HeaderExtension::TransportWideCc, 2},
                                   {HeaderExtension::AbsSendTime, 3}});
  const HeaderTemplate shared{map};
  for (const std::string mid : {"a", "ab", "abc", "abcd", "0123456789abcdef"}) {
    Slot slot;
    slot.fill(0xEE);
    const std::size_t size = write_header(
        shared, {.transport_sequence = 0xBEEF, .abs_send_time = 0x123456, .mid = mid}, slot);
    const auto values = ExtensionValues::read(parsed(slot, size).elements(), map);
    EXPECT_EQ(size % 4, 0U);
    EXPECT_EQ(parsed(slot, size).header().size, size);
    EXPECT_EQ(values.mid, mid);
    EXPECT_EQ(values.transport_sequence, 0xBEEF);
    EXPECT_EQ(values.abs_send_time, 0x123456U);
  }
}

TEST(HeaderWriter, a_mid_alone_brings_the_extension_block) {
  const ExtensionMap map = map_of({{HeaderExtension::Mid, 9}});
  Slot slot;
  slot.fill(0xEE);
  const std::size_t size = write_header(HeaderTemplate{map}, {.mid = "video"}, slot);
  EXPECT_EQ(ExtensionValues::read(parsed(slot, size).elements(), map).mid, "video");
}

TEST(HeaderWriter, a_header_without_mid_leaves_none_of_the_one_before) {
  const ExtensionMap map = map_of({{HeaderExtension::Mid, 9}, {HeaderExtension::AbsSendTime, 3}});
  const HeaderTemplate shared{map};
  Slot slot;
  write_header(shared, {.mid = "video"}, slot);
  const std::size_t size = write_header(shared, {}, slot);
  EXPECT_EQ(size, shared.size());
  EXPECT_FALSE(ExtensionValues::read(parsed(slot, size).elements(), map).mid);
}

TEST(HeaderWriter, forwards_end_to_end_elements_under_the_subscribers_ids) {
  const ExtensionMap from = map_of({{HeaderExtension::AudioLevel, 5},
                                    {HeaderExtension::Rid, 6},
                                    {HeaderExtension::VideoOrientation, 7}});
  const ExtensionMap to = map_of({{HeaderExtension::AudioLevel, 1},
                                  {HeaderExtension::Rid, 2},
                                  {HeaderExtension::TransportWideCc, 3}});
  const Source source{{0x50, 0x9E, 0x60, 'q', 0x70, 0x01, 0, 0}};
  Slot slot;
  const HeaderTemplate shared(source.header, from, to);
  const std::size_t size = write_header(shared, {.transport_sequence = 8}, slot);
  const auto values = ExtensionValues::read(parsed(slot, size).elements(), to);
  EXPECT_EQ(values.audio_level, (AudioLevel{.voice = true, .level = 30}));
  EXPECT_EQ(values.transport_sequence, 8);
  EXPECT_FALSE(values.rid) << "a layer's name means nothing to a subscriber";
  EXPECT_FALSE(values.video_orientation) << "not negotiated";
}

TEST(HeaderWriter, an_own_value_replaces_the_sources) {
  const ExtensionMap map = map_of({{HeaderExtension::PlayoutDelay, 4}});
  const Source source{{0x42, 0x00, 0x10, 0x02}};
  const ByteVector zero{0, 0, 0};
  const std::array own{ExtensionValue{.kind = HeaderExtension::PlayoutDelay, .data = zero}};
  Slot slot;
  const std::size_t size = write_header(HeaderTemplate(source.header, map, map, own), {}, slot);
  const PacketView packet = parsed(slot, size);
  EXPECT_EQ(ExtensionValues::read(packet.elements(), map).playout_delay,
            (PlayoutDelay{.min = 0ms, .max = 0ms}));
  EXPECT_EQ(size, 20U);
}

TEST(HeaderWriter, turns_to_the_two_byte_form_for_a_long_element) {
  const ExtensionMap map = map_of({{HeaderExtension::DependencyDescriptor, 12},
                                   {HeaderExtension::TransportWideCc, 3},
                                   {HeaderExtension::Mid, 4}});
  ByteVector block{12, 100};
  for (int i = 0; i < 100; ++i) block.push_back(static_cast<std::uint8_t>(i + 1));
  block.resize(104);
  const Source source{block, kTwoByteProfile};
  Slot slot;
  const std::size_t size = write_header(HeaderTemplate(source.header, map, map),
                                        {.transport_sequence = 77, .mid = "1"}, slot);
  const PacketView packet = parsed(slot, size);
  const auto values = ExtensionValues::read(packet.elements(), map);
  EXPECT_EQ(packet.header().extension_profile, kTwoByteProfile);
  ASSERT_EQ(values.dependency_descriptor.size(), 100U);
  EXPECT_EQ(values.dependency_descriptor[99], 100);
  EXPECT_EQ(values.transport_sequence, 77);
  EXPECT_EQ(values.mid, "1");
}

TEST(HeaderWriter, leaves_out_a_long_element_for_who_takes_one_byte_headers_only) {
  ExtensionMap map = map_of({{HeaderExtension::DependencyDescriptor, 12},
                             {HeaderExtension::TransportWideCc, 3},
                             {HeaderExtension::Mid, 15}});
  map.allow_two_byte(false);
  ByteVector block{12, 17};
  block.resize(20);
  const Source source{block, kTwoByteProfile};
  Slot slot;
  const std::size_t size = write_header(HeaderTemplate(source.header, map, map),
                                        {.transport_sequence = 77, .mid = "1"}, slot);
  const PacketView packet = parsed(slot, size);
  const auto values = ExtensionValues::read(packet.elements(), map);
  EXPECT_EQ(packet.header().extension_profile, kOneByteProfile);
  EXPECT_TRUE(values.dependency_descriptor.empty());
  EXPECT_EQ(values.transport_sequence, 77);
  EXPECT_FALSE(values.mid);
}

TEST(HeaderWriter, uses_the_two_byte_form_for_ids_above_14) {
  const ExtensionMap map =
      map_of({{HeaderExtension::TransportWideCc, 200}, {HeaderExtension::Mid, 201}});
  Slot slot;
  const std::size_t size =
      write_header(HeaderTemplate{map}, {.transport_sequence = 77, .mid = "1"}, slot);
  const auto values = ExtensionValues::read(parsed(slot, size).elements(), map);
  EXPECT_EQ(values.transport_sequence, 77);
  EXPECT_EQ(values.mid, "1");
}

TEST(HeaderWriter, fills_the_header_to_its_limit_and_drops_what_passes_it) {
  const ExtensionMap map = map_of({{HeaderExtension::DependencyDescriptor, 1},
                                   {HeaderExtension::AbsCaptureTime, 2},
                                   {HeaderExtension::Mid, 3}});
  // 12 + 4 bytes of header, 2 + 255 of descriptor, 21 kept for the MID: 26 are left.
  constexpr std::size_t kLeft = limits::kOutgoingHeaderBytes - 16 - 257 - 21;
  static_assert(kLeft == 26);
  const ByteVector descriptor(255, 0xDD);
  for (const std::size_t length : {kLeft - 2, kLeft - 1}) {
    const ByteVector capture_time(length, 0xCC);
    const std::array own{
        ExtensionValue{.kind = HeaderExtension::DependencyDescriptor, .data = descriptor},
        ExtensionValue{.kind = HeaderExtension::AbsCaptureTime, .data = capture_time}};
    Slot slot;
    const std::size_t size =
        write_header(HeaderTemplate(Header{}, map, map, own), {.mid = "0123456789abcdef"}, slot);
    const PacketView packet = parsed(slot, size);
    EXPECT_LE(size, limits::kOutgoingHeaderBytes);
    EXPECT_EQ(packet.element(1)->size(), 255U);
    EXPECT_EQ(packet.element(3)->size(), 16U);
    EXPECT_EQ(packet.element(2).has_value(), length == kLeft - 2);
  }
}

}  // namespace
}  // namespace vis::media::rtp
