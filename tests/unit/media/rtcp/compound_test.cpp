#include "media/rtcp/compound.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace vis::media::rtcp {
namespace {

ByteVector compound_of_three() {
  std::array<std::uint8_t, 512> buffer{};
  ByteWriter writer{buffer};
  EXPECT_TRUE(ReceiverReport::write(writer, 1, std::array{ReportBlock{.ssrc = 9}}));
  EXPECT_TRUE(SourceDescription::write(writer, 1, "someone"));
  EXPECT_TRUE(PictureLossIndication::write(writer, {.sender = 1, .media = 9}));
  return {writer.written().begin(), writer.written().end()};
}

std::vector<std::size_t> kinds(const Compound& compound) {
  std::vector<std::size_t> kinds;
  for (const Message& message : compound) kinds.push_back(message.index());
  return kinds;
}

TEST(Compound, gives_its_messages_in_order) {
  const ByteVector bytes = compound_of_three();
  const auto compound = Compound::parse(bytes);
  ASSERT_TRUE(compound);
  EXPECT_EQ(kinds(*compound), (std::vector<std::size_t>{1, 2, 5}));
}

TEST(Compound, refuses_every_truncation) {
  const ByteVector bytes = compound_of_three();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const bool at_a_boundary = size == 32 || size == 52;
    EXPECT_EQ(Compound::parse(Bytes{bytes}.first(size)).has_value(), at_a_boundary) << size;
  }
}

TEST(Compound, refuses_four_bytes_that_promise_more) {
  EXPECT_FALSE(Compound::parse(ByteVector{0x80, 200, 0, 6}));
  EXPECT_FALSE(Compound::parse(ByteVector{0x80, 205, 0xFF, 0xFF}));
}

TEST(Compound, refuses_four_bytes_that_lack_their_fixed_fields) {
  for (const std::uint8_t type : ByteVector{200, 201}) {
    EXPECT_FALSE(Compound::parse(ByteVector{0x80, type, 0, 0})) << int{type};
  }
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 205, 0, 0}));
  EXPECT_FALSE(Compound::parse(ByteVector{0x8F, 205, 0, 0}));
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 206, 0, 0}));
  EXPECT_FALSE(Compound::parse(ByteVector{0x84, 206, 0, 0}));
}

TEST(Compound, refuses_another_version) {
  ByteVector bytes = compound_of_three();
  bytes[0] &= 0x7F;
  EXPECT_FALSE(Compound::parse(bytes));
}

TEST(Compound, one_malformed_message_spoils_the_whole) {
  ByteVector bytes = compound_of_three();
  bytes.insert(bytes.end(), {0x82, 201, 0, 1, 0, 0, 0, 1});
  EXPECT_FALSE(Compound::parse(bytes)) << "two report blocks announced, none there";
}

TEST(Compound, skips_what_it_does_not_understand) {
  ByteVector bytes{0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e',  // APP
                   0x80, 207, 0, 1, 0, 0, 0, 1,                      // XR
                   0x83, 205, 0, 2, 0, 0, 0, 1, 0,   0,   0,   2};   // TMMBR
  const auto compound = Compound::parse(bytes);
  ASSERT_TRUE(compound);
  EXPECT_EQ(kinds(*compound), (std::vector<std::size_t>{9, 9, 9}));
}

TEST(Compound, takes_a_reduced_size_packet) {
  EXPECT_TRUE(Compound::parse(ByteVector{0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}));
}

TEST(Compound, cuts_off_padding) {
  const ByteVector bytes{0xA1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4};
  const auto compound = Compound::parse(bytes);
  ASSERT_TRUE(compound);
  EXPECT_EQ(std::get<Goodbye>(*compound->begin()).sources.size(), 1U);
}

TEST(Compound, refuses_padding_longer_than_the_packet_or_zero) {
  EXPECT_FALSE(Compound::parse(ByteVector{0xA0, 203, 0, 1, 0, 0, 0, 5}));
  EXPECT_FALSE(Compound::parse(ByteVector{0xA0, 203, 0, 1, 0, 0, 0, 0}));
  EXPECT_FALSE(Compound::parse(ByteVector{0xA0, 203, 0, 0}));
}

TEST(Compound, refuses_lists_of_broken_length) {
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}))
      << "a NACK of nothing";
  EXPECT_FALSE(Compound::parse(ByteVector{0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}))
      << "half a FIR entry";
  EXPECT_FALSE(Compound::parse(ByteVector{0x82, 203, 0, 1, 0, 0, 0, 1})) << "one source of two";
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 203, 0, 2, 0, 0, 0, 1, 4, 'b', 'y', 'e'}))
      << "a reason that is longer than the packet";
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 3, 'a', 'b'}))
      << "a CNAME that is longer than the packet";
  EXPECT_FALSE(Compound::parse(ByteVector{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b'}))
      << "items without an end";
}

TEST(RtcpDemultiplexing, goes_by_the_packet_type) {
  EXPECT_TRUE(is_rtcp(ByteVector{0x80, 192, 0, 0}));
  EXPECT_TRUE(is_rtcp(ByteVector{0x80, 223, 0, 0}));
  EXPECT_FALSE(is_rtcp(ByteVector{0x80, 191, 0, 0}));
  EXPECT_FALSE(is_rtcp(ByteVector{0x80, 224, 0, 0})) << "RTP with marker, payload type 96";
  EXPECT_FALSE(is_rtcp(ByteVector{0x80, 200, 0}));
}

}  // namespace
}  // namespace vis::media::rtcp
