#include "core/rooms/client_traits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace vis::core::rooms {
namespace {

ClientInfo client(std::string browser, int protocol = 17) {
  return {.browser = std::move(browser), .protocol = protocol};
}

TEST(ClientTraits, expect_everything_of_a_new_chrome) {
  const ClientTraits traits = traits_of(client("Chrome"));
  EXPECT_TRUE(traits.subscriber_primary && traits.fast_start && traits.ice_lite);
  EXPECT_TRUE(traits.reuse_sections && traits.sync_streams && !traits.keep_one_codec);
}

TEST(ClientTraits, spare_firefox_ice_lite_shared_streams_and_a_choice_of_codecs) {
  const ClientTraits traits = traits_of(client("Firefox"));
  EXPECT_FALSE(traits.ice_lite);
  EXPECT_FALSE(traits.sync_streams);
  EXPECT_TRUE(traits.keep_one_codec);
}

TEST(ClientTraits, spare_safari_sections_that_change_their_track) {
  EXPECT_FALSE(traits_of(client("Mobile Safari")).reuse_sections);
}

TEST(ClientTraits, follow_the_protocol_versions) {
  EXPECT_FALSE(traits_of(client("Chrome", 2)).subscriber_primary);
  EXPECT_TRUE(traits_of(client("Chrome", 3)).subscriber_primary);
  EXPECT_FALSE(traits_of(client("Chrome", 3)).reuse_sections);
  EXPECT_TRUE(traits_of(client("Chrome", 4)).reuse_sections);
  EXPECT_FALSE(traits_of(client("Chrome", 5)).ice_lite);
  EXPECT_TRUE(traits_of(client("Chrome", 6)).ice_lite);
  EXPECT_FALSE(traits_of(client("Chrome", 7)).fast_start);
  EXPECT_TRUE(traits_of(client("Chrome", 8)).fast_start);
  EXPECT_FALSE(traits_of(client("Chrome", 9)).sync_streams);
  EXPECT_TRUE(traits_of(client("Chrome", 10)).sync_streams);
}

TEST(ClientTraits, take_h264_from_the_phone_whose_encoder_is_broken) {
  ClientInfo phone = client("Chrome");
  phone.os = "Android";
  phone.device_model = "Xiaomi 2201117TI";
  const auto codecs = publish_codecs(traits_of(phone));
  EXPECT_EQ(std::ranges::count(codecs, "video/h264"), 0);
  EXPECT_EQ(codecs.front(), "video/vp8");

  phone.os = "Linux";
  EXPECT_EQ(std::ranges::count(publish_codecs(traits_of(phone)), "video/h264"), 1);
}

}  // namespace
}  // namespace vis::core::rooms
