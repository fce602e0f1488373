#include "http/headers.hpp"

#include <gtest/gtest.h>

namespace vis::http {
namespace {

TEST(Headers, are_found_without_regard_to_case) {
  Headers headers;
  headers.add("Content-Type", "text/plain");
  EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
  EXPECT_TRUE(headers.has("CONTENT-TYPE"));
  EXPECT_EQ(headers.get("Content"), "");
  EXPECT_FALSE(headers.has("Content"));
}

TEST(Headers, set_replaces_all_of_a_name_and_add_appends) {
  Headers headers;
  headers.add("A", "1");
  headers.add("a", "2");
  EXPECT_EQ(headers.count("A"), 2U);
  EXPECT_EQ(headers.get("A"), "1");
  headers.set("A", "3");
  EXPECT_EQ(headers.count("A"), 1U);
  EXPECT_EQ(headers.get("A"), "3");
  headers.remove("a");
  EXPECT_EQ(headers.size(), 0U);
}

TEST(Headers, finds_a_token_in_the_lists_of_all_fields_of_a_name) {
  Headers headers;
  headers.add("Connection", "keep-alive ,\tUpgrade");
  headers.add("Connection", "x");
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_TRUE(headers.has_token("connection", "X"));
  EXPECT_FALSE(headers.has_token("connection", "up"));
  EXPECT_FALSE(headers.has_token("connection", "keep-alive, upgrade"));
}

}  // namespace
}  // namespace vis::http
