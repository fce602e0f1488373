#include "media/turn/message.hpp"

#include <gtest/gtest.h>

#include <array>

#include "media/stun/builder.hpp"
#include "media/turn/attributes.hpp"
#include "support/fuzz_corpus.hpp"

namespace vis::media::turn {
namespace {

Bytes with_peers(std::size_t count, MutableBytes buffer) {
  stun::MessageBuilder builder{buffer, stun::Class::Request, {}, stun::Method::CreatePermission};
  for (std::size_t i = 0; i < count; ++i) {
    builder.add_xor_address(attribute::kXorPeerAddress, *SocketAddress::parse("192.0.2.1:7882"));
  }
  return builder.finish();
}

TEST(TurnMessage, has_so_many_peers_and_no_more) {
  std::array<std::uint8_t, 600> buffer{};
  const auto most = Message::parse(with_peers(limits::kTurnPeersPerRequest, buffer));
  ASSERT_TRUE(most.has_value());
  EXPECT_EQ(most->peers().size(), limits::kTurnPeersPerRequest);
  EXPECT_EQ(most->stun.method, stun::Method::CreatePermission);
  EXPECT_FALSE(Message::parse(with_peers(limits::kTurnPeersPerRequest + 1, buffer)).has_value());
}

TEST(TurnMessage, ignores_what_stands_behind_the_proof_of_integrity) {
  std::array<std::uint8_t, 600> buffer{};
  stun::MessageBuilder builder{buffer, stun::Class::Request, {}, stun::Method::Refresh};
  const Bytes signed_part = builder.finish(stun::IntegrityKey{"key"});
  // The fingerprint gives way to a lifetime of 7 seconds.
  ByteVector bytes(signed_part.begin(), signed_part.end() - 8);
  const std::array<std::uint8_t, 8> lifetime{0, 0x0D, 0, 4, 0, 0, 0, 7};
  bytes.insert(bytes.end(), lifetime.begin(), lifetime.end());
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->lifetime_s.has_value());
}

TEST(TurnMessage, is_refused_when_a_number_has_the_wrong_length) {
  for (const std::uint16_t type :
       {attribute::kLifetime, attribute::kChannelNumber, attribute::kRequestedTransport}) {
    std::array<std::uint8_t, 600> buffer{};
    stun::MessageBuilder builder{buffer, stun::Class::Request, {}, stun::Method::Allocate};
    builder.add_value(type, std::array<std::uint8_t, 3>{});
    EXPECT_FALSE(Message::parse(builder.finish()).has_value()) << type;
  }
}

TEST(ChannelData, is_read_and_written) {
  const std::array<std::uint8_t, 5> data{1, 2, 3, 4, 5};
  for (const bool padded : {false, true}) {
    std::array<std::uint8_t, 32> buffer{};
    ByteWriter writer{buffer};
    ChannelData{.number = 0x4ABC, .data = data}.write(writer, padded);
    EXPECT_EQ(writer.size(), padded ? 12U : 9U);
    const auto parsed = ChannelData::parse(writer.written());
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->number, 0x4ABC);
    EXPECT_TRUE(std::ranges::equal(parsed->data, data));
  }
}

TEST(ChannelData, is_refused_outside_of_its_numbers_and_beyond_its_bytes) {
  for (const std::array<std::uint8_t, 4> bytes :
       {std::array<std::uint8_t, 4>{0x3F, 0xFF, 0, 0}, std::array<std::uint8_t, 4>{0x50, 0, 0, 0},
        std::array<std::uint8_t, 4>{0x40, 0, 0, 1}}) {
    EXPECT_FALSE(ChannelData::parse(bytes).has_value());
  }
}

TEST(TurnStream, tells_how_long_its_first_message_is) {
  using Header = std::array<std::uint8_t, 4>;
  EXPECT_EQ(message_size(Header{0, 1, 0, 8}), 28U);
  EXPECT_EQ(message_size(Header{0x40, 0, 0, 5}), 12U);
  EXPECT_EQ(message_size(Bytes{}), std::nullopt);
  EXPECT_EQ(message_size(Bytes{Header{0x40, 0, 0, 5}}.first(3)), std::nullopt);
  EXPECT_EQ(message_size(Header{0, 1, 0, 7}), 0U) << "not a multiple of 4";
  EXPECT_EQ(message_size(Header{'G', 'E', 'T', ' '}), 0U);
  EXPECT_EQ(message_size(Header{0x80, 0, 0, 4}), 0U);
}

TEST(TurnStream, refuses_messages_longer_than_the_limit) {
  const auto channel = [](std::size_t length) {
    return message_size(std::array<std::uint8_t, 4>{0x40, 0, static_cast<std::uint8_t>(length >> 8),
                                                    static_cast<std::uint8_t>(length)});
  };
  const std::size_t longest = limits::kTurnMessageBytes - ChannelData::kHeaderBytes;
  EXPECT_EQ(channel(longest), limits::kTurnMessageBytes);
  EXPECT_EQ(channel(longest + 1), 0U);
}

TEST(TurnCorpus, replays_without_a_crash) { EXPECT_GT(vis::test::replay_fuzz_corpus("turn"), 0U); }

}  // namespace
}  // namespace vis::media::turn
