#include "media_io/udp_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/limits/media_io.hpp"
#include "media_io/system_address.hpp"

namespace vis::media_io {
namespace {

using media::sfu::EgressRun;

SocketAddress loopback(std::uint16_t port) {
  return {.ip = IpAddress::v4({127, 0, 0, 1}), .port = port};
}

bool wait_for(const UdpSocket& socket) {
  constexpr int kPatienceMs = 5000;
  pollfd waiting{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, kPatienceMs) > 0;
}

std::vector<std::vector<std::uint8_t>> receive_all(UdpSocket& socket, std::size_t count) {
  std::vector<std::vector<std::uint8_t>> received;
  while (received.size() < count) {
    if (!wait_for(socket)) break;
    for (const UdpSocket::Datagram& datagram : socket.receive()) {
      received.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
    }
  }
  return received;
}

TEST(UdpSocket, a_run_arrives_as_its_separate_datagrams) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  std::vector<std::uint8_t> bytes(250);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const EgressRun run{
      .to = loopback(receiver->port()), .bytes = bytes, .segment_size = 100, .segments = 3};
  sender->send(std::span{&run, 1});
  const auto received = receive_all(*receiver, 3);
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(received[0].size(), 100U);
  EXPECT_EQ(received[1][0], 100);
  EXPECT_EQ(received[2].size(), 50U);
  EXPECT_EQ(sender->counters().sent_datagrams, 3U);
}

TEST(UdpSocket, more_runs_than_a_batch_all_arrive) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  const std::vector<std::uint8_t> bytes(60, 7);
  const std::vector<EgressRun> runs(
      UdpSocket::kBatch + 5,
      EgressRun{
          .to = loopback(receiver->port()), .bytes = bytes, .segment_size = 60, .segments = 1});
  sender->send(runs);
  EXPECT_EQ(receive_all(*receiver, runs.size()).size(), runs.size());
}

/// To port 0, which the kernel refuses in any form.
EgressRun refused_run(Bytes bytes) {
  return {.to = loopback(0),
          .bytes = bytes,
          .segment_size = static_cast<std::uint16_t>(bytes.size() / 2),
          .segments = 2};
}

TEST(UdpSocket, goes_on_segmenting_when_one_destination_is_refused) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  const std::vector<std::uint8_t> bytes(120, 7);
  EgressRun good = refused_run(bytes);
  good.to = loopback(receiver->port());
  for (unsigned i = 0; i < 2 * UdpSocket::kRefusals; ++i) {
    const std::array runs{refused_run(bytes), good};
    sender->send(runs);
  }
  EXPECT_TRUE(sender->uses_segmentation());
  EXPECT_EQ(sender->counters().send_dropped, 4 * UdpSocket::kRefusals);
  EXPECT_EQ(sender->counters().sent_datagrams, 4 * UdpSocket::kRefusals);
  const std::size_t sent = sender->counters().sent_datagrams;
  EXPECT_EQ(receive_all(*receiver, sent).size(), sent);
}

TEST(UdpSocket, stops_segmenting_when_all_runs_are_refused_whose_datagrams_are_not) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  // More segments than any kernel makes of one message.
  constexpr std::uint16_t kSegments = 600;
  const std::vector<std::uint8_t> bytes(kSegments, 7);
  const EgressRun too_long{
      .to = loopback(receiver->port()), .bytes = bytes, .segment_size = 1, .segments = kSegments};
  for (unsigned i = 1; i < UdpSocket::kRefusals; ++i) sender->send(std::span{&too_long, 1});
  EXPECT_TRUE(sender->uses_segmentation());
  sender->send(std::span{&too_long, 1});
  EXPECT_FALSE(sender->uses_segmentation());
  const std::size_t sent = UdpSocket::kRefusals * kSegments;
  EXPECT_EQ(sender->counters().sent_datagrams, sent);
}

TEST(UdpSocket, goes_on_segmenting_when_the_kernel_refuses_a_source) {
  auto sender = UdpSocket::open({});
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  const std::vector<std::uint8_t> bytes(120, 7);
  EgressRun run = refused_run(bytes);
  run.to = loopback(receiver->port());
  run.local = sender->local_of(*IpAddress::parse("192.0.2.77"));
  for (unsigned i = 0; i < 2 * UdpSocket::kRefusals; ++i) sender->send(std::span{&run, 1});
  EXPECT_EQ(sender->counters().send_dropped, 4 * UdpSocket::kRefusals);
  EXPECT_TRUE(sender->uses_segmentation());
}

