#include "http/jwt.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/encoding.hpp"
#include "http/digest.hpp"

namespace vis::http {
namespace {

const Secret kKey("secret");
const WallTime kNow = wall_from_unix_ms(1'700'000'000'000);

std::string token_with_header(std::string_view header) {
  std::string token = base64url_encode(as_bytes(header)) + "." +
                      base64url_encode(as_bytes(R"({"iss":"key","exp":1700000100})"));
  return token + "." + base64url_encode(hmac_sha256(kKey, as_bytes(token)));
}

TEST(HmacSha256, agrees_with_rfc_4231) {
  EXPECT_EQ(hex_encode(hmac_sha256(Secret("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Jwt, reads_what_was_signed) {
  const auto token = Jwt::parse(sign_jwt({{"iss", "key"}, {"exp", 1'700'000'100}}, kKey));
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->issuer(), "key");
  EXPECT_TRUE(token->signed_with(kKey));
  EXPECT_FALSE(token->signed_with(Secret("other")));
  EXPECT_TRUE(token->check_times(kNow, 0s).has_value());
}

TEST(Jwt, takes_no_other_algorithm) {
  EXPECT_TRUE(Jwt::parse(token_with_header(R"({"alg":"HS256"})")).has_value());
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"RS256"})", R"({"alg":"hs256"})", R"({"typ":"JWT"})",
        R"({"alg":1})", "[]"}) {
    EXPECT_FALSE(Jwt::parse(token_with_header(header)).has_value()) << header;
  }
}

TEST(Jwt, refuses_what_is_no_token) {
  for (const std::string_view text : {"", ".", "..", "a.b", "a.b.c", "!!.!!.!!", "e30.e30"}) {
    const auto token = Jwt::parse(text);
    ASSERT_FALSE(token.has_value()) << text;
    EXPECT_EQ(token.error().code, Errc::Unauthenticated);
  }
}

TEST(Jwt, a_changed_claim_breaks_the_signature) {
  std::string text = sign_jwt({{"iss", "key"}, {"exp", 1'700'000'100}}, kKey);
  const std::string other = sign_jwt({{"iss", "yek"}, {"exp", 1'700'000'100}}, kKey);
  text.replace(0, text.rfind('.'), other.substr(0, other.rfind('.')));
  const auto token = Jwt::parse(text);
  ASSERT_TRUE(token.has_value());
  EXPECT_FALSE(token->signed_with(kKey));
}

struct TimeCase {
  boost::json::object claims;
  bool valid;
};

TEST(Jwt, honours_its_times_with_leeway) {
  const TimeCase cases[] = {
      {{{"exp", 1'700'000'000}}, true},
      {{{"exp", 1'699'999'940}}, true},
      {{{"exp", 1'699'999'939}}, false},
      {{{"exp", 1'700'000'100}, {"nbf", 1'700'000'060}}, true},
      {{{"exp", 1'700'000'100}, {"nbf", 1'700'000'061}}, false},
      {{{"exp", 1'700'000'000.5}}, true},
      {{{"exp", "1700000000"}}, false},
      {{}, false},
  };
  for (const TimeCase& c : cases) {
    const auto token = Jwt::parse(sign_jwt(c.claims, kKey));
    ASSERT_TRUE(token.has_value());
    EXPECT_EQ(token->check_times(kNow, 60s).has_value(), c.valid)
        << boost::json::serialize(c.claims);
  }
}

}  // namespace
}  // namespace vis::http
