#include "media/rtp/packet.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vis::media::rtp {
namespace {

ByteVector fixed_header(std::uint8_t first) {
  return {first, 0xE0 | 0x0B, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xAA, 0xBB, 0xCC, 0xDD};
}

ByteVector with(ByteVector bytes, std::initializer_list<std::uint8_t> more) {
  bytes.insert(bytes.end(), more);
  return bytes;
}

std::vector<std::uint8_t> ids(const PacketView& packet) {
  std::vector<std::uint8_t> ids;
  for (const ExtensionElement& element : packet.elements()) ids.push_back(element.id);
  return ids;
}

ByteVector with_block(std::uint16_t profile, ByteVector block) {
  ByteVector bytes = fixed_header(0x90);
  bytes.push_back(static_cast<std::uint8_t>(profile >> 8));
  bytes.push_back(static_cast<std::uint8_t>(profile));
  bytes.push_back(0);
  bytes.push_back(static_cast<std::uint8_t>(block.size() / 4));
  bytes.insert(bytes.end(), block.begin(), block.end());
  bytes.push_back(0x77);
  return bytes;
}

TEST(RtpPacket, reads_the_fixed_header) {
  const ByteVector bytes = with(fixed_header(0x80), {1, 2, 3});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker());
  EXPECT_EQ(packet->payload_type(), 107);
  EXPECT_EQ(packet->sequence(), 0x1234);
  EXPECT_EQ(packet->timestamp(), 0x01020304U);
  EXPECT_EQ(packet->ssrc(), 0xAABBCCDDU);
  EXPECT_EQ(packet->payload().size(), 3U);
  EXPECT_EQ(packet->payload()[0], 1);
}

TEST(RtpPacket, accepts_a_header_without_payload) {
  const ByteVector bytes = fixed_header(0x80);
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->payload().empty());
}

TEST(RtpPacket, refuses_every_truncated_header) {
  ByteVector bytes = with(fixed_header(0x92), {0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 1});
  bytes = with(bytes, {0x10, 0x55, 0, 0});
  ASSERT_TRUE(PacketView::parse(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(PacketView::parse(Bytes{bytes}.first(size))) << size;
  }
}

TEST(RtpPacket, refuses_another_version) {
  EXPECT_FALSE(PacketView::parse(fixed_header(0x40)));
  EXPECT_FALSE(PacketView::parse(fixed_header(0xC0)));
}

TEST(RtpPacket, gives_the_contributing_sources) {
  const ByteVector bytes = with(fixed_header(0x82), {0, 0, 0, 1, 0, 0, 0, 2, 0x99});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->header().csrcs.size(), 8U);
  EXPECT_EQ(packet->header().size, 20U);
  EXPECT_EQ(packet->payload().size(), 1U);
}

TEST(RtpPacket, cuts_off_padding) {
  const ByteVector bytes = with(fixed_header(0xA0), {9, 9, 0, 0, 3});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload().size(), 2U);
  EXPECT_EQ(packet->padding_bytes(), 3U);
}

TEST(RtpPacket, accepts_a_packet_of_padding_alone) {
  const ByteVector bytes = with(fixed_header(0xA0), {0, 0, 3});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->payload().empty());
}

TEST(RtpPacket, refuses_padding_that_exceeds_the_payload_or_is_zero) {
  EXPECT_FALSE(PacketView::parse(with(fixed_header(0xA0), {0, 0, 4})));
  EXPECT_FALSE(PacketView::parse(with(fixed_header(0xA0), {0, 0, 255})));
  EXPECT_FALSE(PacketView::parse(with(fixed_header(0xA0), {0, 0, 0})));
  EXPECT_FALSE(PacketView::parse(fixed_header(0xA0)));
}

TEST(RtpPacket, a_protected_packet_is_not_judged_by_its_padding) {
  EXPECT_TRUE(Header::parse(with(fixed_header(0xA0), {0, 0, 255})));
}

TEST(RtpPacket, walks_one_byte_elements_over_padding) {
  const ByteVector bytes = with_block(0xBEDE, {0x10, 0x55, 0x00, 0x31, 0x66, 0x77, 0x00, 0x00});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(ids(*packet), (std::vector<std::uint8_t>{1, 3}));
  ASSERT_TRUE(packet->element(3));
  EXPECT_EQ(packet->element(3)->size(), 2U);
  EXPECT_EQ((*packet->element(3))[1], 0x77);
  EXPECT_FALSE(packet->element(2));
}

TEST(RtpPacket, walks_two_byte_elements_over_padding) {
  const ByteVector bytes = with_block(0x1000, {0x01, 0x00, 0x00, 0xC8, 0x02, 0x66, 0x77, 0x00});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(ids(*packet), (std::vector<std::uint8_t>{1, 200}));
  EXPECT_TRUE(packet->element(1)->empty());
  EXPECT_EQ(packet->element(200)->size(), 2U);
}

TEST(RtpPacket, ignores_the_application_bits_of_the_two_byte_profile) {
  EXPECT_EQ(ids(*PacketView::parse(with_block(0x100F, {0x07, 0x01, 0x66, 0x00}))),
            (std::vector<std::uint8_t>{7}));
}

TEST(RtpPacket, id_15_ends_a_one_byte_block) {
  const ByteVector bytes = with_block(0xBEDE, {0x10, 0x55, 0xF0, 0x66, 0x20, 0x77, 0x00, 0x00});
  EXPECT_EQ(ids(*PacketView::parse(bytes)), (std::vector<std::uint8_t>{1}));
}

TEST(RtpPacket, an_element_without_id_but_with_a_length_ends_a_one_byte_block) {
  const ByteVector bytes = with_block(0xBEDE, {0x10, 0x55, 0x02, 0x66, 0x20, 0x77, 0x00, 0x00});
  EXPECT_EQ(ids(*PacketView::parse(bytes)), (std::vector<std::uint8_t>{1}));
}

TEST(RtpPacket, an_unknown_profile_has_no_elements_but_a_payload) {
  const ByteVector bytes = with_block(0xABAC, {0x10, 0x55, 0x66, 0x77});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(ids(*packet).empty());
}

TEST(RtpPacket, refuses_an_element_that_overruns_its_block) {
  EXPECT_FALSE(PacketView::parse(with_block(0xBEDE, {0x10, 0x55, 0x33, 0x66})));
  EXPECT_FALSE(PacketView::parse(with_block(0x1000, {0x01, 0x03, 0x66, 0x77})));
  EXPECT_FALSE(PacketView::parse(with_block(0x1000, {0x01, 0x01, 0x66, 0x77})));
}

TEST(RtpPacket, refuses_a_block_longer_than_the_packet) {
  ByteVector bytes = with_block(0xBEDE, {0x10, 0x55, 0, 0});
  bytes[15] = 3;
  EXPECT_FALSE(PacketView::parse(bytes));
  bytes[14] = 0xFF;
  EXPECT_FALSE(PacketView::parse(bytes));
}

}  // namespace
}  // namespace vis::media::rtp
