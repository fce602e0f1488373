#include <gtest/gtest.h>

#include <ostream>

#include "base/limits/http.hpp"
#include "http/server.hpp"
#include "unit/http/loopback.hpp"

namespace vis::http {
namespace {

Task<Response> count_body(Request request) {
  co_return text_response(200, std::to_string(request.body.size()));
}
Task<Response> answer_much(Request) {
  co_return text_response(200, std::string(64 * 1024 * 1024, 'x'));
}

Router small_router() {
  Router router;
  router.add(Method::Get, "/", count_body);
  router.add(Method::Post, "/", count_body);
  router.add(Method::Post, "/small", count_body, {.body_bytes_max = 10});
  router.add(Method::Get, "/much", answer_much);
  return router;
}

std::string post(std::string_view path, std::size_t bytes) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

// ---- what comes in is wrong ----

struct Attack {
  const char* name;
  std::string bytes;
  unsigned status;

  friend void PrintTo(const Attack& row, std::ostream* out) { *out << row.name; }
};

class HttpAttack : public testing::TestWithParam<Attack> {
 protected:
  Loop loop;
  TestServer server{loop, small_router()};
};

TEST_P(HttpAttack, gets_an_error_and_disturbs_nobody) {
  RawClient good(loop, server.address());
  good.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  RawClient bad(loop, server.address());
  bad.send(GetParam().bytes);
  const auto response = bad.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, GetParam().status);
  EXPECT_EQ(response->headers.get("Connection"), "close");
  EXPECT_EQ(response->headers.get("Content-Type"), "application/problem+json");
  EXPECT_TRUE(bad.is_closed_by_server());

