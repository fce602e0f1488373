#include "http/guest.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/limits/http.hpp"
#include "http/server.hpp"
#include "unit/http/certificate.hpp"
#include "unit/http/loopback.hpp"

namespace vis::http {
namespace {

ByteVector bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

/// Sends everything back, from another thread as the guests of a real server do.
class Echo final : public GuestProtocol {
 public:
  void opened(const SocketAddress& client, std::shared_ptr<GuestOutput> output) override {
    outputs[client] = std::move(output);
  }
  void received(const SocketAddress& client, Bytes bytes) override {
    heard += as_text(bytes);
    std::thread([output = outputs.at(client), copy = ByteVector(bytes.begin(), bytes.end())] {
      output->write(copy);
    }).join();
  }
  void closed(const SocketAddress& client) override { outputs.erase(client); }

  std::map<SocketAddress, std::shared_ptr<GuestOutput>> outputs;
  std::string heard;
};

class HttpGuest : public testing::Test {
 protected:
  HttpGuest() : client_settings(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    router.add(Method::Get, "/",
               [](Request) -> Task<Response> { co_return text_response(200, "http"); });
    options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value(), .tls = true},
                         {.address = SocketAddress::parse("127.0.0.1:0").value()}};
    options.tls = write_certificate(directory, "first");
    options.guest = &guest;
  }

  TemporaryDirectory directory;
  Loop loop;
  Router router;
  ServerOptions options;
  Echo guest;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> client_settings;
};

constexpr std::string_view kHello("\x00\x01\x00\x08 hello", 10);

TEST_F(HttpGuest, is_told_from_http_by_the_first_byte_inside_tls) {
  TestServer server(loop, std::move(router), options);
  RawClient guest_client(loop, server.address(0), client_settings.get());
  guest_client.send(kHello);
  EXPECT_EQ(guest_client.read_bytes(kHello.size()), kHello);
  RawClient http_client(loop, server.address(0), client_settings.get());
  http_client.send(get("/"));
  EXPECT_EQ(http_client.read_response()->body, "http");
  // The guest's connection goes on meanwhile.
  guest_client.send("more");
  EXPECT_EQ(guest_client.read_bytes(4), "more");
  EXPECT_EQ(guest.heard, std::string(kHello) + "more");
}

TEST_F(HttpGuest, is_not_served_without_tls) {
  TestServer server(loop, std::move(router), options);
  RawClient client(loop, server.address(1));
  client.send(std::string(kHello) + "\r\n\r\n");
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_EQ(guest.heard, "");
}

TEST_F(HttpGuest, hears_of_the_end_of_its_connection) {
  TestServer server(loop, std::move(router), options);
  {
    RawClient client(loop, server.address(0), client_settings.get());
    client.send(kHello);
    ASSERT_EQ(client.read_bytes(kHello.size()), kHello);
    ASSERT_EQ(guest.outputs.size(), 1U);
  }
  EXPECT_TRUE(loop.run_until([&] { return guest.outputs.empty(); }));
}

TEST_F(HttpGuest, may_end_a_connection) {
  TestServer server(loop, std::move(router), options);
  RawClient client(loop, server.address(0), client_settings.get());
  client.send(kHello);
  ASSERT_EQ(client.read_bytes(kHello.size()), kHello);
  guest.outputs.begin()->second->close();
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpGuest, loses_what_does_not_fit_into_its_queue) {
  TestServer server(loop, std::move(router), options);
  RawClient client(loop, server.address(0), client_settings.get());
  client.send(kHello);
  ASSERT_EQ(client.read_bytes(kHello.size()), kHello);
  const std::shared_ptr<GuestOutput> output = guest.outputs.begin()->second;
  // Nobody turns the loop: nothing is written yet.
  output->write(ByteVector(limits::kGuestQueueBytes, 'a'));
  output->write(bytes_of("b"));
  const std::string all = client.read_bytes(limits::kGuestQueueBytes);
  EXPECT_EQ(all, std::string(limits::kGuestQueueBytes, 'a'));
  output->write(bytes_of("c"));
  EXPECT_EQ(client.read_bytes(1), "c");
}

TEST_F(HttpGuest, is_let_go_when_the_server_stops) {
  TestServer server(loop, std::move(router), options);
  RawClient client(loop, server.address(0), client_settings.get());
  client.send(kHello);
  ASSERT_EQ(client.read_bytes(kHello.size()), kHello);
  const std::shared_ptr<GuestOutput> output = guest.outputs.begin()->second;
  server.stop(5s);
  EXPECT_TRUE(guest.outputs.empty());
  output->write(bytes_of("late"));
  output->close();
}

}  // namespace
}  // namespace vis::http
