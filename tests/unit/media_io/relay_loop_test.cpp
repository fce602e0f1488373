#include "media_io/relay_loop.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/limits/media_io.hpp"
#include "media/stun/builder.hpp"
#include "media_io/packet_ring.hpp"
#include "media_io/system_address.hpp"
#include "media_io/tcp_connection.hpp"

namespace vis::media_io {
namespace {

constexpr int kPatienceMs = 10'000;

bool wait_for(int descriptor) {
  pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, kPatienceMs) > 0;
}

ByteVector binding_request(std::string_view username = "") {
  std::array<std::uint8_t, 600> buffer{};
  media::stun::MessageBuilder builder{buffer, media::stun::Class::Request, {1, 2, 3}};
  if (!username.empty()) builder.add_username(username);
  const Bytes message = builder.finish();
  return {message.begin(), message.end()};
}

ByteVector framed(Bytes message) {
  ByteVector bytes{static_cast<std::uint8_t>(message.size() >> 8),
                   static_cast<std::uint8_t>(message.size())};
  bytes.insert(bytes.end(), message.begin(), message.end());
  return bytes;
}

// ---- what is spoken ----

TEST(TcpProtocol, is_told_by_where_the_magic_cookie_stands) {
  const ByteVector turn = binding_request();
  const ByteVector ice = framed(turn);
  EXPECT_EQ(protocol_of(turn), TcpProtocol::Turn);
  EXPECT_EQ(protocol_of(ice), TcpProtocol::Ice);
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_EQ(protocol_of(Bytes{turn}.first(size)), TcpProtocol::Unknown) << size;
    EXPECT_EQ(protocol_of(Bytes{ice}.first(size)), TcpProtocol::Unknown) << size;
  }
  EXPECT_EQ(protocol_of(as_bytes("GET / HTTP/1.1\r\n")), TcpProtocol::Neither);
  EXPECT_EQ(protocol_of(ByteVector(64, 0xFF)), TcpProtocol::Neither);
}

// ---- one connection ----

class Connected : public testing::Test {
 protected:
  Connected() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_ = FileDescriptor(ends[0]);
    connection_ =
        std::make_unique<TcpConnection>(FileDescriptor(ends[1]), SocketAddress{}, TimePoint{});
  }
  void write(Bytes bytes) {
    ASSERT_EQ(::send(client_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    ASSERT_TRUE(connection_->receive(TimePoint{1s}));
  }

  FileDescriptor client_;
  std::unique_ptr<TcpConnection> connection_;
};

TEST_F(Connected, messages_are_cut_wherever_the_stream_was_broken) {
  const ByteVector message = binding_request("a:b");
  for (const bool ice : {true, false}) {
    ByteVector stream;
    for (int i = 0; i < 3; ++i) {
      const ByteVector piece = ice ? framed(message) : message;
      stream.insert(stream.end(), piece.begin(), piece.end());
    }
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    client_ = FileDescriptor(ends[0]);
    connection_ =
        std::make_unique<TcpConnection>(FileDescriptor(ends[1]), SocketAddress{}, TimePoint{});
    std::size_t messages = 0;
    for (const std::uint8_t byte : stream) {
      write(Bytes{&byte, 1});
      while (const auto found = connection_->next_message()) {
        EXPECT_TRUE(std::ranges::equal(*found, message));
        ++messages;
      }
    }
    EXPECT_EQ(messages, 3U);
    EXPECT_FALSE(connection_->broken());
  }
}

TEST_F(Connected, a_frame_of_any_size_up_to_the_limit_is_taken) {
  write(framed(binding_request()));
  ASSERT_TRUE(connection_->next_message().has_value());
  const ByteVector largest(2046, 7);
  write(framed(largest));
  const auto taken = connection_->next_message();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->size(), largest.size());
  write(framed(ByteVector(2047, 7)));
  EXPECT_FALSE(connection_->next_message().has_value());
  EXPECT_TRUE(connection_->broken());
}

