#include "base/ip_prefix.hpp"

#include <gtest/gtest.h>

namespace vis {
namespace {

bool holds(std::string_view prefix, std::string_view address) {
  return IpPrefix::parse(prefix).value().contains(IpAddress::parse(address).value());
}

TEST(IpPrefix, holds_the_addresses_that_share_its_bits) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(holds("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(holds("fd00::/7", "fc12::1"));
  EXPECT_FALSE(holds("fd00::/8", "fc12::1"));
}

TEST(IpPrefix, a_bare_address_holds_itself_alone) {
  EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(holds("192.0.2.1", "192.0.2.0"));
  EXPECT_EQ(IpPrefix::parse("::1")->str(), "::1/128");
}

TEST(IpPrefix, zero_bits_hold_one_family_only) {
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(holds("::/0", "203.0.113.9"));
}

TEST(IpPrefix, refuses_malformed_text) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/8x", "10.0.0.0/-1"}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
}

}  // namespace
}  // namespace vis
