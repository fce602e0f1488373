#include "http/json.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace vis::http {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse_json(text);
  return value ? boost::json::serialize(*value) : value.error().message;
}

TEST(Json, gives_back_every_kind_of_value) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,1.5E0,true,false,null,"x"],"b":{"c":{}},"d":[[],""]})";
  EXPECT_EQ(round_trip(text), text);
  EXPECT_EQ(round_trip(" 7 \n"), "7");
  EXPECT_EQ(round_trip(R"("\u0416\n\ud83d\ude00")"), "\"Ж\\n😀\"");
}

TEST(Json, says_where_the_error_is) {
  EXPECT_EQ(round_trip("{\n  \"a\": 1,\n  \"b\": x\n}"),
            "invalid JSON at line 3, column 8: syntax error");
  EXPECT_EQ(round_trip("{\"a\":1"), "invalid JSON at line 1, column 7: unexpected end");
  EXPECT_EQ(round_trip("{} {}"), "invalid JSON at line 1, column 4: text after the value");
}

TEST(Json, refuses_numbers_that_no_double_holds) {
  EXPECT_EQ(round_trip("[1.7e308]"), "[1.7E308]");
  EXPECT_EQ(round_trip("[-2.5e31082]"), "invalid JSON at line 1, column 12: number out of range");
  EXPECT_EQ(round_trip("[1e400]"), "invalid JSON at line 1, column 7: number out of range");
}

TEST(Json, refuses_equal_keys_of_one_object_alone) {
  EXPECT_EQ(round_trip(R"({"a":{"a":1},"b":{"a":2}})"), R"({"a":{"a":1},"b":{"a":2}})");
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"\u0061":3})"),
            "invalid JSON at line 1, column 24: duplicate key in this object");
}

TEST(Json, nests_as_deep_as_the_limit_and_not_one_deeper) {
  const std::string open(limits::kJsonDepth, '[');
  const std::string close(limits::kJsonDepth, ']');
  EXPECT_EQ(round_trip(open + close), open + close);
  const auto deeper = parse_json("[" + open + close + "]");
  ASSERT_FALSE(deeper);
  EXPECT_TRUE(deeper.error().message.ends_with("nested too deeply")) << deeper.error().message;
}

TEST(Json, is_as_long_as_the_limit_and_not_one_byte_longer) {
  EXPECT_TRUE(parse_json("[1,2]", 5));
  const auto longer = parse_json("[1,2] ", 5);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Errc::LimitExceeded);
}

TEST(Json, refuses_what_is_none) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "'a'", "nul", "01", "1.", "+1",
                           "NaN", "\"\\x\"", "\"\n\"", "\"\xff\"", "\"\\ud83d\"", "// c\n1"}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Errc::InvalidArgument) << text;
  }
}

}  // namespace
}  // namespace vis::http