  good.send("cd");
  EXPECT_EQ(good.read_response()->body, "4");
}

INSTANTIATE_TEST_SUITE_P(
    Table, HttpAttack,
    testing::Values(
        Attack{"garbage", "\x01\x02\x03\x04", 400},
        Attack{"tls_on_plain_port", "\x16\x03\x01", 400},
        Attack{"not_http", "hello there\r\n\r\n", 400},
        Attack{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        Attack{"version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        Attack{"dot_segments", get("/../etc/passwd"), 400},
        Attack{"encoded_dot_segments", get("/%2e%2e/etc/passwd"), 400},
        Attack{"nul_in_path", get("/%00"), 400}, Attack{"broken_escape", get("/%zz"), 400},
        Attack{"broken_query", get("/?a=%"), 400}, Attack{"path_no_utf8", get("/%ff%fe"), 400},
        Attack{"smuggling",
               "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
               "\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
               400},
        Attack{"bad_chunk",
               "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Attack{"unknown_encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
               501},
        Attack{"expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", 417},
        Attack{"body_too_long", post("/", limits::kHttpBodyBytes + 1), 413},
        Attack{"body_too_long_for_route", post("/small", 11), 413},
        Attack{
            "chunks_too_long_for_route",
            "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890",
            413},
        Attack{"body_of_2_to_the_63", post("/", 0x8000'0000'0000'0000), 413},
        Attack{"long_request_line", "GET /" + std::string(limits::kHttpHeaderBytes, 'a'), 414},
        Attack{"long_header",
               "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(limits::kHttpHeaderBytes, 'a'),
               431},
        Attack{"many_fields",
               get("/",
                   [] {
                     std::string fields;
                     for (std::size_t i = 0; i < limits::kHttpHeaderFields; ++i)
                       fields += "X: y\r\n";
                     return fields;
                   }()),
               431}),
    [](const auto& row) { return row.param.name; });

TEST(HttpLimits, let_pass_what_is_exactly_as_long_as_allowed) {
  Loop loop;
  TestServer server(loop, small_router());
  RawClient client(loop, server.address());
  client.send(post("/small", 10) + "0123456789");
  EXPECT_EQ(client.read_response()->body, "10");

  client.send(post("/", limits::kHttpBodyBytes) + std::string(limits::kHttpBodyBytes, 'x'));
  EXPECT_EQ(client.read_response()->body, std::to_string(limits::kHttpBodyBytes));

  const std::string rest = "GET /? HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string query(limits::kHttpHeaderBytes - rest.size(), 'q');
  client.send("GET /?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_response()->status, 200U);
}

TEST(HttpLimits, a_request_line_of_17_kilobytes_passes) {
  Loop loop;
  TestServer server(loop, small_router());
  RawClient client(loop, server.address());
  client.send(get("/?join_request=" + std::string(17 * 1024, 'A')));
  EXPECT_EQ(client.read_response()->status, 200U);
}

TEST(HttpLimits, bound_the_connections) {
  Loop loop;
  ServerOptions options;
  options.connections_max = 2;
  TestServer server(loop, small_router(), options);
  RawClient first(loop, server.address());
  auto second = std::make_unique<RawClient>(loop, server.address());
  first.send(get("/"));
  second->send(get("/"));
  EXPECT_EQ(first.read_response()->status, 200U);
  EXPECT_EQ(second->read_response()->status, 200U);

  RawClient third(loop, server.address());
  EXPECT_EQ(third.read_response()->status, 503U);
  EXPECT_TRUE(third.is_closed_by_server());
  EXPECT_TRUE(server.metrics.expose().contains("visavis_http_connections_refused_total 1"));

  second.reset();
  EXPECT_TRUE(loop.run_until(
      [&] { return server.metrics.expose().contains("visavis_http_connections 1"); }));
  RawClient fourth(loop, server.address());
  fourth.send(get("/"));
  EXPECT_EQ(fourth.read_response()->status, 200U);
}

TEST(HttpLimits, bound_all_bodies_together) {
  Loop loop;
  ServerOptions options;
  options.bodies_bytes_max = 1000;
  TestServer server(loop, small_router(), options);
  RawClient slow(loop, server.address());
  slow.send(post("/", 700) + std::string(600, 'x'));
  RawClient greedy(loop, server.address());
  greedy.send(post("/", 700) + std::string(600, 'x'));
  EXPECT_EQ(greedy.read_response()->status, 503U);

  slow.send(std::string(100, 'x'));
  EXPECT_EQ(slow.read_response()->body, "700");
  RawClient later(loop, server.address());
  later.send(post("/", 700) + std::string(700, 'x'));
  EXPECT_EQ(later.read_response()->body, "700");
}

// ---- what comes in is late ----

class HttpTimeouts : public testing::Test {
 protected:
  HttpTimeouts() {
    options.timeouts = {.handshake = 1h,
                        .header = 1h,
                        .body = 1h,
                        .idle = 1h,
                        .write = 1h,
                        .linger = 1h,
                        .websocket_ping = 1h,
                        .websocket_dead = 1h,
                        .websocket_close = 1h,
                        .tick = 1ms};
  }

  Loop loop;
  ServerOptions options;
};

TEST_F(HttpTimeouts, end_a_connection_that_never_says_anything) {
  options.timeouts.header = 5ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpTimeouts, answer_a_slow_header_with_408) {
  options.timeouts.header = 5ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(client.read_response()->status, 408U);
}

TEST_F(HttpTimeouts, are_not_extended_by_dripping_a_header) {
  options.timeouts.header = 20ms;
  options.timeouts.linger = 1ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send("GET / HTTP/1.1\r\n");
  int drops = 0;
  const auto drip = [&] {
    client.send("X: y\r\n");
    return ++drops == 100'000 || server.metrics.expose().contains("timeouts_total 1");
  };
  EXPECT_TRUE(loop.run_until(drip));
  EXPECT_LT(drops, 100'000);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpTimeouts, answer_a_slow_body_with_408) {
  options.timeouts.body = 5ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send(post("/", 5) + "abc");
  EXPECT_EQ(client.read_response()->status, 408U);
}

TEST_F(HttpTimeouts, end_an_idle_connection_in_silence) {
  options.timeouts.idle = 5ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send(get("/"));
  EXPECT_EQ(client.read_response()->status, 200U);
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_TRUE(server.metrics.expose().contains("timeouts_total 0"));
}

TEST_F(HttpTimeouts, end_a_connection_that_does_not_take_its_answer) {
  options.timeouts.write = 5ms;
  options.timeouts.linger = 1ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send(get("/much"));
  EXPECT_TRUE(loop.run_until(
      [&] { return server.metrics.expose().contains("visavis_http_connections 0"); }));
}

TEST_F(HttpTimeouts, end_a_client_that_does_not_hang_up) {
  options.timeouts.linger = 5ms;
  TestServer server(loop, small_router(), options);
  RawClient client(loop, server.address());
  client.send(get("/", "Connection: close\r\n"));
  EXPECT_TRUE(loop.run_until(
      [&] { return server.metrics.expose().contains("visavis_http_connections 0"); }));
}

TEST(HttpAbort, in_the_middle_of_anything_ends_that_connection_alone) {
  Loop loop;
  TestServer server(loop, small_router());
  RawClient good(loop, server.address());
  for (const std::string& request : {std::string("GET / HT"), post("/", 100) + "abc", get("/much"),
                                     get("/") + get("/much") + "GET"}) {
    RawClient client(loop, server.address());
    client.send(request);
    loop.context.poll();
    client.abort();
  }
  EXPECT_TRUE(loop.run_until(
      [&] { return server.metrics.expose().contains("visavis_http_connections 1"); }));
  good.send(get("/"));
  EXPECT_EQ(good.read_response()->status, 200U);
}

}  // namespace
}  // namespace vis::http
