#include "api/livekit/access_token.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <tuple>

#include "api/livekit/token_signer.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "http/jwt.hpp"
#include "support/fixed_projects.hpp"
#include "support/memory_store.hpp"
#include "support/run_task.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);
constexpr std::int64_t kNowS = 1'790'000'000;

Claims claims_of(std::string_view text) {
  return parse_claims(json::parse(text).as_object()).value();
}
rooms::Permissions rights_of(std::string_view video) {
  return resolve(*claims_of(R"({"video":)" + std::string(video) + "}").video);
}

class AccessTokenTest : public testing::Test {
 protected:
  AccessTokenTest() {
    rows_.all = {test::FixedProjects::key("old", "demo", 1),
                 test::FixedProjects::key("new", "demo", 2),
                 test::FixedProjects::key("foreign", "other", 3)};
    refresh();
  }
  void refresh() { EXPECT_TRUE(test::run_task(projects_.refresh())); }
  std::string signed_with(const std::string& key, const json::object& claims) const {
    return http::sign_jwt(claims, Secret("secret of " + key));
  }
  static json::object body(const std::string& issuer) {
    return {{"iss", issuer}, {"sub", "ann"}, {"nbf", kNowS}, {"exp", kNowS + 600}};
  }
  Result<AccessToken> verify(std::string_view compact, WallTime now = kNow) {
    return verify_token(compact, projects_, now);
  }

  test::FixedProjects rows_;
  test::MemoryStore store_;
  SeededRandom random_{1};
  projects::ProjectService projects_{{.projects = rows_, .store = store_, .random = random_}};
};

// ---- grants ----

TEST(VideoGrant, allows_publishing_subscribing_and_data_when_nothing_is_said) {
  const rooms::Permissions rights = rights_of("{}");
  EXPECT_TRUE(rights.can_publish && rights.can_subscribe && rights.can_publish_data);
  EXPECT_FALSE(rights.can_update_own_metadata || rights.hidden || rights.recorder || rights.agent);
  EXPECT_TRUE(rights.publish_sources.empty());
}

TEST(VideoGrant, tells_absent_from_false) {
  EXPECT_FALSE(rights_of(R"({"canPublish":false})").can_publish);
  EXPECT_FALSE(rights_of(R"({"canSubscribe":false})").can_subscribe);
  EXPECT_TRUE(rights_of(R"({"canSubscribe":null})").can_subscribe);
}

TEST(VideoGrant, lets_data_follow_publishing_unless_said_otherwise) {
  EXPECT_FALSE(rights_of(R"({"canPublish":false})").can_publish_data);
  EXPECT_TRUE(rights_of(R"({"canPublish":false,"canPublishData":true})").can_publish_data);
  EXPECT_FALSE(rights_of(R"({"canPublishData":false})").can_publish_data);
}

TEST(VideoGrant, does_not_take_a_list_of_unknown_sources_for_all_of_them) {
  using rooms::TrackSource;
  EXPECT_EQ(rights_of(R"({"canPublishSources":["camera","SCREEN_SHARE"]})").publish_sources,
            (std::vector{TrackSource::Camera, TrackSource::ScreenShare}));
  EXPECT_EQ(rights_of(R"({"canPublishSources":["hologram"]})").publish_sources,
            std::vector{TrackSource::Unknown});
}

// ---- claims ----

TEST(Claims, are_read_from_a_token_of_an_sdk) {
  const Claims claims = claims_of(R"({
    "sub": "ann", "name": "Ann", "metadata": "m", "attributes": {"a": "1"}, "kind": "sip",
    "kindDetails": ["cloud_agent", "of the future"], "roomPreset": "p", "future": [1],
    "roomConfig": {"emptyTimeout": 7},
    "video": {"roomJoin": true, "room": "r", "canUpdateOwnMetadata": true, "roomAdmin": true}})");
  EXPECT_EQ(claims.identity, "ann");
  EXPECT_EQ(claims.name, "Ann");
  EXPECT_EQ(claims.metadata, "m");
  EXPECT_EQ(claims.attributes, (rooms::Attributes{{"a", "1"}}));
  EXPECT_EQ(claims.kind, rooms::ParticipantKind::Sip);
  EXPECT_EQ(claims.kind_details, std::vector<int>{0});
  EXPECT_EQ(claims.room_preset, "p");
  EXPECT_EQ(claims.room_config, R"({"emptyTimeout":7})");
  EXPECT_TRUE(claims.video->room_join && claims.video->room_admin);
  EXPECT_TRUE(claims.video->can_update_own_metadata);
  EXPECT_EQ(claims.video->room, "r");
}

