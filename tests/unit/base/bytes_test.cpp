#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vis {
namespace {

TEST(ByteReader, reads_big_endian_fields_in_order) {
  const std::array<std::uint8_t, 10> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  ByteReader reader{bytes};
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u24(), 0x040506U);
  EXPECT_EQ(reader.u32(), 0x0708090AU);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, a_read_past_the_end_gives_zero_and_fails_for_good) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader{bytes};
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.take(1).empty());
}

TEST(ByteWriter, writes_what_a_reader_reads) {
  std::array<std::uint8_t, 16> buffer{};
  ByteWriter writer{buffer};
  writer.u16(0);
  writer.u64(0x0102030405060708U);
  writer.bytes(std::array<std::uint8_t, 2>{9, 10});
  writer.patch_u16(0, 0xABCD);
  EXPECT_TRUE(writer.ok());
  ByteReader reader{writer.written()};
  EXPECT_EQ(reader.u16(), 0xABCD);
  EXPECT_EQ(reader.u64(), 0x0102030405060708U);
  EXPECT_EQ(reader.u16(), 0x090A);
}

TEST(ByteWriter, a_write_that_does_not_fit_is_dropped_whole) {
  std::array<std::uint8_t, 3> buffer{};
  ByteWriter writer{buffer};
  writer.u32(0xFFFFFFFF);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 0U);
  EXPECT_EQ(buffer, (std::array<std::uint8_t, 3>{}));
}

}  // namespace
}  // namespace vis
