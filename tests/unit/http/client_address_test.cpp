#include "http/client_address.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>
#include <vector>

namespace vis::http {
namespace {

const std::vector<IpPrefix> kTrusted = {IpPrefix::parse("10.0.0.0/8").value(),
                                        IpPrefix::parse("fd00::/8").value()};

std::string client(std::string_view peer,
                   std::initializer_list<std::pair<const char*, const char*>> fields) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return client_origin({IpAddress::parse(peer).value(), false}, headers, kTrusted).address.str();
}

TEST(ClientOrigin, is_the_peer_unless_that_is_a_trusted_proxy) {
  EXPECT_EQ(client("192.0.2.1", {{"X-Forwarded-For", "203.0.113.5"}}), "192.0.2.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "203.0.113.5"}}), "203.0.113.5");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST(ClientOrigin, is_the_last_hop_that_is_not_trusted) {
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 203.0.113.5, 10.0.0.2"}}),
            "203.0.113.5");
  EXPECT_EQ(
      client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "203.0.113.5"}}),
      "203.0.113.5");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "10.0.0.3,10.0.0.2"}}), "10.0.0.3");
}

TEST(ClientOrigin, reads_addresses_as_proxies_write_them) {
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "203.0.113.5:1234"}}), "203.0.113.5");
  EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "[2001:db8::5]:1234"}}), "2001:db8::5");
  EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "[2001:db8::5]"}}), "2001:db8::5");
  EXPECT_EQ(client("10.0.0.1", {{"X-Real-IP", "203.0.113.5"}}), "203.0.113.5");
}

TEST(ClientOrigin, stops_at_what_is_no_address) {
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "203.0.113.5, unknown"}}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", ",,,"}}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Real-IP", "x"}}), "10.0.0.1");
}

TEST(ClientOrigin, is_secure_when_a_trusted_proxy_says_so) {
  Headers headers;
  headers.add("X-Forwarded-Proto", "https");
  const auto secure = [&](std::string_view peer) {
    return client_origin({IpAddress::parse(peer).value(), false}, headers, kTrusted).secure;
  };
  EXPECT_TRUE(secure("10.0.0.1"));
  EXPECT_FALSE(secure("192.0.2.1"));
}

}  // namespace
}  // namespace vis::http