TEST(Claims, take_the_identity_from_jti_without_sub) {
  EXPECT_EQ(claims_of(R"({"jti":"ann"})").identity, "ann");
  EXPECT_EQ(claims_of(R"({"jti":"x","sub":"ann"})").identity, "ann");
}

TEST(Claims, make_whoever_has_the_agent_grant_an_agent) {
  EXPECT_EQ(claims_of(R"({"video":{"agent":true}})").kind, rooms::ParticipantKind::Agent);
}

TEST(Claims, are_refused_when_one_is_of_another_type) {
  for (const char* const text :
       {R"({"sub":1})", R"({"name":{}})", R"({"attributes":[]})", R"({"attributes":{"a":1}})",
        R"({"kind":5})", R"({"kindDetails":"x"})", R"({"roomConfig":"x"})", R"({"video":true})",
        R"({"video":{"roomJoin":"true"}})", R"({"video":{"canPublish":1}})",
        R"({"video":{"room":1}})", R"({"video":{"canPublishSources":"camera"}})",
        R"({"video":{"canPublishSources":[1]}})"}) {
    const auto claims = parse_claims(json::parse(text).as_object());
    ASSERT_FALSE(claims) << text;
    EXPECT_EQ(claims.error().code, Errc::Unauthenticated) << text;
  }
}

TEST(Claims, are_written_as_they_are_read) {
  constexpr std::string_view kText =
      R"({"sub":"ann","name":"Ann","metadata":"m","roomPreset":"p","kind":"agent",)"
      R"("kindDetails":["forwarded"],"attributes":{"a":"1"},)"
      R"("video":{"roomJoin":true,"room":"r","canPublish":false,"canSubscribe":true,)"
      R"("canPublishData":false,"hidden":true,"canPublishSources":["microphone"]},)"
      R"("roomConfig":{"metadata":"x"}})";
  EXPECT_EQ(json::serialize(to_json(claims_of(kText))), kText);
}

// ---- verification ----

TEST_F(AccessTokenTest, knows_the_project_of_the_key_that_signed) {
  const auto token = verify(signed_with("foreign", body("foreign")));
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->project, core::ProjectId("other"));
  EXPECT_EQ(token->key, projects::ApiKeyId("foreign"));
  EXPECT_EQ(token->expires_at, kNow + 600s);
  EXPECT_EQ(token->claims.identity, "ann");
}

TEST_F(AccessTokenTest, notes_that_the_key_was_used) {
  ASSERT_TRUE(verify(signed_with("old", body("old"))));
  ASSERT_EQ(store_.behind.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<core::TouchApiKey>(store_.behind[0].writes.at(0)));
}

TEST_F(AccessTokenTest, allows_clocks_to_differ_by_a_minute) {
  json::object claims = body("old");
  claims["nbf"] = kNowS;
  claims["exp"] = kNowS + 100;
  const std::string token = signed_with("old", claims);
  EXPECT_TRUE(verify(token, kNow - 60s));
  EXPECT_FALSE(verify(token, kNow - 61s));
  EXPECT_TRUE(verify(token, kNow + 160s));
  EXPECT_FALSE(verify(token, kNow + 161s));
}

TEST_F(AccessTokenTest, refuses_whatever_is_no_valid_token) {
  const std::string good = signed_with("old", body("old"));
  const std::string signature = good.substr(good.rfind('.'));
  const auto part = [](std::string_view text) { return base64url_encode(as_bytes(text)); };
  json::object without_expiry = body("old");
  without_expiry.erase("exp");
  json::object bad_claim = body("old");
  bad_claim["video"] = 1;
  const std::pair<const char*, std::string> kTable[] = {
      {"empty", ""},
      {"one part", "abc"},
      {"two parts", "abc.def"},
      {"four parts", good + ".x"},
      {"not base64", "!." + good},
      {"no JSON", part("x") + "." + part("y") + signature},
      {"JSON that is no object", part("[]") + "." + part("[]") + signature},
      {"no algorithm", part(R"({"typ":"JWT"})") + good.substr(good.find('.'))},
      {"the algorithm none", part(R"({"alg":"none"})") + "." + part(R"({"iss":"old"})") + "."},
      {"another algorithm", part(R"({"alg":"HS384"})") + good.substr(good.find('.'))},
      {"a cut signature", good.substr(0, good.size() - 2)},
      {"an empty signature", good.substr(0, good.rfind('.') + 1)},
      {"changed claims", part(R"({"alg":"HS256","typ":"JWT"})") + "." +
                             part(R"({"iss":"old","exp":9999999999})") + signature},
      {"an unknown key", signed_with("old", body("stranger"))},
      {"the secret of another key", signed_with("new", body("old"))},
      {"no issuer", signed_with("old", body(""))},
      {"no expiry", signed_with("old", without_expiry)},
      {"a claim of the wrong type", signed_with("old", bad_claim)},
      {"a megabyte and more", std::string(1024 * 1024 + 1, 'a')},
  };
  ASSERT_TRUE(verify(good));
  store_.behind.clear();
  for (const auto& [what, token] : kTable) {
    const auto outcome = verify(token);
    ASSERT_FALSE(outcome) << what;
    EXPECT_EQ(outcome.error().code, Errc::Unauthenticated) << what;
    EXPECT_FALSE(outcome.error().message.empty()) << what;
  }
  EXPECT_TRUE(store_.behind.empty());
}

