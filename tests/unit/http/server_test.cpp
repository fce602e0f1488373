#include "http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "http/health.hpp"
#include "unit/http/loopback.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

/// Says what it was asked.
Task<Response> echo(Request request) {
  std::string answer = std::string(to_string(request.method)) + ' ' + request.path;
  for (const auto& [name, value] : request.query) answer += " ?" + name + '=' + value;
  for (const auto& [name, value] : request.parameters) answer += " {" + name + "}=" + value;
  if (!request.body.empty()) answer += " body:" + request.body;
  co_return text_response(200, answer);
}

Task<Response> tell_client(Request request) {
  co_return text_response(200, request.client.str() + (request.secure ? " secure" : ""));
}

Task<Response> fail_badly(Request) {
  throw std::runtime_error("password is hunter2");
  co_return Response{};
}

Router echo_router() {
  Router router;
  router.add(Method::Get, "/echo", echo);
  router.add(Method::Post, "/echo", echo);
  router.add(Method::Get, "/rooms/{room}/*", echo);
  router.add(Method::Get, "/client", tell_client);
  router.add(Method::Get, "/fail", fail_badly);
  return router;
}

class HttpServer : public testing::Test {
 protected:
  Loop loop;
  TestServer server{loop, echo_router()};
};

TEST_F(HttpServer, answers_requests_of_one_connection_in_order) {
  RawClient client(loop, server.address());
  client.send(get("/echo?a=1&b=x%20y") + get("/rooms/a%2Fb/c/d") + get("/nowhere") + get("/echo"));
  EXPECT_EQ(client.read_response()->body, "GET /echo ?a=1 ?b=x y");
  EXPECT_EQ(client.read_response()->body, "GET /rooms/a/b/c/d {room}=a/b {*}=c/d");
  EXPECT_EQ(client.read_response()->status, 404U);
  EXPECT_EQ(client.read_response()->body, "GET /echo");
}

TEST_F(HttpServer, reads_bodies_by_length_and_in_chunks) {
  RawClient client(loop, server.address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.read_response()->body, "POST /echo body:hello");
  for (const char* piece : {"0", "3\r", "\nabc", "\r\n0\r\n", "\r", "\n"}) client.send(piece);
  EXPECT_EQ(client.read_response()->body, "POST /echo body:abc");
  client.send(get("/echo"));
  EXPECT_EQ(client.read_response()->body, "GET /echo");
}

TEST_F(HttpServer, asks_for_the_body_that_a_client_holds_back) {
  RawClient client(loop, server.address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response()->status, 100U);
  client.send("ok");
  EXPECT_EQ(client.read_response()->body, "POST /echo body:ok");
}

TEST_F(HttpServer, answers_head_like_get_without_the_body) {
  RawClient client(loop, server.address());
  client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.read_response(true);
  EXPECT_EQ(head->status, 200U);
  EXPECT_EQ(head->headers.get("Content-Length"), "10");
  client.send(get("/echo"));
  EXPECT_EQ(client.read_response()->body, "GET /echo");
}

TEST_F(HttpServer, takes_a_double_slash_for_one) {
  RawClient client(loop, server.address());
  client.send(get("//echo"));
  EXPECT_EQ(client.read_response()->body, "GET /echo");
}

TEST_F(HttpServer, skips_one_empty_line_before_a_request) {
  RawClient client(loop, server.address());
  for (const std::string& request : {"\r\n" + get("/echo"), get("/echo")}) {
    client.send(request);
    EXPECT_EQ(client.read_response()->body, "GET /echo");
  }
  client.send("\r\n\r\n" + get("/echo"));
  EXPECT_EQ(client.read_response()->status, 400U);
}

TEST_F(HttpServer, names_itself_and_the_date) {
  RawClient client(loop, server.address());
  client.send(get("/echo"));
  const auto response = client.read_response();
  EXPECT_EQ(response->headers.get("Server"), "visavis");
  EXPECT_TRUE(response->headers.get("Date").ends_with(" GMT"));
  EXPECT_EQ(response->headers.get("X-Content-Type-Options"), "nosniff");
}

