#include "app/config/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vis::app {
namespace {

TEST(Nearest, counts_insertions_deletions_replacements_and_swaps) {
  EXPECT_EQ(edit_distance("listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("lisen", "listen"), 1U);
  EXPECT_EQ(edit_distance("listenn", "listen"), 1U);
  EXPECT_EQ(edit_distance("lisTen", "listen"), 1U);
  EXPECT_EQ(edit_distance("htpp", "http"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(Nearest, prefers_the_first_of_equals) {
  const std::vector<std::string> known{"port", "sort", "listen"};
  EXPECT_EQ(nearest("fort", known), "port");
  EXPECT_EQ(nearest("lisen", known), "listen");
}

}  // namespace
}  // namespace vis::app
