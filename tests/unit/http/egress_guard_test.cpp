#include "http/egress_guard.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace vis::http {
namespace {

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(EgressGuard, lets_public_addresses_pass) {
  const EgressGuard guard({});
  for (const char* text : {"1.1.1.1",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "169.253.255.255",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.0.1.0",
                           "192.167.0.1",
                           "192.169.0.0",
                           "198.17.255.255",
                           "198.20.0.0",
                           "223.255.255.255",
                           "2606:4700:4700::1111",
                           "2001:200::1",
                           "2a00:1450::1",
                           "::ffff:1.1.1.1",
                           "64:ff9b::101:101"}) {
    EXPECT_TRUE(guard.may_connect(address(text))) << text;
  }
}

TEST(EgressGuard, refuses_what_is_not_public) {
  const EgressGuard guard({});
  for (const char* text :
       {"0.0.0.0",         "0.255.255.255",   "10.0.0.1",        "10.255.255.255",  "100.64.0.0",
        "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.169.254", "172.16.0.0",
        "172.31.255.255",  "192.0.0.8",       "192.0.2.1",       "192.88.99.1",     "192.168.0.1",
        "192.168.255.255", "198.18.0.0",      "198.19.255.255",  "198.51.100.1",    "203.0.113.1",
        "224.0.0.1",       "239.255.255.255", "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_FALSE(guard.may_connect(address(text))) << text;
  }
  for (const char* text :
       {"::", "::1", "::7f00:1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
        "ff02::1", "2001::1", "2001:1ff:ffff::1", "2001:db8::1", "3fff:fff::1", "4000::1"}) {
    EXPECT_FALSE(guard.may_connect(address(text))) << text;
  }
}

TEST(EgressGuard, refuses_private_addresses_in_the_clothes_of_ipv6) {
  const EgressGuard guard({});
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::101:101", "2002:7f00:1::", "::a9fe:a9fe"}) {
    EXPECT_FALSE(guard.may_connect(address(text))) << text;
  }
}

TEST(EgressGuard, lets_the_networks_of_the_operator_pass_and_no_others) {
  const EgressGuard guard({IpPrefix::parse("10.1.0.0/16").value(), IpPrefix::parse("::1").value()});
  EXPECT_TRUE(guard.may_connect(address("10.1.255.255")));
  EXPECT_TRUE(guard.may_connect(address("::1")));
  EXPECT_TRUE(guard.may_connect(address("1.1.1.1")));
  EXPECT_FALSE(guard.may_connect(address("10.2.0.0")));
  EXPECT_FALSE(guard.may_connect(address("127.0.0.1")));
}

}  // namespace
}  // namespace vis::http