TEST_F(Connected, a_reader_that_is_too_slow_loses_whole_messages_and_costs_no_memory) {
  write(framed(binding_request()));
  const ByteVector message(1000, 9);
  std::size_t taken = 0;
  while (connection_->send(message)) {
    ++taken;
    ASSERT_LE(taken * 1002, limits::kTcpSendQueueBytes);
  }
  EXPECT_GT((taken + 1) * 1002, limits::kTcpSendQueueBytes);
  // What had been taken arrives whole.
  std::size_t received = 0;
  std::array<std::uint8_t, 64 * 1024> buffer;
  while (received < taken * 1002) {
    ASSERT_TRUE(connection_->flush());
    const ssize_t count = ::recv(client_.get(), buffer.data(), buffer.size(), 0);
    ASSERT_GT(count, 0);
    received += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(received, taken * 1002);
  EXPECT_FALSE(connection_->has_unsent());
  EXPECT_TRUE(connection_->send(message));
}

TEST_F(Connected, its_end_is_told) {
  client_ = FileDescriptor();
  EXPECT_FALSE(connection_->receive(TimePoint{1s}));
}

// ---- between threads ----

TEST(PacketRing, takes_so_many_packets_and_no_more) {
  PacketRing ring;
  const ByteVector packet{1, 2, 3};
  for (std::size_t i = 0; i < limits::kRelayRingPackets; ++i) {
    const auto local = static_cast<std::uint8_t>(i);
    ASSERT_TRUE(ring.push({.local = local, .remote = {}}, packet));
  }
  EXPECT_FALSE(ring.push({}, packet));
  std::size_t taken = 0;
  ring.take([&](const media::ice::Path& path, MutableBytes bytes) {
    EXPECT_EQ(path.local, static_cast<std::uint8_t>(taken));
    EXPECT_TRUE(std::ranges::equal(bytes, packet));
    ++taken;
  });
  EXPECT_EQ(taken, limits::kRelayRingPackets);
  EXPECT_TRUE(ring.push({}, packet));
  EXPECT_FALSE(ring.push({}, ByteVector(PacketRing::kPacketBytes + 1)));
  EXPECT_TRUE(ring.push({}, ByteVector(PacketRing::kPacketBytes)));
}

TEST(UfragPrefix, says_whose_agent_it_is) {
  for (const std::size_t worker : {0UZ, 1UZ, 15UZ, 16UZ, 255UZ}) {
    EXPECT_EQ(worker_of_ufrag(ufrag_prefix_of(worker) + "abcd"), worker);
  }
  EXPECT_EQ(worker_of_ufrag(""), std::nullopt);
  EXPECT_EQ(worker_of_ufrag("zz"), std::nullopt);
}

// ---- the loop ----

class RelayLoopTest : public testing::Test {
 protected:
  RelayLoopTest() {
    loop_ = *RelayLoop::open({.bind = kLocalhost,
                              .tcp_port = 0,
                              .turn_port = 0,
                              .realm = "visavis",
                              .turn_secret = Secret{"secret"},
                              .workers = 2});
    loop_->start({{{.ip = kLocalhost, .port = 7882}}, {{.ip = kLocalhost, .port = 7883}}});
  }

  FileDescriptor connect() const {
    FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage system{};
    const socklen_t length =
        to_system({.ip = kLocalhost, .port = *loop_->tcp_port()}, AF_INET, system);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&system), length), 0);
    return client;
  }
  static void write(const FileDescriptor& client, Bytes bytes) {
    ASSERT_EQ(::send(client.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  /// Whether the server ends the connection.
  static bool is_closed(const FileDescriptor& client) {
    std::uint8_t byte = 0;
    return wait_for(client.get()) && ::recv(client.get(), &byte, 1, 0) <= 0;
  }

  static inline const IpAddress kLocalhost = IpAddress::v4({127, 0, 0, 1});
  std::unique_ptr<RelayLoop> loop_;
};

TEST_F(RelayLoopTest, gives_the_frames_of_a_client_to_the_worker_of_its_agent) {
  const FileDescriptor client = connect();
  const ByteVector request = binding_request(ufrag_prefix_of(1) + "abcd:efgh");
  write(client, framed(request));
  ASSERT_TRUE(wait_for(loop_->rings(1).wake_worker.descriptor()));
  media::ice::Path path;
  std::size_t packets = 0;
  loop_->rings(1).to_worker.take([&](const media::ice::Path& from, MutableBytes bytes) {
    path = from;
    ++packets;
    EXPECT_TRUE(std::ranges::equal(bytes, request));
  });
  ASSERT_EQ(packets, 1U);
  EXPECT_EQ(path.local, kTcpLocal);

  // And what the worker sends along that path comes back in a frame.
  const ByteVector answer{0x80, 1, 2, 3};
  ASSERT_TRUE(loop_->rings(1).from_worker.push(path, answer));
  loop_->rings(1).wake_relay->call();
  std::array<std::uint8_t, 6> frame{};
  ASSERT_EQ(::recv(client.get(), frame.data(), frame.size(), MSG_WAITALL), 6);
  EXPECT_TRUE(std::ranges::equal(frame, framed(answer)));
}

TEST_F(RelayLoopTest, answers_turn_on_the_same_tcp_port) {
  const FileDescriptor client = connect();
  write(client, binding_request());
  std::array<std::uint8_t, 20> header{};
  ASSERT_EQ(::recv(client.get(), header.data(), header.size(), MSG_WAITALL), 20);
  EXPECT_EQ(header[0], 0x01);  // A success response.
  EXPECT_EQ(header[1], 0x01);
}

TEST_F(RelayLoopTest, ends_connections_that_speak_something_else) {
  const FileDescriptor client = connect();
  write(client, as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(is_closed(client));
}

TEST_F(RelayLoopTest, holds_so_many_connections_of_one_address_and_no_more) {
  std::vector<FileDescriptor> clients;
  for (std::size_t i = 0; i < limits::kTcpConnectionsPerAddress; ++i) clients.push_back(connect());
  EXPECT_TRUE(is_closed(connect()));
  // The last that was let in is served, and one that goes makes room.
  write(clients.back(), binding_request());
  EXPECT_FALSE(is_closed(clients.back()));
  clients.pop_back();
  for (bool served = false; !served;) {
    const FileDescriptor another = connect();
    const ByteVector request = binding_request();
    ::send(another.get(), request.data(), request.size(), MSG_NOSIGNAL);
    served = !is_closed(another);
  }
}

}  // namespace
}  // namespace vis::media_io
