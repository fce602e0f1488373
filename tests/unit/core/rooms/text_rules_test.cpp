#include "core/rooms/text_rules.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/limits/text.hpp"

namespace vis::core::rooms {
namespace {

TEST(TextRules, take_a_room_name_and_an_identity_at_their_limit_and_none_longer) {
  EXPECT_TRUE(check_room_name(std::string(limits::kRoomNameBytes, 'r')));
  EXPECT_EQ(check_room_name(std::string(limits::kRoomNameBytes + 1, 'r')).error().code,
            Errc::InvalidArgument);
  EXPECT_TRUE(check_identity(std::string(limits::kIdentityBytes, 'i')));
  EXPECT_EQ(check_identity(std::string(limits::kIdentityBytes + 1, 'i')).error().code,
            Errc::InvalidArgument);
}

TEST(TextRules, refuse_an_empty_room_name_and_identity) {
  EXPECT_EQ(check_room_name("").error().code, Errc::InvalidArgument);
  EXPECT_EQ(check_identity("").error().code, Errc::InvalidArgument);
}

TEST(TextRules, take_identities_with_any_characters_of_utf_8) {
  EXPECT_TRUE(check_identity("Nguyễn | #1 \n"));
}

TEST(TextRules, refuse_what_is_not_utf_8_or_holds_a_nul) {
  EXPECT_FALSE(check_identity("\xFF"));
  EXPECT_FALSE(check_room_name(std::string_view("a\0b", 3)));
  EXPECT_EQ(check_metadata("\xC3", Errc::LimitExceeded).error().code, Errc::InvalidArgument);
}

TEST(TextRules, count_keys_and_values_of_attributes_together) {
  const std::string key = "key";
  const Attributes fits{{key, std::string(limits::kAttributesBytes - key.size(), 'v')}};
  const Attributes too_long{{key, std::string(limits::kAttributesBytes - key.size() + 1, 'v')}};
  EXPECT_TRUE(check_description({.attributes = fits}, Errc::LimitExceeded));
  EXPECT_EQ(check_description({.attributes = too_long}, Errc::LimitExceeded).error().code,
            Errc::LimitExceeded);
}

TEST(TextRules, limit_the_metadata_and_tags_of_a_room) {
  const RoomOptions fits{.metadata = std::string(limits::kMetadataBytes, 'm'),
                         .tags = {{"t", std::string(limits::kAttributesBytes - 1, 'v')}}};
  EXPECT_TRUE(check_room_options(fits));
  RoomOptions too_long = fits;
  too_long.metadata += 'm';
  EXPECT_EQ(check_room_options(too_long).error().code, Errc::InvalidArgument);
  too_long = fits;
  too_long.tags["t"] += 'v';
  EXPECT_EQ(check_room_options(too_long).error().code, Errc::InvalidArgument);
}

TEST(TextRules, limit_name_and_metadata_with_the_code_asked_for) {
  const Attributes none;
  const std::string name(limits::kNameBytes, 'n');
  const std::string metadata(limits::kMetadataBytes, 'm');
  EXPECT_TRUE(check_description({.name = name, .metadata = metadata, .attributes = none},
                                Errc::LimitExceeded));
  EXPECT_EQ(
      check_description({.name = name + 'n', .attributes = none}, Errc::LimitExceeded).error().code,
      Errc::LimitExceeded);
  EXPECT_EQ(check_metadata(metadata + 'm', Errc::InvalidArgument).error().code,
            Errc::InvalidArgument);
}

}  // namespace
}  // namespace vis::core::rooms
