#include "media/ice/session.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/limits/media_ice.hpp"
#include "base/random.hpp"

namespace vis::media::ice {
namespace {

constexpr std::string_view kPassword = "abcdefghijklmnopqrstuv";

TEST(Credentials, are_generated_fit_for_a_description) {
  SeededRandom random{1};
  const Credentials first = Credentials::generate(random);
  const Credentials second = Credentials::generate(random);
  EXPECT_TRUE(Credentials::parse(first.ufrag, first.password.reveal()).has_value());
  EXPECT_NE(first.ufrag, second.ufrag);
  EXPECT_NE(first.password, second.password);
}

TEST(Credentials, are_read_at_the_limits_and_refused_past_them) {
  const auto ok = [](std::size_t ufrag, std::size_t password) {
    return Credentials::parse(std::string(ufrag, 'u'), std::string(password, '+')).has_value();
  };
  EXPECT_TRUE(ok(4, 22));
  EXPECT_FALSE(ok(3, 22));
  EXPECT_FALSE(ok(4, 21));
  EXPECT_TRUE(ok(limits::kIceUfragBytes, limits::kIcePasswordBytes));
  EXPECT_FALSE(ok(limits::kIceUfragBytes + 1, 22));
  EXPECT_FALSE(ok(4, limits::kIcePasswordBytes + 1));
}

TEST(Credentials, refuse_characters_outside_the_alphabet) {
  EXPECT_FALSE(Credentials::parse("a:bcd", kPassword).has_value());
  EXPECT_FALSE(Credentials::parse("abcd", "abcdefghijklmnopqrstu v").has_value());
}

TEST(RecentRequests, tell_a_repeated_request_from_a_replayed_one) {
  const Path here{0, *SocketAddress::parse("192.0.2.1:1")};
  const Path elsewhere{0, *SocketAddress::parse("192.0.2.2:1")};
  RecentRequests recent;
  EXPECT_EQ(recent.note({1}, here), RecentRequests::Verdict::New);
  EXPECT_EQ(recent.note({1}, here), RecentRequests::Verdict::Repeated);
  EXPECT_EQ(recent.note({1}, elsewhere), RecentRequests::Verdict::Replayed);
  EXPECT_EQ(recent.note({2}, elsewhere), RecentRequests::Verdict::New);
}

TEST(RecentRequests, remember_as_many_as_the_limit_and_no_more) {
  const Path path{0, *SocketAddress::parse("192.0.2.1:1")};
  RecentRequests recent;
  for (std::uint8_t i = 0; i < limits::kIceRecentRequests; ++i) {
    EXPECT_EQ(recent.note({i, 1}, path), RecentRequests::Verdict::New);
  }
  EXPECT_EQ(recent.note({0, 1}, path), RecentRequests::Verdict::Repeated);
  EXPECT_EQ(recent.note({0, 2}, path), RecentRequests::Verdict::New);
  EXPECT_EQ(recent.note({0, 1}, path), RecentRequests::Verdict::New);
}

}  // namespace
}  // namespace vis::media::ice
