#include "api/v1/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vis::api::v1 {
namespace {

constexpr TimePoint kNow{1000s};

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

TEST(RateLimiter, allows_a_burst_and_then_one_at_a_time) {
  RateLimiter limiter({.at_once = 3, .interval = 10s, .clients_max = 10});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.1"), kNow));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.1"), kNow + 9999ms));
  EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow + 10s));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.1"), kNow + 10s));
}

TEST(RateLimiter, gives_back_no_more_than_a_burst) {
  RateLimiter limiter({.at_once = 2, .interval = 1s, .clients_max = 10});
  EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow + 1h));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.1"), kNow + 1h));
}

TEST(RateLimiter, counts_each_client_for_itself) {
  RateLimiter limiter({.at_once = 1, .interval = 1s, .clients_max = 10});
  EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow));
  EXPECT_TRUE(limiter.allow(ip("192.0.2.2"), kNow));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.1"), kNow));
}

TEST(RateLimiter, takes_an_ipv6_network_for_one_client) {
  RateLimiter limiter({.at_once = 1, .interval = 1s, .clients_max = 10});
  EXPECT_TRUE(limiter.allow(ip("2001:db8::1"), kNow));
  EXPECT_FALSE(limiter.allow(ip("2001:db8::ffff:2"), kNow));
  EXPECT_TRUE(limiter.allow(ip("2001:db8:0:1::1"), kNow));
}

TEST(RateLimiter, remembers_only_so_many_clients_and_those_that_are_busy) {
  RateLimiter limiter({.at_once = 2, .interval = 10s, .clients_max = 2});
  EXPECT_TRUE(limiter.allow(ip("192.0.2.1"), kNow));
  EXPECT_TRUE(limiter.allow(ip("192.0.2.2"), kNow + 5s));
  EXPECT_FALSE(limiter.allow(ip("192.0.2.3"), kNow + 5s));
  EXPECT_TRUE(limiter.allow(ip("192.0.2.2"), kNow + 5s));
  EXPECT_TRUE(limiter.allow(ip("192.0.2.3"), kNow + 10s));
}

}  // namespace
}  // namespace vis::api::v1