TEST_F(HttpServer, refuses_unknown_methods_with_those_it_knows) {
  RawClient client(loop, server.address());
  for (const char* method : {"DELETE", "TRACE", "BREW"}) {
    client.send(std::string(method) + " /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto response = client.read_response();
    EXPECT_EQ(response->status, 405U);
    EXPECT_EQ(response->headers.get("Allow"), "GET, HEAD, POST, OPTIONS");
  }
  client.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto options = client.read_response();
  EXPECT_EQ(options->status, 204U);
  EXPECT_EQ(options->headers.get("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(HttpServer, closes_when_the_client_wants_it) {
  RawClient polite(loop, server.address());
  polite.send(get("/echo", "Connection: close\r\n"));
  EXPECT_EQ(polite.read_response()->headers.get("Connection"), "close");
  EXPECT_TRUE(polite.is_closed_by_server());

  RawClient old(loop, server.address());
  old.send("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_response()->body, "GET /echo");
  EXPECT_TRUE(old.is_closed_by_server());
}

TEST_F(HttpServer, answers_an_exception_without_its_text) {
  RawClient client(loop, server.address());
  client.send(get("/fail"));
  const auto response = client.read_response();
  EXPECT_EQ(response->status, 500U);
  EXPECT_EQ(response->headers.get("Content-Type"), "application/problem+json");
  EXPECT_TRUE(response->body.contains("request "));
  EXPECT_FALSE(response->body.contains("hunter2"));
  client.send(get("/echo"));
  EXPECT_EQ(client.read_response()->status, 200U);
}

TEST_F(HttpServer, believes_forwarding_headers_from_trusted_peers_alone) {
  const std::string forwarded =
      get("/client", "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n");
  RawClient stranger(loop, server.address());
  stranger.send(forwarded);
  EXPECT_EQ(stranger.read_response()->body, "127.0.0.1");

  ServerOptions options;
  options.trusted_proxies = {IpPrefix::parse("127.0.0.0/8").value()};
  TestServer behind_proxy(loop, echo_router(), options);
  RawClient proxy(loop, behind_proxy.address());
  proxy.send(forwarded);
  EXPECT_EQ(proxy.read_response()->body, "203.0.113.5 secure");
}

TEST(HttpServerListeners, may_be_several_of_both_families) {
  Loop loop;
  ServerOptions options;
  options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value()},
                       {.address = SocketAddress::parse("[::1]:0").value()}};
  TestServer server(loop, echo_router(), options);
  for (const std::size_t listener : {0UZ, 1UZ}) {
    RawClient client(loop, server.address(listener));
    client.send(get("/client"));
    EXPECT_EQ(client.read_response()->body, server.address(listener).ip.str());
  }
}

TEST(HttpServerListeners, that_cannot_be_bound_are_an_error_that_names_them) {
  Loop loop;
  TestServer first(loop, Router{});
  Metrics metrics;
  Server second(loop.context.get_executor(), Router{}, metrics,
                {.listeners = {{.address = first.address()}}});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().message.contains(first.address().str())) << started.error().message;
}

TEST(HttpServerListeners, may_go_on_at_another_server_without_losing_who_waits) {
  Loop loop;
  ServerOptions options;
  options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value()}};
  TestServer first(loop, echo_router(), options);
  options.listeners[0].descriptor = ::dup(first.server.listening_descriptors().at(0));
  Metrics metrics;
  Server second(loop.context.get_executor(), echo_router(), metrics, options);
  ASSERT_TRUE(second.start());
  EXPECT_EQ(second.endpoints().at(0), first.address());
  first.server.close_listeners();
  RawClient waiting(loop, second.endpoints().at(0));
  waiting.send(get("/client"));
  second.accept();
  EXPECT_EQ(waiting.read_response()->status, 200U);
  EXPECT_TRUE(loop.run(second.stop(Duration::zero())));
}

