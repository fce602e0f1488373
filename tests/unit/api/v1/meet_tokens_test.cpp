#include "api/v1/meet_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <optional>

#include "base/limits/api_v1.hpp"
#include "base/limits/text.hpp"
#include "support/run_task.hpp"

namespace vis::api::v1 {
namespace {

namespace json = boost::json;
using testing::MatchesRegex;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);

class RecordingMinter final : public TokenMinter {
 public:
  Result<std::string> mint(const GuestPass& pass) override {
    if (failure) return std::unexpected(*failure);
    last = pass;
    return "the token";
  }
  std::optional<GuestPass> last;
  std::optional<Error> failure;
};

class MeetTokensTest : public testing::Test {
 protected:
  void serve(bool enabled = true) {
    tokens_.emplace(MeetTokens::Options{.enabled = enabled, .project = core::ProjectId("demo")},
                    MeetTokens::Ports{.minter = minter_,
                                      .random = random_,
                                      .monotonic_now = [this] { return now_; },
                                      .wall_now = [] { return kNow; }});
    router_ = http::Router();
    tokens_->add_routes(router_, "/base");
  }
  http::Response post(std::string body, std::string_view content_type = "application/json") {
    http::Request request{.method = http::Method::Post, .path = "/base/v1/meet/tokens"};
    request.headers.add("Content-Type", content_type);
    request.client = *IpAddress::parse("192.0.2.1");
    request.body = std::move(body);
    const auto match = router_.match(http::Method::Post, http::parse_path(request.path).value());
    return test::run_task(match.route->handler(std::move(request)));
  }
  /// `STATUS CODE` of a problem.
  static std::string problem(const http::Response& response) {
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    const json::value body = json::parse(response.body);
    return std::to_string(response.status) + ' ' + std::string(body.at("code").as_string());
  }

  RecordingMinter minter_;
  SeededRandom random_{1};
  TimePoint now_{1000s};
  std::optional<MeetTokens> tokens_;
  http::Router router_;
};

TEST_F(MeetTokensTest, let_a_guest_into_a_room) {
  serve();
  const http::Response response = post(R"({"room":"abc-defg-hij","name":"Ольга"})");
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
  const json::value body = json::parse(response.body);
  EXPECT_EQ(body.at("token"), "the token");
  EXPECT_EQ(body.at("room"), "abc-defg-hij");
  EXPECT_EQ(body.at("expires_at"), "2026-09-21T14:23:20Z");
  const std::string identity(body.at("identity").as_string());
  EXPECT_THAT(identity, MatchesRegex("guest-[0-9A-Za-z]{12}"));

  ASSERT_TRUE(minter_.last);
  EXPECT_EQ(minter_.last->project, core::ProjectId("demo"));
  EXPECT_EQ(minter_.last->room, "abc-defg-hij");
  EXPECT_EQ(minter_.last->identity, identity);
  EXPECT_EQ(minter_.last->name, "Ольга");
  EXPECT_EQ(minter_.last->validity, 10min);
}

TEST_F(MeetTokensTest, are_refused_while_the_page_is_off) {
  serve(false);
  EXPECT_EQ(problem(post(R"({"room":"abc","name":"Ann"})")), "403 permission_denied");
  EXPECT_FALSE(minter_.last);
}

TEST_F(MeetTokensTest, are_refused_for_what_is_no_request) {
  serve();
  for (const char* const body :
       {"", "{", "[]", "{}", R"({"room":"abc"})", R"({"name":"Ann"})", R"({"room":1,"name":"Ann"})",
        R"({"room":"abc","name":null})", R"({"room":"a","room":"b","name":"Ann"})"}) {
    EXPECT_EQ(problem(post(body)), "400 invalid_argument") << body;
  }
  EXPECT_EQ(problem(post(R"({"room":"abc","name":"Ann"})", "text/plain")), "400 invalid_argument");
}

TEST_F(MeetTokensTest, are_refused_for_a_name_that_cannot_be) {
  serve();
  const std::string longest(limits::kNameBytes, 'x');
  EXPECT_EQ(post(R"({"room":"abc","name":")" + longest + "\"}").status, 200u);
  for (const std::string& name : {std::string(), std::string("  "), longest + "x",
                                  std::string("a\\u0000b"), std::string("a\\nb")}) {
    EXPECT_EQ(problem(post(R"({"room":"abc","name":")" + name + "\"}")), "400 invalid_argument")
        << name;
  }
}

TEST_F(MeetTokensTest, are_limited_per_client) {
  serve();
  const std::string body = R"({"room":"abc","name":"Ann"})";
  for (std::uint32_t i = 0; i < limits::kMeetTokensAtOnce; ++i) EXPECT_EQ(post(body).status, 200u);
  EXPECT_EQ(problem(post(body)), "429 limit_exceeded");
  now_ += limits::kMeetTokenInterval;
  EXPECT_EQ(post(body).status, 200u);
}

TEST_F(MeetTokensTest, say_when_there_is_no_key_to_sign_with) {
  serve();
  minter_.failure = Error{Errc::Unavailable, "no key"};
  EXPECT_EQ(problem(post(R"({"room":"abc","name":"Ann"})")), "503 unavailable");
}

TEST(MeetRoom, is_made_of_letters_digits_and_a_few_marks) {
  const auto of_length = [](std::size_t length) { return std::string(length, 'x'); };
  std::string cyrillic;
  for (std::size_t i = 0; i < limits::kMeetRoomCharacters; ++i) cyrillic += "ж";
  for (const std::string& room :
       {std::string("abc-defg-hij"), std::string("A.b_c~9"), std::string("Планёрка"),
        std::string("7"), cyrillic, of_length(limits::kMeetRoomCharacters)}) {
    EXPECT_TRUE(check_meet_room(room)) << room;
  }
  for (const std::string& room :
       {std::string(), std::string("a b"), std::string("-abc"), std::string(".abc"),
        std::string("a/b"), std::string("a\nb"), std::string("a\xFF"), std::string("a\0b", 3),
        std::string("<x>"), cyrillic + "ж", of_length(limits::kMeetRoomCharacters + 1)}) {
    EXPECT_FALSE(check_meet_room(room)) << room;
  }
}

}  // namespace
}  // namespace vis::api::v1