TEST_F(AccessTokenTest, survives_expiries_beyond_all_times) {
  for (const char* const expiry : {"1e300", "9223372036854775807", "18446744073709551615"}) {
    json::object claims = body("old");
    claims["exp"] = json::parse(expiry);
    const auto token = verify(signed_with("old", claims));
    if (token) EXPECT_GT(token->expires_at, kNow) << expiry;
  }
}

// ---- refreshing ----

class RefreshTokenTest : public AccessTokenTest {
 protected:
  AccessToken original(Duration left) {
    Claims claims;
    claims.identity = "ann";
    claims.room_config = R"({"metadata":"x"})";
    claims.video = VideoGrant{.room = "r", .room_join = true, .room_admin = true};
    return {.key = projects::ApiKeyId("old"),
            .project = core::ProjectId("demo"),
            .expires_at = kNow + std::chrono::duration_cast<std::chrono::milliseconds>(left),
            .claims = claims};
  }
  static rooms::ParticipantInfo self() {
    return {.identity = "ann", .name = "Ann", .metadata = "m", .attributes = {{"a", "1"}}};
  }
  json::object refreshed(const AccessToken& from, const rooms::ParticipantInfo& info = self()) {
    const auto compact = make_refresh_token(from, info, projects_, kNow);
    return http::Jwt::parse(compact.value()).value().claims();
  }
  static std::int64_t length(const json::object& claims) {
    return claims.at("exp").to_number<std::int64_t>() - kNowS;
  }
};

TEST_F(RefreshTokenTest, carries_who_one_is_by_now) {
  const json::object claims = refreshed(original(1h));
  EXPECT_EQ(claims.at("iss"), "old");
  EXPECT_EQ(claims.at("sub"), "ann");
  EXPECT_EQ(claims.at("name"), "Ann");
  EXPECT_EQ(claims.at("metadata"), "m");
  EXPECT_EQ(claims.at("attributes").at("a"), "1");
  EXPECT_EQ(claims.at("roomConfig").at("metadata"), "x");
  EXPECT_EQ(claims.at("video").at("roomAdmin"), true);
}

TEST_F(RefreshTokenTest, states_every_right_explicitly) {
  rooms::ParticipantInfo changed = self();
  changed.permissions.can_publish = false;
  changed.permissions.can_publish_data = false;
  const json::object claims = refreshed(original(1h), changed);
  const json::object& video = claims.at("video").as_object();
  EXPECT_EQ(video.at("canPublish"), false);
  EXPECT_EQ(video.at("canPublishData"), false);
  EXPECT_EQ(video.at("canSubscribe"), true);
  EXPECT_EQ(video.at("roomJoin"), true);
  EXPECT_EQ(video.at("room"), "r");
}

TEST_F(RefreshTokenTest, lasts_as_long_as_the_original_but_ten_minutes_at_least) {
  EXPECT_EQ(length(refreshed(original(1h))), 3600);
  EXPECT_EQ(length(refreshed(original(5min))), 600);
  EXPECT_EQ(length(refreshed(original(-1h))), 600);
}

TEST_F(RefreshTokenTest, is_accepted_like_the_original) {
  const auto compact = make_refresh_token(original(1h), self(), projects_, kNow);
  EXPECT_TRUE(verify(compact.value()));
}

TEST_F(RefreshTokenTest, is_signed_with_the_newest_key_once_the_original_one_is_revoked) {
  std::erase_if(rows_.all, [](const auto& key) { return key.id.str() == "old"; });
  refresh();
  EXPECT_EQ(refreshed(original(1h)).at("iss"), "new");
}

TEST_F(RefreshTokenTest, is_not_made_without_any_key) {
  rows_.all.clear();
  refresh();
  EXPECT_EQ(make_refresh_token(original(1h), self(), projects_, kNow), std::nullopt);
}

}  // namespace
}  // namespace vis::api::livekit