TEST(HttpServerCors, is_on_every_response_of_a_route_that_has_it) {
  Loop loop;
  Router router;
  router.add(Method::Post, "/twirp/ok", echo, {.cors = Cors::Reflect});
  router.add(Method::Get, "/plain", echo);
  router.set_unmatched_cors(Cors::Reflect);
  TestServer server(loop, std::move(router));
  RawClient client(loop, server.address());
  const auto allowed_origin = [&](const std::string& request) {
    client.send(request);
    const auto response = client.read_response();
    return std::to_string(response->status) + ' ' +
           std::string(response->headers.get("Access-Control-Allow-Origin"));
  };
  const std::string fields = " HTTP/1.1\r\nHost: a\r\nOrigin: https://o.example\r\n";
  EXPECT_EQ(allowed_origin("POST /twirp/ok" + fields + "\r\n"), "200 https://o.example");
  EXPECT_EQ(allowed_origin("GET /twirp/ok" + fields + "\r\n"), "405 https://o.example");
  EXPECT_EQ(allowed_origin("GET /nowhere" + fields + "\r\n"), "404 https://o.example");
  EXPECT_EQ(allowed_origin("GET /plain" + fields + "\r\n"), "200 ");
  EXPECT_EQ(allowed_origin("POST /twirp/ok" + fields + "Content-Length: 99999999\r\n\r\n"),
            "413 https://o.example");
}

TEST(HttpServerCors, answers_preflights_for_any_header) {
  Loop loop;
  Router router;
  router.add(Method::Post, "/open", echo, {.cors = Cors::Reflect});
  router.add_websocket("/rtc",
                       [](Request) -> Task<WebSocketDecision> { co_return empty_response(401); },
                       {.cors = Cors::Reflect});
  router.add(Method::Post, "/closed", echo);
  TestServer server(loop, std::move(router));
  RawClient client(loop, server.address());
  const auto preflight = [&](const std::string& path) {
    client.send("OPTIONS " + path +
                " HTTP/1.1\r\nHost: a\r\nOrigin: https://o.example\r\n"
                "Access-Control-Request-Method: POST\r\n"
                "Access-Control-Request-Headers: authorization, x-y\r\n\r\n");
    return client.read_response();
  };
  for (const char* path : {"/open", "/rtc"}) {
    const auto response = preflight(path);
    EXPECT_EQ(response->status, 204U);
    EXPECT_EQ(response->headers.get("Access-Control-Allow-Origin"), "https://o.example");
    EXPECT_EQ(response->headers.get("Access-Control-Allow-Methods"),
              "OPTIONS, HEAD, GET, POST, PATCH, DELETE");
    EXPECT_EQ(response->headers.get("Access-Control-Allow-Headers"), "authorization, x-y");
    EXPECT_EQ(response->headers.get("Access-Control-Max-Age"), "86400");
  }
  EXPECT_FALSE(preflight("/closed")->headers.has("Access-Control-Allow-Origin"));
}

TEST(HttpServerRoutes, may_refuse_before_the_body_is_read) {
  Loop loop;
  Router router;
  RouteOptions options;
  options.admit = [](const Request& request) -> std::optional<Response> {
    if (request.bearer_token() == "good") return std::nullopt;
    return problem_response(Error{Errc::Unauthenticated, "no token"});
  };
  router.add(Method::Post, "/upload", echo, options);
  TestServer server(loop, std::move(router));
  RawClient refused(loop, server.address());
  refused.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(refused.read_response()->status, 401U);
  EXPECT_TRUE(refused.is_closed_by_server());

  RawClient admitted(loop, server.address());
  admitted.send(
      "POST /upload HTTP/1.1\r\nHost: a\r\nAuthorization: bearer good\r\nContent-Length: "
      "2\r\n\r\nok");
  EXPECT_EQ(admitted.read_response()->body, "POST /upload body:ok");
}

