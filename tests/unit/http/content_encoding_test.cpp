#include "http/content_encoding.hpp"

#include <gtest/gtest.h>

namespace vis::http {
namespace {

TEST(AcceptEncoding, names_what_it_takes) {
  const auto brotli = [](std::string_view value) {
    return accepts(value, ContentEncoding::Brotli);
  };
  EXPECT_TRUE(brotli("gzip, deflate, br"));
  EXPECT_TRUE(brotli("BR;q=0.5"));
  EXPECT_TRUE(brotli("*"));
  EXPECT_TRUE(brotli("gzip;q=1.0, *;q=0.5"));
  EXPECT_FALSE(brotli(""));
  EXPECT_FALSE(brotli("gzip"));
  EXPECT_FALSE(brotli("br;q=0"));
  EXPECT_FALSE(brotli("br; q=0.000, *"));
  EXPECT_FALSE(brotli("*;q=0"));
  EXPECT_FALSE(brotli("brx"));
  EXPECT_TRUE(accepts("", ContentEncoding::Identity));
}

}  // namespace
}  // namespace vis::http
