#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <ostream>
#include <stdexcept>

#include "base/limits/http.hpp"
#include "http/event.hpp"
#include "http/server.hpp"
#include "http/websocket_deflate.hpp"
#include "unit/http/loopback.hpp"
#include "unit/http/websocket_frames.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

const std::string kBye = "8:\x03\xE8";

/// What the handlers of these tests have seen.
struct Seen {
  std::string end;  ///< Why read() failed.
  CloseCode close_code = CloseCode::Normal;
  WebSocket* socket = nullptr;
};

/// Greets, echoes, and says goodbye.
Task<> echo(WebSocket* socket, Seen* seen) {
  seen->socket = socket;
  socket->send(WebSocketMessage::text("welcome"));
  while (true) {
    auto message = co_await socket->read();
    if (!message) {
      seen->end = to_string(message.error().code);
      seen->close_code = socket->close_code();
      if (message.error().code == Errc::Cancelled) {
        socket->send(WebSocketMessage::text("goodbye"));
      }
      seen->socket = nullptr;
      co_return;
    }
    socket->send(std::move(*message));
  }
}

Task<WebSocketDecision> accept_unless_refused(Request request, WebSocketAcceptance acceptance) {
  if (request.query.has("refuse")) co_return text_response(401, "no entry");
  co_return acceptance;
}

std::string upgraded(RawClient& client) {
  const auto response = client.read_response(true);
  return response ? std::to_string(response->status) : "none";
}

class HttpWebSocket : public testing::Test {
 protected:
  using Run = std::function<Task<>(WebSocket&)>;

  Router router_with(Run run, WebSocketOptions websocket = {}) {
    Router router;
    router.add_websocket("/ws", [run, websocket](Request request) {
      return accept_unless_refused(std::move(request), {.run = run, .options = websocket});
    });
    return router;
  }
  Router echo_router(WebSocketOptions websocket = {}) {
    return router_with([this](WebSocket& socket) { return echo(&socket, &seen); }, websocket);
  }
  /// An upgraded client that has been welcomed.
  std::unique_ptr<RawClient> connect(const TestServer& server) {
    auto client = std::make_unique<RawClient>(loop, server.address());
    client->send(upgrade("/ws"));
    EXPECT_EQ(upgraded(*client), "101");
    EXPECT_EQ(client->read_frame(), "1:welcome");
    return client;
  }

  Loop loop;
  Seen seen;
};