TEST(HttpServerRoutes, of_health_tell_how_the_server_is) {
  Loop loop;
  Router router;
  Metrics metrics;
  metrics.gauge({"visavis_rooms", "Rooms"}).set(3);
  Result<void> ready = fail(Errc::Unavailable, "migrations run");
  add_health_routes(
      router, metrics,
      {.ready = [&] { return ready; },
       .may_read_metrics =
           [](const Request& request) { return request.bearer_token() == "prometheus"; }});
  TestServer server(loop, std::move(router));
  RawClient client(loop, server.address());
  client.send(get("/healthz") + get("/readyz"));
  EXPECT_EQ(client.read_response()->status, 200U);
  const auto not_ready = client.read_response();
  EXPECT_EQ(not_ready->status, 503U);
  EXPECT_EQ(not_ready->body, "not ready: migrations run\n");
  ready = {};
  client.send(get("/readyz") + get("/metrics") +
              get("/metrics", "Authorization: Bearer prometheus\r\n"));
  EXPECT_EQ(client.read_response()->status, 200U);
  EXPECT_EQ(client.read_response()->status, 404U);
  EXPECT_TRUE(client.read_response()->body.contains("visavis_rooms 3"));
}

TEST(HttpServerMetrics, count_answers_by_class) {
  Loop loop;
  TestServer server(loop, echo_router());
  RawClient client(loop, server.address());
  client.send(get("/echo") + get("/echo") + get("/nowhere") + get("/fail"));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(client.read_response());
  const std::string text = server.metrics.expose();
  EXPECT_TRUE(text.contains("visavis_http_requests_total{status=\"2xx\"} 2")) << text;
  EXPECT_TRUE(text.contains("visavis_http_requests_total{status=\"4xx\"} 1"));
  EXPECT_TRUE(text.contains("visavis_http_requests_total{status=\"5xx\"} 1"));
  EXPECT_TRUE(text.contains("visavis_http_connections 1"));
}

// ---- stopping ----

/// A route whose handler waits until the test lets it go.
struct Gate {
  explicit Gate(Loop& loop) : opened(loop.context, asio::steady_timer::time_point::max()) {}

  Task<Response> wait() {
    entered = true;
    try {
      co_await opened.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      if (!open) throw;
    }
    co_return text_response(200, "through");
  }
  void let_go() {
    open = true;
    opened.cancel();
  }

  asio::steady_timer opened;
  bool entered = false;
  bool open = false;
};

Task<> stop_and_mark(Server* server, Duration grace, bool* stopped) {
  co_await server->stop(grace);
  *stopped = true;
}

class HttpServerStop : public testing::Test {
 protected:
  Router gate_router() {
    Router router;
    router.add(Method::Get, "/gate", [this](const Request&) { return gate.wait(); });
    return router;
  }

  Loop loop;
  Gate gate{loop};
  Metrics metrics;
};

TEST_F(HttpServerStop, lets_a_request_in_flight_finish) {
  TestServer server(loop, gate_router());
  RawClient busy(loop, server.address());
  RawClient idle(loop, server.address());
  busy.send(get("/gate"));
  ASSERT_TRUE(loop.run_until([&] { return gate.entered; }));

  bool stopped = false;
  asio::co_spawn(loop.context, stop_and_mark(&server.server, 1h, &stopped), asio::detached);
  EXPECT_TRUE(idle.is_closed_by_server());
  EXPECT_FALSE(stopped);
  gate.let_go();
  const auto response = busy.read_response();
  EXPECT_EQ(response->body, "through");
  EXPECT_EQ(response->headers.get("Connection"), "close");
  EXPECT_TRUE(busy.is_closed_by_server());
  busy.finish_sending();
  EXPECT_TRUE(loop.run_until([&] { return stopped; }));
}

TEST_F(HttpServerStop, accepts_nobody_any_more) {
  TestServer server(loop, gate_router());
  const SocketAddress address = server.address();
  server.stop(1h);
  RawClient late(loop, address);
  EXPECT_TRUE(late.is_closed_by_server());
}

TEST_F(HttpServerStop, cuts_what_takes_longer_than_the_grace) {
  TestServer server(loop, gate_router());
  RawClient busy(loop, server.address());
  busy.send(get("/gate"));
  ASSERT_TRUE(loop.run_until([&] { return gate.entered; }));
  server.stop(1ms);
  EXPECT_TRUE(busy.is_closed_by_server());
}

}  // namespace
}  // namespace vis::http
