#include "base/socket_address.hpp"

#include <gtest/gtest.h>

namespace vis {
namespace {

TEST(SocketAddress, reads_back_what_it_writes) {
  for (const std::string_view text :
       {"192.0.2.1:7882", "[2001:db8::1]:443", "0.0.0.0:0", "[::1]:65535"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->str(), text);
  }
}

TEST(SocketAddress, refuses_what_is_no_address_and_port) {
  for (const std::string_view text : {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "::1:80",
                                      "[192.0.2.1]:80", "example.org:80", "192.0.2.1:80x"}) {
    EXPECT_FALSE(SocketAddress::parse(text).has_value()) << text;
  }
}

TEST(IpAddress, a_mapped_ipv4_address_equals_the_ipv4_address) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_NE(IpAddress::parse("::192.0.2.1"), IpAddress::parse("192.0.2.1"));
}

TEST(IpAddress, knows_loopback_and_unspecified) {
  EXPECT_TRUE(IpAddress::parse("127.1.2.3")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("10.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
}

}  // namespace
}  // namespace vis
