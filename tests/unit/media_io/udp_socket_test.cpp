#include "media_io/udp_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <span>
#include <vector>

namespace vis::media_io {
namespace {

using media::sfu::EgressRun;

SocketAddress loopback(std::uint16_t port) {
  return {.ip = IpAddress::v4({127, 0, 0, 1}), .port = port};
}

std::vector<std::vector<std::uint8_t>> receive_all(UdpSocket& socket, std::size_t count) {
  std::vector<std::vector<std::uint8_t>> received;
  while (received.size() < count) {
    pollfd waiting{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 5000) <= 0) break;
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

/// Two datagrams in one run, to port 0, which the kernel refuses in any form.
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

TEST(UdpSocket, stops_segmenting_when_all_runs_are_refused) {
  auto sender = UdpSocket::open(loopback(0));
  auto receiver = UdpSocket::open(loopback(0));
  ASSERT_TRUE(sender && receiver);
  const std::vector<std::uint8_t> bytes(120, 7);
  const std::vector<EgressRun> refused(UdpSocket::kRefusals - 1, refused_run(bytes));
  sender->send(refused);
  EXPECT_TRUE(sender->uses_segmentation());
  EgressRun good = refused_run(bytes);
  good.to = loopback(receiver->port());
  const std::array runs{refused_run(bytes), good};
  sender->send(runs);
  EXPECT_FALSE(sender->uses_segmentation());
  EXPECT_EQ(receive_all(*receiver, 2).size(), 2U);
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