TEST_F(HttpWebSocket, answers_the_upgrade_and_carries_messages_both_ways) {
  TestServer server(loop, echo_router());
  RawClient client(loop, server.address());
  client.send(upgrade("/ws"));
  const auto response = client.read_response(true);
  EXPECT_EQ(response->status, 101U);
  EXPECT_EQ(response->headers.get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(response->headers.has("Sec-WebSocket-Extensions"));
  EXPECT_EQ(client.read_frame(), "1:welcome");

  const std::string large(300'000, 'x');
  client.send(ClientFrame{.opcode = 1, .payload = "a"}.bytes() +
              ClientFrame{.payload = "b"}.bytes() + ClientFrame{.payload = large}.bytes());
  EXPECT_EQ(client.read_frame(), "1:a");
  EXPECT_EQ(client.read_frame(), "2:b");
  EXPECT_EQ(client.read_frame(), "2:" + large);
  EXPECT_TRUE(server.metrics.expose().contains("visavis_http_websockets 1"));

  client.send(ClientFrame{.opcode = 8, .payload = "\x0F\xA1"}.bytes());
  EXPECT_EQ(client.read_frame(), "8:\x0F\xA1");
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_EQ(seen.end, "unavailable");
  EXPECT_EQ(seen.close_code, CloseCode{4001});
  EXPECT_TRUE(server.metrics.expose().contains("visavis_http_websockets 0"));
}

TEST_F(HttpWebSocket, delivers_what_came_before_the_close_frame) {
  std::string received;
  const auto collect = [&](WebSocket& socket) -> Task<> {
    return [](WebSocket* from, std::string* into) -> Task<> {
      while (auto message = co_await from->read()) *into += message->data;
    }(&socket, &received);
  };
  TestServer server(loop, router_with(collect));
  RawClient client(loop, server.address());
  std::string frames;
  for (const char* text : {"a", "b", "c"}) {
    frames += ClientFrame{.opcode = 1, .payload = text}.bytes();
  }
  client.send(upgrade("/ws") + frames + ClientFrame{.opcode = 8}.bytes());
  EXPECT_EQ(upgraded(client), "101");
  EXPECT_EQ(client.read_frame(), kBye);
  EXPECT_TRUE(loop.run_until([&] { return received == "abc"; })) << received;
}

TEST_F(HttpWebSocket, is_refused_as_plain_http) {
  TestServer server(loop, echo_router());
  RawClient client(loop, server.address());
  client.send(upgrade("/ws?refuse"));
  const auto response = client.read_response();
  EXPECT_EQ(response->status, 401U);
  EXPECT_EQ(response->body, "no entry");
  client.send(upgrade("/ws"));
  EXPECT_EQ(upgraded(client), "101");
}

TEST_F(HttpWebSocket, answers_a_bad_upgrade_with_what_is_wrong) {
  TestServer server(loop, echo_router());
  RawClient client(loop, server.address());
  const auto status = [&](const std::string& request) {
    client.send(request);
    return client.read_response()->status;
  };
  const std::string fields = "Connection: upgrade\r\nUpgrade: websocket\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  EXPECT_EQ(status(get("/ws")), 426U);
  EXPECT_EQ(status(get("/ws", fields + key)), 426U);
  EXPECT_EQ(status(get("/ws", fields + key + "Sec-WebSocket-Version: 8\r\n")), 426U);
  EXPECT_EQ(status(get("/ws", fields + "Sec-WebSocket-Version: 13\r\n")), 400U);
  EXPECT_EQ(status(get("/ws", fields + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n")),
            400U);
  EXPECT_EQ(status(get("/nowhere", fields + key + "Sec-WebSocket-Version: 13\r\n")), 404U);
  EXPECT_EQ(status("POST /ws HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"), 405U);
}

TEST_F(HttpWebSocket, may_look_like_nothing_to_a_plain_get) {
  Router router;
  router.add_websocket("/rtc",
                       [](Request) -> Task<WebSocketDecision> { co_return empty_response(500); },
                       {.cors = Cors::Reflect, .hides_from_plain_get = true});
  TestServer server(loop, std::move(router));
  RawClient client(loop, server.address());
  client.send(get("/rtc", "Origin: https://o.example\r\n"));
  const auto response = client.read_response();
  EXPECT_EQ(response->status, 404U);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(response->headers.get("Access-Control-Allow-Origin"), "https://o.example");
}

TEST_F(HttpWebSocket, sends_what_was_queued_before_it_closes) {
  const auto many = [](WebSocket& socket) -> Task<> {
    return [](WebSocket* to) -> Task<> {
      for (int i = 0; i < 100; ++i) to->send(WebSocketMessage::text(std::to_string(i)));
      to->close(CloseCode{4000}, "enough");
      to->send(WebSocketMessage::text("too late"));
      to->close(CloseCode::Normal, "too late");
      co_return;
    }(&socket);
  };
  TestServer server(loop, router_with(many));
  RawClient client(loop, server.address());
  client.send(upgrade("/ws"));
  EXPECT_EQ(upgraded(client), "101");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_frame(), "1:" + std::to_string(i));
  EXPECT_EQ(client.read_frame(),
            "8:\x0F\xA0"
            "enough");
  client.send(ClientFrame{.opcode = 8, .payload = "\x0F\xA0"}.bytes());
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpWebSocket, closes_with_1011_when_its_handler_throws) {
  const auto broken = [](WebSocket&) -> Task<> {
    throw std::runtime_error("on purpose");
    co_return;
  };
  TestServer server(loop, router_with(broken));
  RawClient client(loop, server.address());
  client.send(upgrade("/ws"));
  EXPECT_EQ(upgraded(client), "101");
  EXPECT_EQ(client.read_frame(), "8:\x03\xF3");
}

TEST_F(HttpWebSocket, answers_the_latest_ping) {
  TestServer server(loop, echo_router());
  const auto client = connect(server);
  client->send(ClientFrame{.opcode = 9, .payload = "1"}.bytes());
  EXPECT_EQ(client->read_frame(), "10:1");
}

TEST_F(HttpWebSocket, breaks_when_the_peer_does_not_read) {
  TestServer server(loop, echo_router({.queue_bytes_max = 1'000'000}));
  const auto client = connect(server);
  int sent = 0;
  const auto flood = [&] {
    if (seen.socket != nullptr) {
      seen.socket->send(WebSocketMessage::binary(std::string(500'000, 'x')));
      ++sent;
    }
    return !seen.end.empty() || sent == 1000;
  };
  EXPECT_TRUE(loop.run_until(flood));
  EXPECT_EQ(seen.end, "limit_exceeded");
  EXPECT_TRUE(server.metrics.expose().contains("visavis_http_websocket_overflows_total 1"));
}

TEST_F(HttpWebSocket, queues_as_many_messages_as_the_limit_and_not_one_more) {
  for (const std::size_t count : {5UZ, 6UZ}) {
    std::string end;
    const auto burst = [&](WebSocket& socket) -> Task<> {
      return [](WebSocket* to, std::size_t messages, std::string* reason) -> Task<> {
        for (std::size_t i = 0; i < messages; ++i) to->send(WebSocketMessage::text("x"));
        const auto message = co_await to->read();
        *reason = to_string(message.error().code);
      }(&socket, count, &end);
    };
    TestServer server(loop, router_with(burst, {.queue_messages_max = 5}));
    RawClient client(loop, server.address());
    client.send(upgrade("/ws"));
    if (count == 5) {
      EXPECT_EQ(upgraded(client), "101");
      client.send(ClientFrame{.opcode = 8}.bytes());
    }
    EXPECT_TRUE(loop.run_until([&] { return !end.empty(); }));
    EXPECT_EQ(end, count == 5 ? "unavailable" : "limit_exceeded");
  }
}

TEST_F(HttpWebSocket, inflates_and_deflates_when_that_was_agreed) {
  TestServer server(loop, echo_router({.deflate = true}));
  RawClient client(loop, server.address());
  client.send(
      upgrade("/ws", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"));
  const auto response = client.read_response(true);
  EXPECT_EQ(response->headers.get("Sec-WebSocket-Extensions"), kDeflateAgreement);
  EXPECT_EQ(client.read_frame(), "1:welcome");
  const std::string plain(10'000, 'x');
  Deflater deflater;
  const std::string deflated = deflater.deflate(plain);
  client.send(ClientFrame{.opcode = 1, .payload = deflated, .reserved = 4}.bytes());
  EXPECT_EQ(client.read_frame(), "1:deflated:" + deflated);
}

// ---- peers that break the rules ----

struct Attack {
  const char* name;
  std::string bytes;
  std::string close;  ///< The code that the server closes with.

  friend void PrintTo(const Attack& row, std::ostream* out) { *out << row.name; }
};

class WebSocketAttack : public HttpWebSocket, public testing::WithParamInterface<Attack> {};

TEST_P(WebSocketAttack, is_closed_with_its_code_and_disturbs_nobody) {
  TestServer server(loop, echo_router());
  const auto bad = connect(server);
  const auto good = connect(server);
  bad->send(GetParam().bytes);
  EXPECT_TRUE(bad->read_frame().starts_with("8:" + GetParam().close));
  EXPECT_TRUE(bad->is_closed_by_server());
  good->send(ClientFrame{.payload = "still here"}.bytes());
  EXPECT_EQ(good->read_frame(), "2:still here");
}

INSTANTIATE_TEST_SUITE_P(
    Table, WebSocketAttack,
    testing::Values(
        Attack{"unmasked", ClientFrame{.payload = "x", .masked = false}.bytes(), "\x03\xEA"},
        Attack{"bad_opcode", ClientFrame{.opcode = 3}.bytes(), "\x03\xEA"},
        Attack{"reserved_bits", ClientFrame{.payload = "x", .reserved = 7}.bytes(), "\x03\xEA"},
        Attack{"compressed_without_agreement", ClientFrame{.reserved = 4}.bytes(), "\x03\xEA"},
        Attack{"fragmented_control", ClientFrame{.opcode = 9, .final = false}.bytes(), "\x03\xEA"},
        Attack{"oversize_length",
               ClientFrame{.claimed = limits::kWebSocketMessageBytes + 1}.bytes(), "\x03\xF1"},
        Attack{"length_of_2_to_the_64", ClientFrame{.claimed = ~std::uint64_t{0}}.bytes(),
               "\x03\xF1"},
        Attack{"invalid_utf8", ClientFrame{.opcode = 1, .payload = "\xFF"}.bytes(), "\x03\xEF"},
        Attack{"garbage", "GET / HTTP/1.1\r\n\r\n", "\x03\xEA"}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpWebSocket, takes_a_message_as_long_as_the_limit) {
  TestServer server(loop, echo_router());
  const auto client = connect(server);
  const std::string payload(limits::kWebSocketMessageBytes, 'x');
  client->send(ClientFrame{.payload = payload}.bytes());
  EXPECT_EQ(client->read_frame(), "2:" + payload);
}

// ---- time and the end ----

class WebSocketTimeouts : public HttpWebSocket {
 protected:
  WebSocketTimeouts() {
    options.timeouts.websocket_ping = 1h;
    options.timeouts.websocket_dead = 1h;
    options.timeouts.websocket_close = 1h;
    options.timeouts.tick = 1ms;
  }
  ServerOptions options;
};

TEST_F(WebSocketTimeouts, pings_at_its_interval) {
  options.timeouts.websocket_ping = 2ms;
  TestServer server(loop, echo_router(), options);
  const auto client = connect(server);
  EXPECT_EQ(client->read_frame(), "9:");
  client->send(ClientFrame{.opcode = 10}.bytes());
  EXPECT_EQ(client->read_frame(), "9:");
}

TEST_F(WebSocketTimeouts, end_a_peer_without_a_sign_of_life) {
  options.timeouts.websocket_dead = 5ms;
  TestServer server(loop, echo_router(), options);
  const auto client = connect(server);
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_TRUE(loop.run_until([&] { return !seen.end.empty(); }));
  EXPECT_EQ(seen.end, "unavailable");
  EXPECT_EQ(seen.close_code, CloseCode::Abnormal);
}

TEST_F(WebSocketTimeouts, end_a_peer_that_does_not_answer_a_close) {
  options.timeouts.websocket_close = 5ms;
  const auto leave = [](WebSocket&) -> Task<> { co_return; };
  TestServer server(loop, router_with(leave), options);
  RawClient client(loop, server.address());
  client.send(upgrade("/ws"));
  EXPECT_EQ(upgraded(client), "101");
  EXPECT_EQ(client.read_frame(), kBye);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpWebSocket, tells_the_handler_when_the_connection_is_lost) {
  TestServer server(loop, echo_router());
  const auto client = connect(server);
  client->abort();
  EXPECT_TRUE(loop.run_until([&] { return !seen.end.empty(); }));
  EXPECT_EQ(seen.end, "unavailable");
  EXPECT_EQ(seen.close_code, CloseCode::Abnormal);
}

Task<> stop_and_mark(Server* server, bool* stopped) {
  co_await server->stop(1h);
  *stopped = true;
}

TEST_F(HttpWebSocket, says_goodbye_and_closes_with_1001_when_the_server_stops) {
  TestServer server(loop, echo_router());
  const auto client = connect(server);
  bool stopped = false;
  asio::co_spawn(loop.context, stop_and_mark(&server.server, &stopped), asio::detached);
  EXPECT_EQ(client->read_frame(), "1:goodbye");
  EXPECT_EQ(client->read_frame(), "8:\x03\xE9");
  EXPECT_EQ(seen.end, "cancelled");
  EXPECT_FALSE(stopped);
  client->send(ClientFrame{.opcode = 8, .payload = "\x03\xE9"}.bytes());
  EXPECT_TRUE(client->is_closed_by_server());
  client->finish_sending();
  EXPECT_TRUE(loop.run_until([&] { return stopped; }));
}

TEST_F(HttpWebSocket, is_cut_after_the_grace_when_its_handler_does_not_return) {
  const auto stuck = [this](WebSocket& socket) -> Task<> {
    return [](WebSocket* to, asio::any_io_executor executor) -> Task<> {
      to->send(WebSocketMessage::text("welcome"));
      Event never(executor);
      co_await never.wait();
      co_await never.wait();
    }(&socket, loop.context.get_executor());
  };
  TestServer server(loop, router_with(stuck));
  const auto client = connect(server);
  server.stop(1ms);
  EXPECT_TRUE(client->is_closed_by_server());
}

}  // namespace
}  // namespace vis::http
