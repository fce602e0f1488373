#include "media/stun/builder.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/limits/media_stun.hpp"
#include "unit/media/stun/vectors.hpp"

namespace vis::media::stun {
namespace {

constexpr TransactionId kId{0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE};

class StunBuilder : public testing::Test {
 protected:
  std::array<std::uint8_t, kMaxBuiltBytes> buffer_{};
  IntegrityKey key_{vectors::kPassword};
};

TEST_F(StunBuilder, writes_a_request_that_reads_back) {
  MessageBuilder builder{buffer_, Class::Request, kId};
  builder.add_username("evtj:h6vY");
  builder.add_priority(0x6E0001FF);
  builder.add_use_candidate();
  builder.add_ice_controlling(0x0123456789ABCDEF);
  const auto message = Message::parse(builder.finish(key_));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->message_class, Class::Request);
  EXPECT_EQ(message->method, Method::Binding);
  EXPECT_EQ(message->transaction_id, kId);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6E0001FFU);
  EXPECT_TRUE(message->use_candidate);
  EXPECT_EQ(message->ice_controlling, 0x0123456789ABCDEFU);
  EXPECT_TRUE(message->verify_integrity(key_));
  EXPECT_TRUE(message->verify_fingerprint());
}

TEST_F(StunBuilder, writes_a_response_with_either_kind_of_address) {
  for (const std::string_view text : {"192.0.2.1:32853", "[2001:db8::77]:9"}) {
    MessageBuilder builder{buffer_, Class::SuccessResponse, kId};
    builder.add_xor_mapped_address(*SocketAddress::parse(text));
    const auto message = Message::parse(builder.finish(key_));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->message_class, Class::SuccessResponse);
    EXPECT_EQ(message->xor_mapped_address, SocketAddress::parse(text));
    EXPECT_TRUE(message->verify_integrity(key_));
  }
}

TEST_F(StunBuilder, mixes_the_address_as_rfc_5769_shows) {
  MessageBuilder builder{buffer_, Class::SuccessResponse, kId};
  builder.add_xor_mapped_address(*SocketAddress::parse("192.0.2.1:32853"));
  EXPECT_NE(hex_encode(builder.finish()).find("002000080001a147e112a643"), std::string::npos);
}

TEST_F(StunBuilder, writes_an_error_response) {
  const std::array<std::uint16_t, 3> unknown{0x7FFE, 0x0030, 0x0031};
  MessageBuilder builder{buffer_, Class::ErrorResponse, kId};
  builder.add_error_code(kUnknownAttribute, "Unknown Attribute");
  builder.add_unknown_attributes(unknown);
  builder.add_ice_controlled(1);
  const auto message = Message::parse(builder.finish(key_));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->message_class, Class::ErrorResponse);
  EXPECT_EQ(message->error_code, kUnknownAttribute);
  EXPECT_EQ(message->ice_controlled, 1U);
  EXPECT_TRUE(message->verify_integrity(key_));
}

TEST_F(StunBuilder, closes_a_message_without_integrity) {
  MessageBuilder builder{buffer_, Class::Indication, kId};
  const auto message = Message::parse(builder.finish());
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->integrity_at.has_value());
  EXPECT_TRUE(message->verify_fingerprint());
}

TEST_F(StunBuilder, has_room_for_the_longest_request_of_an_agent) {
  MessageBuilder builder{buffer_, Class::Request, kId};
  builder.add_username(std::string(limits::kStunUsernameBytes, 'u'));
  builder.add_priority(1);
  builder.add_use_candidate();
  builder.add_ice_controlling(1);
  EXPECT_TRUE(Message::parse(builder.finish(key_)).has_value());
}

TEST_F(StunBuilder, gives_nothing_when_the_buffer_is_too_small) {
  for (std::size_t size = 0; size < 60; ++size) {
    MessageBuilder builder{MutableBytes(buffer_).first(size), Class::Request, kId};
    builder.add_username("user");
    EXPECT_TRUE(builder.finish(key_).empty()) << size;
  }
  MessageBuilder builder{MutableBytes(buffer_).first(60), Class::Request, kId};
  builder.add_username("user");
  EXPECT_EQ(builder.finish(key_).size(), 60U);
}

}  // namespace
}  // namespace vis::media::stun
