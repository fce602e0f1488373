#include "media/stun/message.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "unit/media/stun/vectors.hpp"

namespace vis::media::stun {
namespace {

ByteVector bytes_of(std::string_view hex) { return hex_decode(hex).value(); }

/// A message whose attributes are `attributes` (in hexadecimal), with a right length.
ByteVector message_with(std::string_view attributes, std::string_view type = "0001") {
  ByteVector message = bytes_of(std::string(type) + "00002112a442000102030405060708090a0b");
  const ByteVector tail = bytes_of(attributes);
  message.insert(message.end(), tail.begin(), tail.end());
  message[2] = static_cast<std::uint8_t>(tail.size() >> 8);
  message[3] = static_cast<std::uint8_t>(tail.size());
  return message;
}

std::string hex_of_size(std::size_t size) {
  return hex_encode(
      std::array{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
}

TEST(StunMessage, reads_the_request_of_rfc_5769) {
  const ByteVector datagram = bytes_of(vectors::kRequest);
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->message_class, Class::Request);
  EXPECT_EQ(message->method, Method::Binding);
  EXPECT_EQ(hex_encode(message->transaction_id), "b7e7a701bc34d686fa87dfae");
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6E0001FFU);
  EXPECT_EQ(message->ice_controlled, 0x932FF9B151263B36U);
  EXPECT_FALSE(message->ice_controlling.has_value());
  EXPECT_FALSE(message->use_candidate);
  EXPECT_TRUE(message->unknown_required().empty());
  EXPECT_TRUE(message->verify_fingerprint());
  EXPECT_TRUE(message->verify_integrity(IntegrityKey{vectors::kPassword}));
}

TEST(StunMessage, reads_the_ipv4_response_of_rfc_5769) {
  const ByteVector datagram = bytes_of(vectors::kResponseV4);
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->message_class, Class::SuccessResponse);
  EXPECT_EQ(message->xor_mapped_address, SocketAddress::parse("192.0.2.1:32853"));
  EXPECT_TRUE(message->verify_fingerprint());
  EXPECT_TRUE(message->verify_integrity(IntegrityKey{vectors::kPassword}));
}

TEST(StunMessage, reads_the_ipv6_response_of_rfc_5769) {
  const ByteVector datagram = bytes_of(vectors::kResponseV6);
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->xor_mapped_address,
            SocketAddress::parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
  EXPECT_TRUE(message->verify_fingerprint());
  EXPECT_TRUE(message->verify_integrity(IntegrityKey{vectors::kPassword}));
}

TEST(StunMessage, refuses_the_integrity_of_another_password) {
  const ByteVector datagram = bytes_of(vectors::kRequest);
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->verify_integrity(IntegrityKey{"VOkJxbRl1RmTxUk/WvJxBT"}));
  EXPECT_FALSE(message->verify_integrity(IntegrityKey{""}));
}

TEST(StunMessage, notices_any_flipped_bit) {
  const ByteVector original = bytes_of(vectors::kRequest);
  const IntegrityKey key{vectors::kPassword};
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    ByteVector flipped = original;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    const auto message = Message::parse(flipped);
    if (!message) continue;
    EXPECT_FALSE(message->verify_integrity(key) && message->verify_fingerprint()) << "bit " << bit;
  }
}

TEST(StunMessage, has_no_integrity_and_no_fingerprint_without_the_attributes) {
  const ByteVector datagram = message_with("");
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->verify_integrity(IntegrityKey{""}));
  EXPECT_FALSE(message->verify_fingerprint());
}

TEST(StunMessage, tells_the_four_classes_apart) {
  EXPECT_EQ(Message::parse(message_with("", "0001"))->message_class, Class::Request);
  EXPECT_EQ(Message::parse(message_with("", "0011"))->message_class, Class::Indication);
  EXPECT_EQ(Message::parse(message_with("", "0101"))->message_class, Class::SuccessResponse);
  EXPECT_EQ(Message::parse(message_with("", "0111"))->message_class, Class::ErrorResponse);
}

TEST(StunMessage, tells_other_methods_from_binding) {
  EXPECT_NE(Message::parse(message_with("", "0003"))->method, Method::Binding);
  EXPECT_EQ(static_cast<int>(Message::parse(message_with("", "03ef"))->method), 0xFF);
}

TEST(StunMessage, reads_an_error_code) {
  const ByteVector datagram = message_with("000900080000045757686174", "0111");
  EXPECT_EQ(Message::parse(datagram)->error_code, kRoleConflict);
}

TEST(StunMessage, lists_what_it_must_understand_and_does_not) {
  const ByteVector datagram = message_with(
      "7ffe0000"
      "c0570000"
      "00300000"
      "00140000");
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  ASSERT_EQ(message->unknown_required().size(), 2U);
  EXPECT_EQ(message->unknown_required()[0], 0x7FFE);
  EXPECT_EQ(message->unknown_required()[1], 0x0030);
}

