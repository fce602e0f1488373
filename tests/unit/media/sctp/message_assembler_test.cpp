#include "media/sctp/message_assembler.hpp"

#include <gtest/gtest.h>

#include "base/limits/media_sctp.hpp"

namespace vis::media::sctp {
namespace {

TEST(MessageAssembler, gives_a_message_with_its_last_piece) {
  MessageAssembler assembler;
  EXPECT_EQ(assembler.add(1, as_bytes("ab"), false).value(), std::nullopt);
  EXPECT_EQ(assembler.add(2, as_bytes("xy"), true).value(), (ByteVector{'x', 'y'}));
  EXPECT_EQ(assembler.add(1, as_bytes("cd"), true).value(), (ByteVector{'a', 'b', 'c', 'd'}));
  EXPECT_EQ(assembler.held_bytes(), 0U);
}

TEST(MessageAssembler, forgets_a_message_that_will_not_be_completed) {
  MessageAssembler assembler;
  ASSERT_TRUE(assembler.add(1, as_bytes("ab"), false));
  assembler.drop(1);
  assembler.drop(2);
  EXPECT_EQ(assembler.held_bytes(), 0U);
  EXPECT_EQ(assembler.add(1, as_bytes("cd"), true).value(), (ByteVector{'c', 'd'}));
}

TEST(MessageAssembler, limits_a_message) {
  MessageAssembler assembler;
  const ByteVector largest(limits::kSctpMessageBytes);
  EXPECT_TRUE(assembler.add(1, largest, true));
  ASSERT_TRUE(assembler.add(1, largest, false));
  EXPECT_EQ(assembler.add(1, as_bytes("x"), true).error().code, Errc::LimitExceeded);
  EXPECT_EQ(assembler.held_bytes(), 0U);
}

TEST(MessageAssembler, limits_what_all_streams_have_begun) {
  MessageAssembler assembler;
  const ByteVector largest(limits::kSctpMessageBytes);
  std::uint16_t stream = 0;
  while (assembler.held_bytes() < limits::kSctpReassemblyBytes) {
    ASSERT_TRUE(assembler.add(stream++, largest, false));
  }
  EXPECT_EQ(assembler.add(stream, as_bytes("x"), false).error().code, Errc::LimitExceeded);
  EXPECT_TRUE(assembler.add(0, {}, true));
  EXPECT_TRUE(assembler.add(stream, as_bytes("x"), false));
}

}  // namespace
}  // namespace vis::media::sctp
