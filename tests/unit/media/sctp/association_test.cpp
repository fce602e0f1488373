#include "media/sctp/association.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/media_sctp.hpp"
#include "network.hpp"

namespace vis::media::sctp {
namespace {

using test::Line;
using test::Network;
using test::numbered;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ChannelOptions kReliable{.label = "_reliable"};
const ChannelOptions kLossy{.label = "_lossy", .ordered = false, .max_retransmits = 0};

constexpr Line kPerfect{};
constexpr Line kBad{.loss = 0.05, .delay = 20ms, .jitter = 30ms};

/// Sends as the queue allows, and expects everything to arrive in order.
void transfer(Network& network, std::uint32_t count, std::size_t size) {
  const ChannelId channel = network.open(kReliable);
  std::uint32_t sent = 0;
  const auto all_here = [&] {
    while (sent < count) {
      const auto result =
          network.client.association->send(channel, MessageKind::Binary, numbered(sent, size));
      if (!result) {
        EXPECT_EQ(result.error().code, Errc::LimitExceeded);
        break;
      }
      ++sent;
    }
    return network.server.received.size() == count;
  };
  network.run_until(all_here, 600s);
  ASSERT_THAT(network.server.received, SizeIs(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(network.server.received[i].bytes, numbered(i, size)) << i;
  }
}

TEST(Association, connects_when_both_sides_begin_at_once) {
  Network network;
  network.connect();
  EXPECT_TRUE(network.client.association->connected());
  EXPECT_TRUE(network.server.association->connected());
}

TEST(Association, opens_channels_from_both_sides_with_all_their_options) {
  Network network;
  network.connect();
  EXPECT_EQ(network.open(kLossy), 0);
  ASSERT_THAT(network.server.opened, SizeIs(1));
  const Channel& lossy = network.server.opened[0];
  EXPECT_EQ(lossy.label, "_lossy");
  EXPECT_FALSE(lossy.ordered);
  EXPECT_EQ(lossy.max_retransmits, 0U);
  EXPECT_FALSE(lossy.reliable());

  EXPECT_EQ(network.server.association->open_channel(kReliable).value(), 1);
  network.run_until([&] { return network.server.opened.size() == 2; });
  EXPECT_EQ(network.client.opened.back().label, "_reliable");
  EXPECT_TRUE(network.client.opened.back().reliable());
}

TEST(Association, what_is_sent_before_it_is_up_follows) {
  Network network;
  const ChannelId channel = network.client.association->open_channel(kReliable).value();
  ASSERT_TRUE(network.client.association->send(channel, MessageKind::Text, as_bytes("early")));
  EXPECT_GT(network.client.association->buffered_amount(channel), 0U);
  network.connect();
  network.run_until([&] { return !network.server.received.empty(); });
  EXPECT_EQ(as_text(network.server.received[0].bytes), "early");
  EXPECT_EQ(network.client.association->buffered_amount(), 0U);
}

TEST(Association, keeps_text_binary_and_empty_messages_apart) {
  Network network;
  network.connect();
  const ChannelId channel = network.open(kReliable);
  Association& client = *network.client.association;
  ASSERT_TRUE(client.send(channel, MessageKind::Text, as_bytes("text")));
  ASSERT_TRUE(client.send(channel, MessageKind::Binary, as_bytes("binary")));
  ASSERT_TRUE(client.send(channel, MessageKind::Text, {}));
  ASSERT_TRUE(client.send(channel, MessageKind::Binary, {}));
  network.run_until([&] { return network.server.received.size() == 4; });
  const auto& received = network.server.received;
  EXPECT_EQ(received[0].kind, MessageKind::Text);
  EXPECT_EQ(received[1].kind, MessageKind::Binary);
  EXPECT_EQ(as_text(received[1].bytes), "binary");
  EXPECT_EQ(received[2].kind, MessageKind::Text);
  EXPECT_THAT(received[2].bytes, IsEmpty());
  EXPECT_EQ(received[3].kind, MessageKind::Binary);
  EXPECT_THAT(received[3].bytes, IsEmpty());
}

TEST(Association, carries_128_messages_of_4096_bytes_in_order) {
  Network network(kPerfect);
  network.connect();
  transfer(network, 128, 4096);
}

TEST(Association, carries_128_messages_of_4096_bytes_in_order_over_a_bad_line) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    Network network(kBad, seed);
    network.connect();
    transfer(network, 128, 4096);
  }
}

TEST(Association, carries_2_megabytes_in_chunks_of_15_kilobytes) {
  for (const Line& line : {kPerfect, kBad}) {
    Network network(line);
    network.connect();
    transfer(network, 140, 15'000);
  }
}

TEST(Association, puts_the_largest_message_together_again) {
  for (const Line& line : {kPerfect, kBad}) {
    Network network(line);
    network.connect();
    transfer(network, 3, limits::kSctpMessageBytes);
  }
}

TEST(Association, a_lossy_channel_loses_and_does_not_block) {
  Network network(kBad, 7);
  network.connect();
  const ChannelId lossy = network.open(kLossy);
  const ChannelId reliable = network.open(kReliable);
  for (std::uint32_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(network.client.association->send(lossy, MessageKind::Binary, numbered(i, 500)));
    network.run_for(20ms);
  }
  const std::size_t arrived = network.server.received.size();
  EXPECT_GT(arrived, 420U);
  EXPECT_LT(arrived, 500U);
  network.server.received.clear();
  ASSERT_TRUE(network.client.association->send(reliable, MessageKind::Text, as_bytes("still")));
  network.run_until([&] {
    return std::ranges::any_of(network.server.received,
                               [&](const auto& each) { return each.channel == reliable; });
  });
}

TEST(Association, the_sink_may_send_while_it_is_told_something) {
  Network network;
  network.connect();
  const ChannelId channel = network.open(kReliable);
  network.server.echo = true;
  ASSERT_TRUE(network.client.association->send(channel, MessageKind::Text, as_bytes("ping")));
  network.run_until([&] { return !network.client.received.empty(); });
  EXPECT_EQ(as_text(network.client.received[0].bytes), "ping");
}

TEST(Association, closing_a_channel_delivers_what_was_sent_and_frees_the_stream) {
  Network network(kBad, 3);
  network.connect();
  const ChannelId channel = network.open(kReliable);
  for (std::uint32_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(network.client.association->send(channel, MessageKind::Binary, numbered(i, 4096)));
  }
  network.client.association->close_channel(channel);
  EXPECT_EQ(
      network.client.association->send(channel, MessageKind::Text, as_bytes("x")).error().code,
      Errc::NotFound);
  network.run_until([&] { return !network.client.closed.empty(); });
  EXPECT_THAT(network.server.received, SizeIs(50));
  // The server need not have heard yet that its side is reset, too.
  EXPECT_EQ(network.open(kReliable), channel);
  EXPECT_THAT(network.server.closed, ElementsAre(channel));
  ASSERT_TRUE(network.client.association->send(channel, MessageKind::Text, as_bytes("again")));
  network.run_until([&] { return network.server.received.size() == 51; });
}

TEST(Association, both_sides_may_close_at_once) {
  Network network;
  network.connect();
  const ChannelId first = network.open(kReliable);
  const ChannelId second = network.open(kLossy);
  for (auto* peer : {&network.client, &network.server}) {
    peer->association->close_channel(first);
    peer->association->close_channel(second);
  }
  network.run_until(
      [&] { return network.client.closed.size() == 2 && network.server.closed.size() == 2; });
}

TEST(Association, refuses_messages_that_are_too_large) {
  Network network;
  const ChannelId channel = network.client.association->open_channel(kReliable).value();
  const ByteVector largest(limits::kSctpMessageBytes);
  EXPECT_TRUE(network.client.association->send(channel, MessageKind::Binary, largest));
  const ByteVector larger(limits::kSctpMessageBytes + 1);
  EXPECT_EQ(network.client.association->send(channel, MessageKind::Binary, larger).error().code,
            Errc::InvalidArgument);
}

TEST(Association, respects_the_message_size_of_the_peer) {
  Network network;
  network.client.association = std::make_unique<Association>(
      network.stack, AssociationOptions{.remote_max_message_size = 1000}, network.client);
  const ChannelId channel = network.client.association->open_channel(kReliable).value();
  Association& client = *network.client.association;
  EXPECT_TRUE(client.send(channel, MessageKind::Binary, ByteVector(1000)));
  EXPECT_EQ(client.send(channel, MessageKind::Binary, ByteVector(1001)).error().code,
            Errc::InvalidArgument);
}

TEST(Association, limits_its_queue) {
  Network network;
  const ChannelId channel = network.client.association->open_channel(kReliable).value();
  Association& client = *network.client.association;
  while (client.buffered_amount() + 10'000 < limits::kSctpQueueBytes) {
    ASSERT_TRUE(client.send(channel, MessageKind::Binary, ByteVector(10'000)));
  }
  const ByteVector rest(limits::kSctpQueueBytes - client.buffered_amount());
  EXPECT_TRUE(client.send(channel, MessageKind::Binary, rest));
  EXPECT_EQ(client.buffered_amount(), limits::kSctpQueueBytes);
  EXPECT_EQ(client.send(channel, MessageKind::Binary, ByteVector(1)).error().code,
            Errc::LimitExceeded);
  network.connect();
  network.run_until([&] { return client.buffered_amount() == 0; });
}

TEST(Association, a_lossy_channel_does_not_queue_behind_a_congested_association) {
  Network network;
  network.connect();
  const ChannelId reliable = network.open(kReliable);
  const ChannelId lossy = network.open(kLossy);
  Association& client = *network.client.association;
  ASSERT_TRUE(client.send(lossy, MessageKind::Binary, ByteVector(100)));
  while (client.buffered_amount() == 0) {
    ASSERT_TRUE(client.send(reliable, MessageKind::Binary, ByteVector(60'000)));
  }
  const std::size_t before = client.buffered_amount();
  EXPECT_EQ(client.send(lossy, MessageKind::Binary, ByteVector(100)).error().code,
            Errc::LimitExceeded);
  EXPECT_EQ(client.buffered_amount(), before);
  network.run_until([&] { return client.buffered_amount() == 0; });
  EXPECT_TRUE(client.send(lossy, MessageKind::Binary, ByteVector(100)));
}

TEST(Association, limits_the_number_of_channels) {
  Network network;
  network.connect();
  for (std::size_t i = 0; i < limits::kDataChannels; ++i) network.open(kReliable);
  EXPECT_EQ(network.client.association->open_channel(kReliable).error().code, Errc::LimitExceeded);
  EXPECT_EQ(network.server.association->open_channel(kReliable).error().code, Errc::LimitExceeded);
}

TEST(Association, resets_a_channel_that_the_peer_opens_past_the_limit) {
  Network network;
  network.connect();
  // The peer has no room left, which we do not know: it counts a channel of its own still opening.
  for (std::size_t i = 0; i + 1 < limits::kDataChannels; ++i) network.open(kReliable);
  ASSERT_TRUE(network.server.association->open_channel(kReliable));
  const ChannelId last = network.client.association->open_channel(kReliable).value();
  network.run_until([&] { return !network.client.closed.empty(); });
  EXPECT_EQ(network.client.closed[0], last);
}

TEST(Association, survives_garbage_in_place_of_packets) {
  Network network;
  network.connect();
  SeededRandom random(11);
  for (int i = 0; i < 2000; ++i) {
    ByteVector garbage(random.below(200));
    random.fill(garbage);
    network.server.association->receive(garbage);
  }
  transfer(network, 10, 1000);
}

TEST(Association, survives_damaged_packets) {
  Network network;
  network.connect();
  const ChannelId channel = network.open(kReliable);
  SeededRandom random(12);
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(network.client.association->send(channel, MessageKind::Binary, numbered(i, 100)));
    for (ByteVector packet : network.client.outbox) {
      packet[random.below(packet.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
      network.server.association->receive(packet);
    }
    network.run_for(20ms);
  }
  network.run_until([&] { return network.server.received.size() == 200; });
  EXPECT_FALSE(network.server.lost);
}

TEST(Association, says_when_the_peer_does_not_answer_any_more) {
  Network network;
  network.connect();
  const ChannelId channel = network.open(kReliable);
  network.cut = true;
  ASSERT_TRUE(network.client.association->send(channel, MessageKind::Text, as_bytes("anyone?")));
  network.run_until([&] { return network.client.lost; }, 300s);
  EXPECT_FALSE(network.client.association->connected());
  EXPECT_EQ(
      network.client.association->send(channel, MessageKind::Text, as_bytes("x")).error().code,
      Errc::NotFound);
  EXPECT_EQ(network.client.association->open_channel(kReliable).error().code,
            Errc::FailedPrecondition);
}

TEST(Stack, ticks_only_while_there_are_associations) {
  Stack stack{TimePoint{}};
  EXPECT_EQ(stack.next_deadline(), std::nullopt);
  test::Peer peer;
  Association association(stack, {}, peer);
  EXPECT_EQ(stack.next_deadline(), TimePoint{} + Stack::kTick);
  stack.on_deadline(TimePoint{} + 25ms);
  EXPECT_EQ(stack.next_deadline(), TimePoint{} + 35ms);
}

TEST(Stack, outlives_many_associations) {
  Stack stack{TimePoint{}};
  TimePoint now{};
  for (int round = 0; round < 300; ++round) {
    test::Peer a;
    test::Peer b;
    a.association =
        std::make_unique<Association>(stack, AssociationOptions{.dtls_role = DtlsRole::Client}, a);
    b.association = std::make_unique<Association>(stack, AssociationOptions{}, b);
    ASSERT_TRUE(a.association->open_channel(kReliable));
    a.association->connect();
    b.association->connect();
    // Some end in the middle of the handshake, some with open channels.
    for (int exchange = 0; exchange < round % 12; ++exchange) {
      for (const ByteVector& packet : std::exchange(a.outbox, {})) b.association->receive(packet);
      for (const ByteVector& packet : std::exchange(b.outbox, {})) a.association->receive(packet);
      stack.on_deadline(now += Stack::kTick);
    }
    if (round % 12 > 8) EXPECT_THAT(b.opened, SizeIs(1)) << round;
  }
}

}  // namespace
}  // namespace vis::media::sctp
