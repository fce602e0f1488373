#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vis::http {
namespace {

Task<Response> unused(Request) { co_return Response{}; }
Task<WebSocketDecision> unused_websocket(Request) { co_return Response{}; }

/// The pattern that answers, or the methods that would, in parentheses.
std::string answer(const Router& router, Method method, std::string_view path) {
  const Router::Match match = router.match(method, parse_path(path).value());
  return match.route != nullptr ? match.route->pattern : '(' + match.allow + ')';
}

TEST(Router, prefers_the_literal_to_the_named_and_the_named_to_the_rest) {
  Router router;
  for (const char* pattern :
       {"/", "/rooms", "/rooms/{room}", "/rooms/new", "/rooms/{room}/users", "/rooms/*", "/*"}) {
    router.add(Method::Get, pattern, unused);
  }
  EXPECT_EQ(answer(router, Method::Get, "/"), "/");
  EXPECT_EQ(answer(router, Method::Get, "/rooms"), "/rooms");
  EXPECT_EQ(answer(router, Method::Get, "/rooms/new"), "/rooms/new");
  EXPECT_EQ(answer(router, Method::Get, "/rooms/x"), "/rooms/{room}");
  EXPECT_EQ(answer(router, Method::Get, "/rooms/new/users"), "/rooms/{room}/users");
  EXPECT_EQ(answer(router, Method::Get, "/rooms/x/else"), "/rooms/*");
  EXPECT_EQ(answer(router, Method::Get, "/rooms/"), "/rooms/*");
  EXPECT_EQ(answer(router, Method::Get, "/roomsx"), "/*");
}

TEST(Router, cuts_out_what_names_and_rest_match) {
  Router router;
  router.add(Method::Get, "/a/{x}/{y}", unused);
  router.add(Method::Get, "/b/{x}/*", unused);
  const auto parameters = [&](std::string_view path) {
    return router.match(Method::Get, parse_path(path).value()).parameters;
  };
  EXPECT_EQ(parameters("/a/1%2F2/3").get("x"), "1/2");
  EXPECT_EQ(parameters("/a/1%2F2/3").get("y"), "3");
  EXPECT_EQ(parameters("/b/1/2/3").get("*"), "2/3");
  EXPECT_EQ(parameters("/b/1").get("*"), "");
  EXPECT_TRUE(parameters("/b/1").has("*"));
}

TEST(Router, tells_the_methods_of_a_known_path) {
  Router router;
  router.add(Method::Get, "/a", unused);
  router.add(Method::Delete, "/a", unused);
  router.add_websocket("/ws", unused_websocket);
  EXPECT_EQ(answer(router, Method::Post, "/a"), "(GET, HEAD, DELETE, OPTIONS)");
  EXPECT_EQ(answer(router, Method::Other, "/a"), "(GET, HEAD, DELETE, OPTIONS)");
  EXPECT_EQ(answer(router, Method::Post, "/ws"), "(GET, OPTIONS)");
  EXPECT_EQ(answer(router, Method::Post, "/b"), "()");
}

TEST(Router, names_every_route) {
  Router router;
  for (const char* pattern : {"/a/{x}", "/*", "/a/b"}) router.add(Method::Get, pattern, unused);
  router.add(Method::Post, "/a/b", unused);
  router.add_websocket("/ws", unused_websocket);
  std::vector<std::string> names;
  for (const auto& [method, pattern] : router.names()) {
    names.push_back(std::string(to_string(method)) + ' ' + pattern);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("GET /a/{x}", "GET /*", "GET /a/b", "POST /a/b",
                                                   "GET /ws"));
}

TEST(Router, answers_head_where_there_is_get) {
  Router router;
  router.add(Method::Get, "/a", unused);
  router.add(Method::Post, "/b", unused);
  EXPECT_EQ(answer(router, Method::Head, "/a"), "/a");
  EXPECT_EQ(answer(router, Method::Head, "/b"), "(POST, OPTIONS)");
}

TEST(Router, gives_to_the_longest_fallback_what_has_no_route) {
  Router router;
  router.add(Method::Post, "/twirp/Service/Method", unused);
  router.add_fallback("/twirp", unused, {.cors = Cors::Reflect});
  router.add_fallback("/twirp/x/", unused);
  EXPECT_EQ(answer(router, Method::Post, "/twirp/Service/Method"), "/twirp/Service/Method");
  EXPECT_EQ(answer(router, Method::Get, "/twirp/Service/Method"), "/twirp");
  EXPECT_EQ(answer(router, Method::Other, "/twirp"), "/twirp");
  EXPECT_EQ(answer(router, Method::Get, "/twirp/x/y"), "/twirp/x/");
  EXPECT_EQ(answer(router, Method::Get, "/twirpx"), "()");
  EXPECT_EQ(router.match(Method::Get, parse_path("/twirp/y").value()).cors, Cors::Reflect);
}

TEST(Router, knows_websocket_routes_beside_plain_ones) {
  Router router;
  router.add_websocket("/rtc", unused_websocket, {.cors = Cors::Reflect});
  const auto match = router.match(Method::Get, parse_path("/rtc").value());
  EXPECT_NE(match.websocket, nullptr);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.cors, Cors::Reflect);
  EXPECT_EQ(router.match(Method::Get, parse_path("/rtc/").value()).websocket, nullptr);
}

}  // namespace
}  // namespace vis::http
