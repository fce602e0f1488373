#include "base/ip_network.hpp"

#include <gtest/gtest.h>

namespace vis {
namespace {

IpNetwork network(std::string_view text) {
  const auto parsed = IpNetwork::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpNetwork{});
}
IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(IpNetwork, contains_its_first_and_last_address_and_not_their_neighbours) {
  const IpNetwork v4 = network("172.16.0.0/12");
  EXPECT_TRUE(v4.contains(address("172.16.0.0")));
  EXPECT_TRUE(v4.contains(address("172.31.255.255")));
  EXPECT_FALSE(v4.contains(address("172.15.255.255")));
  EXPECT_FALSE(v4.contains(address("172.32.0.0")));

  const IpNetwork v6 = network("fc00::/7");
  EXPECT_TRUE(v6.contains(address("fc00::")));
  EXPECT_TRUE(v6.contains(address("fdff:ffff::1")));
  EXPECT_FALSE(v6.contains(address("fe00::")));
}

TEST(IpNetwork, of_all_bits_is_one_address_and_of_none_is_all) {
  EXPECT_EQ(network("192.0.2.7"), network("192.0.2.7/32"));
  EXPECT_FALSE(network("192.0.2.7").contains(address("192.0.2.6")));
  EXPECT_EQ(network("::1").prefix_bits, 128U);
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("::1")));
}

TEST(IpNetwork, refuses_what_is_no_network) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "10.0.0.1/8", "::/129", "2001:db8::1/64", "host/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

TEST(IpNetwork, prints_what_it_parses) {
  for (const char* text : {"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::/0"}) {
    EXPECT_EQ(network(text).str(), text);
  }
}

}  // namespace
}  // namespace vis
