#include "media/dtls/record.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace vis::media::dtls {
namespace {

TEST(DtlsRecord, is_read_one_after_another) {
  const ByteVector datagram = *hex_decode(
      "16fefd00010000000000050002aabb"
      "17feff00000001000000010000");
  ByteReader reader{datagram};
  const auto first = Record::parse(reader);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->type, ContentType::Handshake);
  EXPECT_EQ(first->epoch, 1);
  EXPECT_EQ(first->sequence, 5U);
  EXPECT_EQ(first->bytes.size(), 15U);
  const auto second = Record::parse(reader);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->type, ContentType::ApplicationData);
  EXPECT_EQ(second->sequence, 0x000100000001U);
  EXPECT_TRUE(reader.at_end());
}

TEST(DtlsRecord, refuses_other_types_versions_and_lengths_that_lie) {
  for (const std::string_view hex :
       {"13fefd00000000000000000000", "18fefd00000000000000000000", "16030300000000000000000000",
        "16fefd00000000000000000001", "16fefd0000000000000000ffff00", "16fefd000000000000000000"}) {
    const ByteVector datagram = *hex_decode(hex);
    ByteReader reader{datagram};
    EXPECT_FALSE(Record::parse(reader).has_value()) << hex;
  }
}

TEST(DtlsRecord, is_told_from_other_protocols_by_its_first_byte) {
  ByteVector datagram(13);
  for (int first = 0; first < 256; ++first) {
    datagram[0] = static_cast<std::uint8_t>(first);
    EXPECT_EQ(looks_like_dtls(datagram), first >= 20 && first <= 63) << first;
  }
  datagram[0] = 22;
  EXPECT_FALSE(looks_like_dtls(Bytes(datagram).first(12)));
}

}  // namespace
}  // namespace vis::media::dtls
