#include "http/body_reader.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace vis::http {
namespace {

RequestHead with_length(std::uint64_t length) {
  RequestHead head;
  head.content_length = length;
  return head;
}
RequestHead chunked() {
  RequestHead head;
  head.chunked = true;
  return head;
}

/// Feeds `input` in pieces of `step` bytes; the decoded body, or the status of the refusal.
std::string read(const RequestHead& head, std::string_view input, std::size_t step,
                 std::size_t bytes_max = 1000) {
  BodyReader reader(head, bytes_max);
  std::string body;
  while (!reader.done() && !input.empty()) {
    const auto consumed = reader.feed(input.substr(0, step), body);
    if (!consumed) return std::to_string(consumed.error().status);
    input.remove_prefix(*consumed);
  }
  if (!reader.done()) return body + " (incomplete)";
  return body + (input.empty() ? "" : " + " + std::string(input));
}

TEST(BodyReader, has_nothing_to_do_without_a_body) {
  EXPECT_TRUE(BodyReader(RequestHead{}, 0).done());
  EXPECT_TRUE(BodyReader(with_length(0), 0).done());
}

TEST(BodyReader, stops_where_the_length_says) {
  for (std::size_t step = 1; step < 10; ++step) {
    EXPECT_EQ(read(with_length(5), "hello", step), "hello");
    EXPECT_EQ(read(with_length(5), "hell", step), "hell (incomplete)");
  }
  EXPECT_EQ(read(with_length(5), "helloGET", 10), "hello + GET");
}

TEST(BodyReader, joins_chunks_however_they_are_split) {
  const std::string coded = "5;a=\"b\"\r\nhello\r\n00b \r\n, and again\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t step = 1; step <= coded.size(); ++step) {
    EXPECT_EQ(read(chunked(), coded, step), "hello, and again") << step;
  }
  EXPECT_EQ(read(chunked(), "0\r\n\r\nGET", 100), " + GET");
  EXPECT_EQ(read(chunked(), "A\r\n0123456789\r\n0\r\n\r", 100), "0123456789 (incomplete)");
}

TEST(BodyReader, takes_a_body_as_long_as_the_limit_and_not_one_byte_more) {
  EXPECT_EQ(read(with_length(5), "hello", 10, 5), "hello");
  EXPECT_EQ(read(with_length(5), "hello", 10, 4), "413");
  EXPECT_EQ(read(chunked(), "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100, 5), "abcde");
  EXPECT_EQ(read(chunked(), "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100, 4), "413");
  EXPECT_EQ(read(chunked(), "FFFFFFFFFFFFFFFF\r\nx", 100), "413");
  EXPECT_EQ(read(chunked(), "10000000000000000\r\nx", 100), "413");
}

struct BadChunks {
  const char* name;
  std::string text;

  friend void PrintTo(const BadChunks& row, std::ostream* out) { *out << row.name; }
};

class BrokenChunks : public testing::TestWithParam<BadChunks> {};

TEST_P(BrokenChunks, are_refused) {
  for (const std::size_t step : {std::size_t{1}, GetParam().text.size()}) {
    EXPECT_EQ(read(chunked(), GetParam().text, step, 100'000), "400");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenChunks,
    testing::Values(BadChunks{"no_size", "\r\nhello\r\n"}, BadChunks{"no_hex", "xyz\r\n"},
                    BadChunks{"prefix", "0x5\r\nhello\r\n"}, BadChunks{"minus", "-5\r\nhello\r\n"},
                    BadChunks{"bare_lf_after_size", "5\nhello\r\n"},
                    BadChunks{"longer_than_said", "5\r\nhello!\r\n0\r\n\r\n"},
                    BadChunks{"shorter_than_said", "5\r\nhell\r\n0\r\n\r\n"},
                    BadChunks{"bare_lf_after_data", "5\r\nhello\n0\r\n\r\n"},
                    BadChunks{"endless_extension", "5;" + std::string(2000, 'a')},
                    BadChunks{"endless_trailers", "0\r\n" +
                                                      [] {
                                                        std::string trailers;
                                                        for (int i = 0; i < 300; ++i)
                                                          trailers += "X: y\r\n";
                                                        return trailers;
                                                      }()}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vis::http