TEST(StunMessage, lists_a_limited_number_of_unknown_attributes) {
  std::string attributes;
  for (std::size_t i = 0; i < limits::kStunUnknownAttributes; ++i) attributes += "7ffe0000";
  ByteVector datagram = message_with(attributes);
  EXPECT_EQ(Message::parse(datagram)->unknown_required().size(), limits::kStunUnknownAttributes);
  datagram = message_with(attributes + "7ffe0000");
  EXPECT_EQ(Message::parse(datagram)->unknown_required().size(), limits::kStunUnknownAttributes);
}

TEST(StunMessage, keeps_the_first_of_equal_attributes) {
  const ByteVector datagram = message_with(
      "0024000400000001"
      "0024000400000002");
  EXPECT_EQ(Message::parse(datagram)->priority, 1U);
}

TEST(StunMessage, ignores_attributes_that_follow_the_integrity) {
  const std::string integrity = "00080014" + std::string(40, '0');
  const ByteVector datagram = message_with(integrity + "00250000" + "0024000400000001");
  const auto message = Message::parse(datagram);
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->use_candidate);
  EXPECT_FALSE(message->priority.has_value());
}

TEST(StunMessage, refuses_anything_after_the_fingerprint) {
  EXPECT_TRUE(Message::parse(message_with("8028000400000000")).has_value());
  EXPECT_FALSE(Message::parse(message_with("8028000400000000"
                                           "00250000"))
                   .has_value());
  EXPECT_FALSE(
      Message::parse(message_with("8028000400000000"
                                  "00080014" +
                                  std::string(40, '0'))));
}

// T19 of the transport negative tests: lengths that lie.

TEST(StunMessage, refuses_a_value_of_the_wrong_size) {
  for (const std::string_view attribute :
       {"00200000",                          // XOR-MAPPED-ADDRESS without a value
        "0020000400010000",                  // ... without an address
        "002000080003000000000000",          // ... of an unknown family
        "002000080002000000000000",          // ... of IPv6 with four bytes
        "0020000c0001000000000000ffffffff",  // ... with four bytes too many
        "00240000", "0024000200010000",      // PRIORITY
        "00250004ffffffff",                  // USE-CANDIDATE
        "8029000400000000", "802a0000",      // ICE-CONTROLLED, -CONTROLLING
        "00090000", "0009000400000200",      // ERROR-CODE
        "0009000400000764", "0009000400000464", "0008000400000000",
        "80280000"}) {  // MESSAGE-INTEGRITY, FINGERPRINT
    EXPECT_FALSE(Message::parse(message_with(attribute)).has_value()) << attribute;
  }
}

TEST(StunMessage, refuses_an_attribute_that_is_longer_than_the_message) {
  EXPECT_FALSE(Message::parse(message_with("0006000865766a61")).has_value());
  EXPECT_FALSE(Message::parse(message_with("000600096576746576746576")).has_value());
  EXPECT_FALSE(Message::parse(message_with("0006ffff65766a61")).has_value());
  EXPECT_FALSE(Message::parse(message_with("0006")).has_value());
}

TEST(StunMessage, refuses_a_value_whose_padding_is_missing) {
  EXPECT_TRUE(Message::parse(message_with("0006000365767400")).has_value());
  EXPECT_FALSE(Message::parse(message_with("000600056576746576")).has_value());
}

TEST(StunMessage, reads_a_username_at_the_limit_and_refuses_one_past_it) {
  const auto with_username = [](std::size_t size) {
    const std::size_t padded = (size + 3) / 4 * 4;
    return message_with("0006" + hex_of_size(size) + std::string(2 * padded, '6'));
  };
  const ByteVector longest = with_username(limits::kStunUsernameBytes);
  ASSERT_TRUE(Message::parse(longest).has_value());
  EXPECT_EQ(Message::parse(longest)->username->size(), limits::kStunUsernameBytes);
  EXPECT_FALSE(Message::parse(with_username(limits::kStunUsernameBytes + 1)).has_value());
}

TEST(StunMessage, refuses_every_truncation) {
  const ByteVector whole = bytes_of(vectors::kRequest);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Message::parse(Bytes(whole).first(size)).has_value()) << size;
  }
}

TEST(LooksLikeStun, wants_first_bits_cookie_and_length) {
  const ByteVector stun = bytes_of(vectors::kRequest);
  EXPECT_TRUE(looks_like_stun(stun));
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 20},  // DTLS
                                  {0, 128},                                     // RTP
                                  {4, 0x22},                                    // cookie
                                  {3, 0x59},                                    // length
                                  {3, 0x5C}}) {
    ByteVector other = stun;
    other[at] = value;
    EXPECT_FALSE(looks_like_stun(other)) << at << " " << int{value};
  }
  EXPECT_FALSE(looks_like_stun({}));
  EXPECT_FALSE(looks_like_stun(Bytes(stun).first(19)));
}

}  // namespace
}  // namespace vis::media::stun
