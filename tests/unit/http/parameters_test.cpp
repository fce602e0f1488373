#include "http/parameters.hpp"

#include <gtest/gtest.h>

#include "base/limits/http.hpp"

namespace vis::http {
namespace {

TEST(Form, is_decoded_as_the_url_standard_says) {
  const auto form = parse_form("a=1&b=x+y%2Bz&c&=d&&e=%D0%96&a=2&f=a=b");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("a"), "1");
  EXPECT_EQ(form->get("b"), "x y+z");
  EXPECT_TRUE(form->has("c"));
  EXPECT_EQ(form->get("c"), "");
  EXPECT_EQ(form->get(""), "d");
  EXPECT_EQ(form->get("e"), "Ж");
  EXPECT_EQ(form->get("f"), "a=b");
  EXPECT_FALSE(form->has("A"));
  EXPECT_EQ(form->size(), 7U);
}

TEST(Form, refuses_a_broken_escape) {
  for (const char* text : {"a=%", "a=%2", "a=%zz", "%=1", "a=%2g"}) {
    const auto form = parse_form(text);
    ASSERT_FALSE(form) << text;
    EXPECT_EQ(form.error().code, Errc::InvalidArgument);
  }
}

TEST(Form, takes_as_many_parameters_as_the_limit_and_not_one_more) {
  std::string text;
  for (std::size_t i = 0; i < limits::kHttpParameters; ++i) text += "a&";
  EXPECT_TRUE(parse_form(text));
  EXPECT_FALSE(parse_form(text + "a"));
}

TEST(Percent, decoding_undoes_encoding_of_every_byte) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a-Z_0.~ /%"), "a-Z_0.~%20%2F%25");
}

TEST(Path, is_cut_at_slashes_before_it_is_decoded) {
  const auto path = parse_path("/rooms/a%2Fb/%D0%96");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->segments, (std::vector<std::string>{"rooms", "a/b", "Ж"}));
  EXPECT_EQ(path->str(), "/rooms/a/b/Ж");
}

TEST(Path, counts_slashes_at_its_start_as_one_and_no_others) {
  EXPECT_EQ(parse_path("/")->str(), "/");
  EXPECT_EQ(parse_path("//rtc")->str(), "/rtc");
  EXPECT_EQ(parse_path("////")->str(), "/");
  EXPECT_EQ(parse_path("/a//b/")->segments, (std::vector<std::string>{"a", "", "b", ""}));
}

TEST(Path, refuses_what_could_mean_something_else_elsewhere) {
  for (const char* raw : {"", "rtc", "/../etc", "/a/..", "/a/./b", "/%2e%2E/x", "/a%00b", "/%0d%0a",
                          "/%7f", "/%ff", "/%c0%ae", "/a%2", "/%"}) {
    EXPECT_FALSE(parse_path(raw)) << raw;
  }
}

TEST(Path, has_as_many_segments_as_the_limit_and_not_one_more) {
  std::string raw;
  for (std::size_t i = 0; i < limits::kHttpPathSegments; ++i) raw += "/a";
  EXPECT_TRUE(parse_path(raw));
  EXPECT_FALSE(parse_path(raw + "/a"));
}

}  // namespace
}  // namespace vis::http
