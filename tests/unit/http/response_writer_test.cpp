#include "http/response_writer.hpp"

#include <gtest/gtest.h>

namespace vis::http {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(ResponseHead, says_who_speaks_and_how_long_the_body_is) {
  EXPECT_EQ(write_head(text_response(200, "hello"), {.date = kDate}),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: visavis\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(ResponseHead, leaves_framing_to_the_server) {
  Response response = text_response(200, "hello");
  response.headers.add("content-length", "7");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("Connection", "upgrade");
  const std::string head = write_head(response, {.keep_alive = false, .date = kDate});
  EXPECT_FALSE(head.contains("chunked"));
  EXPECT_FALSE(head.contains("upgrade"));
  EXPECT_FALSE(head.contains(": 7"));
  EXPECT_TRUE(head.contains("Content-Length: 5\r\nConnection: close\r\n"));
}

TEST(ResponseHead, lets_no_value_start_a_header_of_its_own) {
  Response response = redirect_response(302, "/a\r\nSet-Cookie: x\n\t");
  response.headers.add("Bad Name\r\nX", "y");
  const std::string head = write_head(response, {.date = kDate});
  EXPECT_TRUE(head.contains("Location: /a  Set-Cookie: x  \r\n"));
  EXPECT_FALSE(head.contains("Bad"));
}

TEST(ResponseHead, has_no_length_where_there_can_be_no_body) {
  EXPECT_FALSE(write_head(empty_response(204), {.date = kDate}).contains("Content-Length"));
  EXPECT_FALSE(write_head(empty_response(304), {.date = kDate}).contains("Content-Length"));
  EXPECT_TRUE(write_head(empty_response(404), {.date = kDate}).contains("Content-Length: 0\r\n"));
  EXPECT_EQ(body_of(text_response(304, "x"), Method::Get), "");
  EXPECT_EQ(body_of(text_response(200, "x"), Method::Head), "");
  EXPECT_EQ(body_of(text_response(200, "x"), Method::Get), "x");
}

TEST(ResponseHead, reflects_the_origin_where_cors_is_on) {
  const Response response = empty_response(401);
  const ResponseContext off{.date = kDate, .origin = "https://a.example"};
  EXPECT_FALSE(write_head(response, off).contains("Access-Control"));

  ResponseContext on = off;
  on.cors = Cors::Reflect;
  const std::string head = write_head(response, on);
  EXPECT_TRUE(head.contains("Access-Control-Allow-Origin: https://a.example\r\n"));
  EXPECT_TRUE(head.contains("Vary: Origin\r\n"));

  on.origin = {};
  EXPECT_FALSE(write_head(response, on).contains("Access-Control"));
  EXPECT_TRUE(write_head(response, on).contains("Vary: Origin\r\n"));
}

TEST(Problem, is_what_rfc_9457_describes) {
  const Response response = problem_response(Error{Errc::NotFound, "no such \"room\""});
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Not Found","status":404,"code":"not_found",)"
            R"("detail":"no such \"room\""})");
}

TEST(Problem, hides_what_went_wrong_inside) {
  const Response response = problem_response(Error{Errc::Internal, "disk /dev/sda1 is full"});
  EXPECT_EQ(response.status, 500U);
  EXPECT_FALSE(response.body.contains("sda1"));
}

}  // namespace
}  // namespace vis::http
