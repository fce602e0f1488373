#include "http/request_head.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "base/limits/http.hpp"

namespace vis::http {
namespace {

std::expected<RequestHead, Refusal> parse_with(std::string_view fields) {
  return RequestHead::parse("POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
}

TEST(RequestHead, holds_the_request_line_and_the_fields) {
  const auto head = RequestHead::parse(
      "GET /rtc?access_token=x HTTP/1.1\r\nHost: example.com:7880\r\nA:b\r\nC: \t d e \t\r\n"
      "Empty:\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, Method::Get);
  EXPECT_EQ(head->target, "/rtc?access_token=x");
  EXPECT_EQ(head->headers.get("a"), "b");
  EXPECT_EQ(head->headers.get("c"), "d e");
  EXPECT_TRUE(head->headers.has("empty"));
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->has_body());
}

TEST(RequestHead, takes_the_path_out_of_the_absolute_form) {
  const auto target = [](std::string_view given) {
    const auto head =
        RequestHead::parse("GET " + std::string(given) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return head ? head->target : "refused";
  };
  EXPECT_EQ(target("http://a:1/b?c"), "/b?c");
  EXPECT_EQ(target("HTTPS://a"), "/");
  EXPECT_EQ(target("http://a?b"), "/?b");
  EXPECT_EQ(target("/a#b"), "/a");
  EXPECT_EQ(target("http:///b"), "refused");
  EXPECT_EQ(target("ftp://a/b"), "refused");
  EXPECT_EQ(target("a/b"), "refused");
  EXPECT_EQ(target("*"), "refused");
}

TEST(RequestHead, knows_how_the_body_is_framed) {
  EXPECT_EQ(parse_with("Content-Length: 17\r\n")->content_length, 17U);
  EXPECT_TRUE(parse_with("Content-Length: 17\r\n")->has_body());
  EXPECT_FALSE(parse_with("Content-Length: 0\r\n")->has_body());
  EXPECT_TRUE(parse_with("Transfer-Encoding: Chunked\r\n")->chunked);
}

TEST(RequestHead, knows_whether_the_connection_goes_on) {
  EXPECT_FALSE(parse_with("Connection: Close\r\n")->keep_alive);
  EXPECT_TRUE(parse_with("Connection: upgrade\r\n")->keep_alive);
  EXPECT_FALSE(RequestHead::parse("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(RequestHead::parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse_with("Expect: 100-continue\r\n")->expects_continue);
}

struct Malformed {
  const char* name;
  std::string text;
  unsigned status;

  friend void PrintTo(const Malformed& row, std::ostream* out) { *out << row.name; }
};

class MalformedRequestHead : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequestHead, is_refused) {
  const auto head = RequestHead::parse(GetParam().text);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().status, GetParam().status) << head.error().reason;
}

const std::string kNul(1, '\0');

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedRequestHead,
    testing::Values(
        Malformed{"nothing", "", 400}, Malformed{"no_end", "GET / HTTP/1.1\r\nHost: a\r\n", 400},
        Malformed{"empty_line_only", "\r\n\r\n", 400}, Malformed{"method_only", "GET\r\n\r\n", 400},
        Malformed{"no_version", "GET /\r\n\r\n", 400},
        Malformed{"two_spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"space_behind", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        Malformed{"tab_in_line", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"method_no_token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"bytes_in_target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"nul_in_target", "GET /" + kNul + " HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"authority_form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"lower_case_version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        Malformed{"version_0_9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
        Malformed{"version_2", "PRI * HTTP/2.0\r\n\r\n", 400},
        Malformed{"version_2_get", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        Malformed{"version_1_10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
        Malformed{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        Malformed{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Malformed{"bad_host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        Malformed{"no_colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
        Malformed{"no_name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
        Malformed{"space_before_colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        Malformed{"folded_line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400},
        Malformed{"folded_first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        Malformed{"bare_lf", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        Malformed{"bare_cr_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n", 400},
        Malformed{"nul_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: " + kNul + "\r\n\r\n", 400},
        Malformed{"bell_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: \a\r\n\r\n", 400},
        Malformed{"delete_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7F\r\n\r\n", 400},
        Malformed{"expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417}),
    [](const auto& row) { return row.param.name; });

class AmbiguousLength : public testing::TestWithParam<Malformed> {};

// Each of these has let a front server and a back server disagree about where a request ends.
TEST_P(AmbiguousLength, is_refused) {
  const auto head = parse_with(GetParam().text);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().status, GetParam().status) << head.error().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AmbiguousLength,
    testing::Values(
        Malformed{"both", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400},
        Malformed{"both_reversed", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400},
        Malformed{"two_lengths", "Content-Length: 1\r\nContent-Length: 2\r\n", 400},
        Malformed{"two_equal_lengths", "Content-Length: 1\r\nContent-Length: 1\r\n", 400},
        Malformed{"length_list", "Content-Length: 1, 1\r\n", 400},
        Malformed{"length_plus", "Content-Length: +1\r\n", 400},
        Malformed{"length_minus", "Content-Length: -1\r\n", 400},
        Malformed{"length_hex", "Content-Length: 0x1\r\n", 400},
        Malformed{"length_empty", "Content-Length:\r\n", 400},
        Malformed{"length_huge", "Content-Length: 18446744073709551616\r\n", 400},
        Malformed{"encoding_gzip", "Transfer-Encoding: gzip\r\n", 501},
        Malformed{"encoding_list", "Transfer-Encoding: gzip, chunked\r\n", 501},
        Malformed{"encoding_after", "Transfer-Encoding: chunked, gzip\r\n", 501},
        Malformed{"encoding_twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", 501},
        Malformed{"encoding_odd", "Transfer-Encoding: xchunked\r\n", 501}),
    [](const auto& row) { return row.param.name; });

TEST(RequestHead, refuses_chunks_from_a_1_0_client) {
  const auto head = RequestHead::parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().status, 400U);
}

TEST(RequestHead, takes_as_many_fields_as_the_limit_and_not_one_more) {
  std::string fields;
  for (std::size_t i = 1; i < limits::kHttpHeaderFields; ++i) fields += "X: y\r\n";
  EXPECT_TRUE(parse_with(fields));
  const auto refused = parse_with(fields + "X: y\r\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 431U);
}

/// The size of the head, "more", or the status of the refusal.
std::string find_head(HeadFinder& finder, std::string_view buffer) {
  const auto size = finder.find(buffer);
  if (!size) return "refused " + std::to_string(size.error().status);
  return *size ? std::to_string(**size) : "more";
}

TEST(HeadFinder, finds_an_end_that_comes_byte_by_byte) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  HeadFinder finder(1000);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(find_head(finder, text.substr(0, size)), "more") << size;
  }
  EXPECT_EQ(find_head(finder, text + "more"), std::to_string(text.size()));
}

TEST(HeadFinder, takes_a_head_as_long_as_the_limit_and_not_one_byte_more) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  HeadFinder long_enough(text.size());
  EXPECT_EQ(find_head(long_enough, text), std::to_string(text.size()));
  HeadFinder too_short(text.size() - 1);
  EXPECT_EQ(find_head(too_short, text), "refused 431");
}

TEST(HeadFinder, tells_a_long_request_line_from_a_long_header) {
  const std::string line = "GET /" + std::string(100, 'a');
  EXPECT_EQ(HeadFinder(50).find(line).error().status, 414U);
  EXPECT_EQ(HeadFinder(50).find(line + " HTTP/1.1\r\n\r\n").error().status, 414U);
  EXPECT_EQ(HeadFinder(50).find("GET / HTTP/1.1\r\n" + line).error().status, 431U);
}

TEST(HeadFinder, refuses_another_protocol_at_its_first_byte) {
  EXPECT_EQ(HeadFinder(50).find("\x16\x03\x01").error().status, 400U);
}

}  // namespace
}  // namespace vis::http
