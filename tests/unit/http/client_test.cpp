#include "http/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdlib>
#include <optional>

#include "http/event.hpp"
#include "http/server.hpp"
#include "unit/http/certificate.hpp"
#include "unit/http/loopback.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

Task<Response> echo(Request request) {
  co_return text_response(200, std::string(to_string(request.method)) + ' ' +
                                   std::string(request.headers.get("X-Sign")) + ' ' +
                                   std::string(request.headers.get("Content-Type")) + ' ' +
                                   request.body);
}
Task<Response> redirect(Request) { co_return redirect_response(302, "/echo"); }
Task<Response> answer_long(Request request) {
  const auto size = static_cast<std::size_t>(std::atoi(request.query.find("n")->data()));
  co_return text_response(200, std::string(size, 'x'));
}

Task<> send(Client* client, ClientRequest request, std::optional<Result<ClientResponse>>* result) {
  *result = co_await client->send(std::move(request));
}

class HttpClient : public testing::Test {
 protected:
  HttpClient() {
    Router router;
    router.add(Method::Post, "/echo", echo);
    router.add(Method::Get, "/echo", echo);
    router.add(Method::Put, "/echo", echo);
    router.add(Method::Post, "/redirect", redirect);
    router.add(Method::Post, "/long", answer_long);
    router.add(Method::Post, "/hang", [this](const Request&) { return hang(); });
    options.tls = write_certificate(directory, "server");
    options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value()},
                         {.address = SocketAddress::parse("127.0.0.1:0").value(), .tls = true}};
    server.emplace(loop, std::move(router), options);
  }

  Task<Response> hang() {
    hanging = true;
    Event never(loop.context.get_executor());
    co_await never.wait();
    co_return Response{};
  }
  std::string url(std::string_view path) const {
    return "http://" + server->address(0).str() + std::string(path);
  }
  std::string secure_url(std::string_view path) const {
    return "https://localhost:" + std::to_string(server->address(1).port) + std::string(path);
  }
  Result<ClientResponse> send_with(Client& client, ClientRequest request) {
    std::optional<Result<ClientResponse>> result;
    EXPECT_TRUE(loop.run(send(&client, std::move(request), &result)));
    return std::move(*result);
  }
  /// The status and body, or the code of the error.
  std::string outcome(Client& client, ClientRequest request) {
    const auto response = send_with(client, std::move(request));
    if (!response) return std::string(to_string(response.error().code));
    return std::to_string(response->status) + ' ' + response->body;
  }

  TemporaryDirectory directory;
  Loop loop;
  ServerOptions options;
  std::optional<TestServer> server;
  bool hanging = false;
};

TEST_F(HttpClient, sends_what_it_is_given_and_gives_back_the_answer) {
  Client client;
  ClientRequest request{.url = url("/echo"), .body = "hello"};
  request.headers.add("X-Sign", "v1,abc");
  request.headers.add("Content-Type", "application/json");
  EXPECT_EQ(outcome(client, request), "200 POST v1,abc application/json hello");
  EXPECT_EQ(outcome(client, {.method = Method::Get, .url = url("/echo")}), "200 GET   ");
  EXPECT_EQ(outcome(client, {.method = Method::Put, .url = url("/echo"), .body = "x"}),
            "200 PUT   x");
  const auto response = send_with(client, request);
  EXPECT_EQ(response->headers.get("content-type"), "text/plain; charset=utf-8");
}

TEST_F(HttpClient, sends_large_bodies) {
  Client client;
  const std::string body(2'000'000, 'x');
  EXPECT_EQ(outcome(client, {.url = url("/echo"), .body = body, .response_bytes_max = 3'000'000}),
            "200 POST   " + body);
}

TEST_F(HttpClient, follows_no_redirect) {
  Client client;
  const auto response = send_with(client, {.url = url("/redirect")});
  EXPECT_EQ(response->status, 302U);
  EXPECT_EQ(response->headers.get("Location"), "/echo");
}

TEST_F(HttpClient, takes_an_answer_as_long_as_the_limit_and_not_one_byte_more) {
  Client client;
  const std::string most = std::to_string(limits::kHttpClientResponseBytes);
  EXPECT_TRUE(outcome(client, {.url = url("/long?n=" + most)}).starts_with("200 xxx"));
  const std::string more = std::to_string(limits::kHttpClientResponseBytes + 1);
  EXPECT_EQ(outcome(client, {.url = url("/long?n=" + more)}), "limit_exceeded");
}

