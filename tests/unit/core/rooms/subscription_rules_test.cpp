#include "core/rooms/subscription_rules.hpp"

#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"

namespace vis::core::rooms {
namespace {

const TrackSid kCamera("TR_VC");
const TrackSid kMicrophone("TR_AM");
const ParticipantSid kBob("PA_bob");
const ParticipantSid kCarol("PA_carol");

bool allows(const SubscriptionRules& rules, const ParticipantSid& sid, std::string_view identity,
            const TrackSid& track) {
  return rules.allows({.participant = sid, .identity = identity}, track);
}

TEST(SubscriptionRules, allow_everybody_until_told_otherwise) {
  EXPECT_TRUE(allows({}, kBob, "bob", kCamera));
}

TEST(SubscriptionRules, allow_only_those_named_by_sid_or_identity) {
  SubscriptionRules rules;
  ASSERT_TRUE(rules.set({.all_participants = false,
                         .grants = {{.participant = kBob, .tracks = {kCamera}},
                                    {.identity = "dave", .all_tracks = true}}}));
  EXPECT_TRUE(allows(rules, kBob, "bob", kCamera));
  EXPECT_FALSE(allows(rules, kBob, "bob", kMicrophone));
  EXPECT_FALSE(allows(rules, kCarol, "carol", kCamera));
  EXPECT_TRUE(allows(rules, ParticipantSid("PA_later"), "dave", kMicrophone));
}

TEST(SubscriptionRules, replace_what_was_said_before) {
  SubscriptionRules rules;
  ASSERT_TRUE(rules.set(
      {.all_participants = false, .grants = {{.participant = kBob, .all_tracks = true}}}));
  ASSERT_TRUE(rules.set(
      {.all_participants = false, .grants = {{.participant = kCarol, .all_tracks = true}}}));
  EXPECT_FALSE(allows(rules, kBob, "bob", kCamera));
  EXPECT_TRUE(allows(rules, kCarol, "carol", kCamera));
  ASSERT_TRUE(rules.set({.all_participants = true}));
  EXPECT_TRUE(allows(rules, kBob, "bob", kCamera));
}

TEST(SubscriptionRules, add_up_several_grants_for_one_subscriber) {
  SubscriptionRules rules;
  ASSERT_TRUE(rules.set({.all_participants = false,
                         .grants = {{.participant = kBob, .tracks = {kCamera}},
                                    {.participant = kBob, .tracks = {kMicrophone}}}}));
  EXPECT_TRUE(allows(rules, kBob, "bob", kCamera));
  EXPECT_TRUE(allows(rules, kBob, "bob", kMicrophone));
}

TEST(SubscriptionRules, refuse_more_grants_than_the_limit_and_stay_as_they_were) {
  SubscriptionPermission permission{.all_participants = false};
  permission.grants.resize(limits::kPermissionGrants);
  SubscriptionRules rules;
  EXPECT_TRUE(rules.set(permission));
  permission.all_participants = true;
  permission.grants.emplace_back();
  EXPECT_EQ(rules.set(permission).error().code, Errc::LimitExceeded);
  EXPECT_FALSE(allows(rules, kBob, "bob", kCamera));
}

TEST(SubscriptionRules, refuse_more_tracks_than_the_limit) {
  SubscriptionPermission permission{.all_participants = false, .grants = {{.participant = kBob}}};
  permission.grants.front().tracks.resize(limits::kPermissionTracks);
  SubscriptionRules rules;
  EXPECT_TRUE(rules.set(permission));
  permission.grants.front().tracks.emplace_back();
  EXPECT_FALSE(rules.set(permission));
}

}  // namespace
}  // namespace vis::core::rooms
