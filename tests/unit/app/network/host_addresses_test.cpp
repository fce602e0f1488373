#include "app/network/host_addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/config/load.hpp"

namespace vis::app {
namespace {

using testing::ElementsAre;

std::vector<IpAddress> addresses(std::initializer_list<const char*> texts) {
  std::vector<IpAddress> parsed;
  for (const char* const text : texts) parsed.push_back(*IpAddress::parse(text));
  return parsed;
}

std::vector<std::string> told(const std::string& file, bool dev,
                              std::initializer_list<const char*> own) {
  const auto config = load_config({.dev = dev, .file_name = "f", .file_text = file});
  EXPECT_TRUE(config.has_value());
  std::vector<std::string> texts;
  for (const IpAddress& address : announced_addresses(*config, addresses(own))) {
    texts.push_back(address.str());
  }
  return texts;
}

TEST(AnnouncedAddresses, are_those_of_this_machine_without_loopback) {
  EXPECT_THAT(told("", false, {"10.0.0.5", "2001:db8::5", "127.0.0.1", "::1"}),
              ElementsAre("10.0.0.5", "2001:db8::5"));
}

TEST(AnnouncedAddresses, include_the_ipv4_loopback_address_when_developing) {
  EXPECT_THAT(told("", true, {"10.0.0.5", "127.0.0.1", "::1"}),
              ElementsAre("10.0.0.5", "127.0.0.1"));
}

TEST(AnnouncedAddresses, are_the_loopback_address_when_there_is_no_other) {
  EXPECT_THAT(told("", false, {"127.0.0.1", "::1"}), ElementsAre("127.0.0.1"));
}

TEST(AnnouncedAddresses, begin_with_the_public_ones) {
  EXPECT_THAT(told("[media]\npublic_addresses = [\"203.0.113.5\"]", false, {"10.0.0.5"}),
              ElementsAre("203.0.113.5", "10.0.0.5"));
  EXPECT_THAT(told("[media]\npublic_addresses = [\"10.0.0.5\"]", false, {"10.0.0.5"}),
              ElementsAre("10.0.0.5"));
}

TEST(AnnouncedAddresses, are_none_but_the_chosen_ones_where_some_are_chosen) {
  EXPECT_THAT(told("[media]\nannounce = [\"203.0.113.5\"]", true, {"10.0.0.5", "127.0.0.1"}),
              ElementsAre("203.0.113.5"));
}

TEST(HostAddresses, have_the_loopback_address_last_and_no_link_local_one) {
  const std::vector<IpAddress> own = host_addresses();
  ASSERT_FALSE(own.empty());
  EXPECT_TRUE(own.back().is_loopback());
  for (const IpAddress& address : own) EXPECT_FALSE(address.str().starts_with("fe80"));
}

}  // namespace
}  // namespace vis::app