TEST_F(HttpClient, refuses_what_is_no_http_url) {
  Client client;
  for (const char* bad : {"", "nonsense://x", "file:///etc/passwd", "ftp://127.0.0.1/",
                          "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "http://"}) {
    EXPECT_EQ(outcome(client, {.url = bad}), "invalid_argument") << bad;
  }
}

TEST_F(HttpClient, refuses_headers_that_would_be_two) {
  Client client;
  ClientRequest request{.url = url("/echo")};
  request.headers.add("X-Sign", "a\r\nX-Other: b");
  EXPECT_EQ(outcome(client, request), "invalid_argument");
}

TEST_F(HttpClient, asks_before_it_connects_to_an_address) {
  std::string asked;
  Client client({.may_connect = [&](const IpAddress& address) {
    asked = address.str();
    return false;
  }});
  EXPECT_EQ(outcome(client, {.url = url("/echo")}), "permission_denied");
  client.stop();  // joins the thread that wrote `asked`
  EXPECT_EQ(asked, "127.0.0.1");
}

TEST_F(HttpClient, verifies_certificates) {
  Client stranger;
  EXPECT_EQ(outcome(stranger, {.url = secure_url("/echo")}), "unavailable");
  Client informed({.authorities = options.tls->certificate});
  EXPECT_EQ(outcome(informed, {.url = secure_url("/echo"), .body = "x"}), "200 POST   x");
}

TEST_F(HttpClient, ignores_a_proxy_of_the_environment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  Client client;
  EXPECT_EQ(outcome(client, {.url = url("/echo"), .body = "x"}), "200 POST   x");
  ::unsetenv("http_proxy");
}

TEST_F(HttpClient, gives_up_in_time) {
  Client client;
  EXPECT_EQ(outcome(client, {.url = url("/hang"), .timeout = 5ms}), "timeout");
}

TEST_F(HttpClient, says_when_nobody_listens) {
  const std::string gone = url("/echo");
  server->stop(0ms);
  Client client;
  EXPECT_EQ(outcome(client, {.url = gone}), "unavailable");
}

TEST_F(HttpClient, cancels_what_is_in_flight_when_it_stops) {
  Client client;
  std::optional<Result<ClientResponse>> result;
  asio::co_spawn(loop.context, send(&client, {.url = url("/hang")}, &result), asio::detached);
  ASSERT_TRUE(loop.run_until([&] { return hanging; }));
  client.stop();
  EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }));
  EXPECT_EQ((*result).error().code, Errc::Cancelled);
  EXPECT_EQ(outcome(client, {.url = url("/echo")}), "cancelled");
}

TEST_F(HttpClient, holds_as_many_requests_as_its_limit_and_not_one_more) {
  Client client({.requests_max = 2});
  std::optional<Result<ClientResponse>> first;
  std::optional<Result<ClientResponse>> second;
  asio::co_spawn(loop.context, send(&client, {.url = url("/hang")}, &first), asio::detached);
  asio::co_spawn(loop.context, send(&client, {.url = url("/hang")}, &second), asio::detached);
  ASSERT_TRUE(loop.run_until([&] { return hanging; }));
  EXPECT_EQ(outcome(client, {.url = url("/echo")}), "limit_exceeded");
  client.stop();
  EXPECT_TRUE(loop.run_until([&] { return first && second; }));
}

TEST_F(HttpClient, forgets_a_request_whose_caller_is_cancelled) {
  Client client;
  TaskGroup callers(loop.context.get_executor());
  std::optional<Result<ClientResponse>> result;
  callers.spawn("caller", send(&client, {.url = url("/hang")}, &result));
  ASSERT_TRUE(loop.run_until([&] { return hanging; }));
  EXPECT_TRUE(loop.run(callers.stop()));
  EXPECT_FALSE(result);
  EXPECT_EQ(outcome(client, {.url = url("/echo"), .body = "x"}), "200 POST   x");
}

}  // namespace
}  // namespace vis::http