// ---- several addresses ----

struct Named {
  std::string name;
  const char* address;
};

class UdpSocketOfEveryAddress : public testing::TestWithParam<Named> {};

TEST_P(UdpSocketOfEveryAddress, answers_from_the_address_that_was_asked) {
  auto server = UdpSocket::open({});
  ASSERT_TRUE(server);
  const SocketAddress asked{.ip = *IpAddress::parse(GetParam().address), .port = server->port()};
  auto client = UdpSocket::open({.ip = asked.ip, .port = 0});
  ASSERT_TRUE(client) << client.error().message;
  const std::vector<std::uint8_t> bytes(40, 7);
  const EgressRun request{.to = asked, .bytes = bytes, .segment_size = 40, .segments = 1};
  client->send(std::span{&request, 1});
  ASSERT_TRUE(wait_for(*server));
  const auto requests = server->receive();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].from, (SocketAddress{.ip = asked.ip, .port = client->port()}));
  EXPECT_NE(requests[0].local, 0);
  EXPECT_EQ(requests[0].local, server->local_of(asked.ip));

  // One datagram alone, and several as one message.
  const EgressRun one{.to = requests[0].from,
                      .bytes = Bytes{bytes}.first(10),
                      .segment_size = 10,
                      .segments = 1,
                      .local = requests[0].local};
  EgressRun several = one;
  several.bytes = bytes;
  several.segments = 4;
  const std::array answers{one, several};
  server->send(answers);
  for (int left = 5; left > 0;) {
    ASSERT_TRUE(wait_for(*client));
    for (const UdpSocket::Datagram& answer : client->receive()) {
      EXPECT_EQ(answer.from, asked);
      EXPECT_EQ(answer.bytes.size(), 10U);
      --left;
    }
  }
  EXPECT_TRUE(server->uses_segmentation());
}

INSTANTIATE_TEST_SUITE_P(Addresses, UdpSocketOfEveryAddress,
                         testing::Values(Named{"first_v4", "127.0.0.1"},
                                         Named{"other_v4", "127.0.0.2"}, Named{"v6", "::1"}),
                         [](const auto& info) { return info.param.name; });

TEST(UdpSocket, tells_a_limited_number_of_its_addresses_apart) {
  auto socket = UdpSocket::open({});
  ASSERT_TRUE(socket);
  const auto address = [](std::size_t i) {
    return IpAddress::v4({127, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
  };
  for (std::size_t i = 1; i <= limits::kUdpLocalAddresses; ++i) {
    EXPECT_EQ(socket->local_of(address(i)), i);
  }
  EXPECT_EQ(socket->local_of(address(limits::kUdpLocalAddresses + 1)), 0);
  EXPECT_EQ(socket->local_of(address(3)), 3);
  EXPECT_EQ(socket->local_of(IpAddress{}), 0);
}

TEST(SystemAddress, knows_from_which_address_packets_leave) {
  for (const char* const own : {"127.0.0.1", "127.0.0.2", "::1"}) {
    EXPECT_EQ(source_towards(*IpAddress::parse(own)), IpAddress::parse(own)) << own;
  }
}

TEST(UdpSocket, a_datagram_larger_than_any_packet_is_dropped_and_counted) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  const std::vector<std::uint8_t> large(4000, 1);
  const std::vector<std::uint8_t> small(40, 2);
  const std::vector<EgressRun> runs{
      {.to = loopback(receiver->port()), .bytes = large, .segment_size = 4000, .segments = 1},
      {.to = loopback(receiver->port()), .bytes = small, .segment_size = 40, .segments = 1}};
  sender->send(runs);
  const auto received = receive_all(*receiver, 1);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].size(), 40U);
  EXPECT_EQ(receiver->counters().receive_truncated, 1U);
}

TEST(UdpSocket, says_why_it_cannot_bind) {
  auto first = UdpSocket::open(loopback(0));
  ASSERT_TRUE(first.has_value());
  const auto second = UdpSocket::open(loopback(first->port()));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::Unavailable);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos);
}

}  // namespace
}  // namespace vis::media_io
