#include "api/whip/door.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>

#include "base/limits/api_whip.hpp"
#include "core/rooms/room.hpp"
#include "http/parameters.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::api::whip {
namespace {

namespace asio = boost::asio;
using rooms::TrackKind;

/// `NAME` is a token of that participant for the room `meeting`, `NAME@ROOM` for another one.
class FixedTokens final : public TokenReader {
 public:
  Result<rooms::JoinRequest> read(std::string_view token) override {
    if (token == "bad") return fail(Errc::Unauthenticated, "the access token is malformed");
    const std::size_t at = token.find('@');
    rooms::JoinRequest request = rooms::join_request(std::string(token.substr(0, at)));
    if (at != std::string_view::npos) request.room_name = token.substr(at + 1);
    request.permissions = permissions;
    return request;
  }
  rooms::Permissions permissions;
};

/// Offers are words here: each letter is a section, `a` or `v` to send, `A` or `V` to receive.
class WordReader final : public rooms::OfferReader {
 public:
  Result<rooms::OfferSummary> read(std::string_view sdp) const override {
    rooms::OfferSummary offer{.sections = {}, .ice_ufrag = "abcd", .ice_pwd = std::string(22, 'p')};
    for (const char letter : sdp.substr(0, sdp.find('\r'))) {
      if (!std::string_view("aAvV").contains(letter)) {
        return fail(Errc::InvalidArgument, "line 1: no SDP");
      }
      const bool sends = letter == 'a' || letter == 'v';
      offer.sections.push_back(
          {.mid = std::to_string(offer.sections.size()),
           .kind = letter == 'a' || letter == 'A' ? TrackKind::Audio : TrackKind::Video,
           .sends = sends,
           .receives = !sends,
           .usable = true});
    }
    return offer;
  }
};

constexpr std::string_view kAnswer =
    "v=0\r\nm=audio 9 X 0\r\na=mid:0\r\na=ice-ufrag:serv\r\na=ice-pwd:serverserverserverserve\r\n";
constexpr std::string_view kRestart = "a=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnew1\r\n";
constexpr std::string_view kTrickle =
    "a=ice-ufrag:abcd\r\na=ice-pwd:pppppppppppppppppppppp\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ "
    "host\r\n";

class WhipDoorTest : public testing::Test {
 protected:
  using Fields = std::map<std::string, std::string>;

  WhipDoorTest()
      : door_({.rooms = world_.rooms,
               .offers = offers_,
               .tokens = tokens_,
               .random = random_,
               .now = [this] { return world_.now(); },
               .ice_servers =
                   [](const rooms::JoinRequest& of) {
                     return std::vector<IceServer>{
                         {.urls = {"turn:turn.example:3478?transport=udp"},
                          .username = "u-" + of.identity,
                          .credential = "a\"b"}};
                   },
               .metrics = metrics_}) {
    door_.add_routes(router_, "/base");
  }

  struct Asked {
    std::optional<http::Response> response;
  };
  /// Sends a request; what has to wait for media has no response yet.
  void ask(Asked& asked, http::Request request) {
    const auto match = router_.match(request.method, http::parse_path(request.path).value());
    ASSERT_NE(match.route, nullptr) << request.path;
    request.parameters = match.parameters;
    if (match.route->options.admit) {
      if ((asked.response = match.route->options.admit(request))) return;
    }
    asio::co_spawn(context_, match.route->handler(std::move(request)),
                   [&asked](const std::exception_ptr& thrown, http::Response response) {
                     ASSERT_EQ(thrown, nullptr);
                     asked.response = std::move(response);
                   });
    run();
  }
  void run() {
    context_.restart();
    context_.poll();
  }
  void media_answers() {
    const auto offer = world_.media.last<rooms::ApplyOffer>();
    ASSERT_TRUE(offer);
    world_.rooms.on_media_event(world_.now(), world_.media.open_rooms.back(),
                                rooms::LocalDescription{.transport = offer->transport,
                                                        .sdp = std::string(kAnswer),
                                                        .offer_id = offer->offer_id});
    run();
  }
  static http::Request request(http::Method method, std::string path, std::string body,
                               const Fields& fields) {
    http::Request request{.method = method, .path = std::move(path)};
    request.body = std::move(body);
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    return request;
  }
  http::Response post(std::string body, const Fields& fields,
                      std::string path = "/base/whip/meeting") {
    Asked asked;
    const std::size_t offers = world_.media.count<rooms::ApplyOffer>();
    ask(asked, request(http::Method::Post, std::move(path), std::move(body), fields));
    if (world_.media.count<rooms::ApplyOffer>() > offers) media_answers();
    return asked.response.value_or(http::Response{.status = 0});
  }
  static Fields offered_by(const std::string& who) {
    return {{"Authorization", "Bearer " + who}, {"Content-Type", "application/sdp"}};
  }
  http::Response publish(const std::string& who) { return post("av", offered_by(who)); }
  /// As media tells once it has answered: the others may know of the tracks.
  void bind_tracks() {
    for (const auto& published : world_.media.all<rooms::Publish>()) {
      world_.rooms.on_media_event(
          world_.now(), world_.media.open_rooms.back(),
          rooms::TrackBound{
              .track = published.spec.track, .mid = published.spec.cid, .mime_type = "video/vp8"});
    }
  }
  http::Response play(const std::string& who, http::Parameters query = {},
                      std::string body = "AV") {
    Asked asked;
    http::Request wish =
        request(http::Method::Post, "/base/whep/meeting", std::move(body), offered_by(who));
    wish.query = std::move(query);
    const std::size_t offers = world_.media.count<rooms::ApplyOffer>();
    ask(asked, std::move(wish));
    if (world_.media.count<rooms::ApplyOffer>() > offers) media_answers();
    return asked.response.value_or(http::Response{.status = 0});
  }
  http::Response layer(http::Method method, const http::Response& created, std::string body = {}) {
    Asked asked;
    ask(asked,
        request(method, std::string(created.headers.get("Location")) + "/layer", std::move(body),
                {{"Authorization", "Bearer ann"}, {"Content-Type", "application/json"}}));
    return asked.response.value_or(http::Response{.status = 0});
  }
  http::Response patch(const http::Response& created, std::string_view body, Fields fields) {
    fields.emplace("Authorization", "Bearer ann");
    fields.emplace("Content-Type", "application/trickle-ice-sdpfrag");
    Asked asked;
    const std::size_t offers = world_.media.count<rooms::ApplyOffer>();
    ask(asked, request(http::Method::Patch, std::string(created.headers.get("Location")),
                       std::string(body), fields));
    if (world_.media.count<rooms::ApplyOffer>() > offers) media_answers();
    return asked.response.value_or(http::Response{.status = 0});
  }
  http::Response remove(const http::Response& created, const std::string& who) {
    Asked asked;
    ask(asked, request(http::Method::Delete, std::string(created.headers.get("Location")), "",
                       {{"Authorization", "Bearer " + who}}));
    return asked.response.value_or(http::Response{.status = 0});
  }
  std::size_t people() {
    return world_.rooms.list_participants(core::ProjectId("demo"), "meeting")
        .value_or(std::vector<rooms::ParticipantInfo>{})
        .size();
  }
  void advance(Duration time) {
    for (Duration passed{}; passed < time; passed += 100ms) {
      world_.advance(100ms);
      door_.on_tick();
    }
    run();
  }

  rooms::RoomWorld world_;
  FixedTokens tokens_;
  WordReader offers_;
  SeededRandom random_{7};
  asio::io_context context_;
  Metrics metrics_;
  Door door_;
  http::Router router_;
};

TEST_F(WhipDoorTest, makes_a_participant_of_a_publisher) {
  const http::Response created = publish("ann");
  ASSERT_EQ(created.status, 201U) << created.body;
  EXPECT_EQ(created.body, kAnswer);
  EXPECT_EQ(created.headers.get("Content-Type"), "application/sdp");
  EXPECT_EQ(created.headers.get("Accept-Patch"), "application/trickle-ice-sdpfrag");
  EXPECT_THAT(std::string(created.headers.get("ETag")), testing::MatchesRegex("\"[^\"]+\""));
  EXPECT_THAT(std::string(created.headers.get("Location")),
              testing::StartsWith("/base/whip/meeting/PA_"));
  EXPECT_EQ(created.headers.get("Link"),
            "<turn:turn.example:3478?transport=udp>; rel=\"ice-server\"; username=\"u-ann\"; "
            "credential=\"a\\\"b\"; credential-type=\"password\"");
  EXPECT_EQ(people(), 1U);
  EXPECT_EQ(world_.media.count<rooms::Publish>(), 2U);
}

TEST_F(WhipDoorTest, takes_the_room_from_the_token_on_the_path_without_one) {
  const http::Response created = post("a", offered_by("ann"), "/base/whip/v1");
  ASSERT_EQ(created.status, 201U);
  EXPECT_THAT(std::string(created.headers.get("Location")),
              testing::StartsWith("/base/whip/v1/PA_"));
  EXPECT_EQ(people(), 1U);
}

TEST_F(WhipDoorTest, refuses_who_may_not_publish) {
  EXPECT_EQ(post("a", {{"Content-Type", "application/sdp"}}).status, 401U);
  const http::Response bad = post("a", offered_by("bad"));
  EXPECT_EQ(bad.status, 401U);
  EXPECT_EQ(bad.headers.get("WWW-Authenticate"), "Bearer realm=\"visavis\"");
  EXPECT_EQ(post("a", offered_by("ann"), "/base/whip/other").status, 403U);
  tokens_.permissions.publish_sources = {rooms::TrackSource::Microphone};
  EXPECT_EQ(post("av", offered_by("ann")).status, 403U);
  tokens_.permissions.can_publish = false;
  EXPECT_EQ(post("a", offered_by("ann")).status, 403U);
  EXPECT_EQ(people(), 0U);
}

TEST_F(WhipDoorTest, refuses_what_is_no_offer_and_changes_nothing) {
  const http::Response first = publish("ann");
  EXPECT_EQ(post("nonsense", offered_by("ann")).status, 400U);
  EXPECT_EQ(post("", offered_by("ann")).status, 422U);
  Fields fields = offered_by("ann");
  fields["Content-Type"] = "application/json";
  EXPECT_EQ(post("a", fields).status, 415U);
  fields = offered_by("ann");
  fields["Accept"] = "text/html;q=1, application/json";
  EXPECT_EQ(post("a", fields).status, 406U);
  fields["Accept"] = "text/html, application/*;q=0.5";
  EXPECT_EQ(remove(first, "ann").status, 200U);
  EXPECT_EQ(post("a", fields).status, 201U);
}

TEST_F(WhipDoorTest, replaces_an_older_session_of_the_same_identity) {
  const http::Response older = publish("ann");
  const http::Response newer = publish("ann");
  ASSERT_EQ(newer.status, 201U);
  EXPECT_EQ(people(), 1U);
  EXPECT_EQ(remove(older, "ann").status, 404U);
  EXPECT_EQ(remove(newer, "ann").status, 200U);
}

TEST_F(WhipDoorTest, ends_a_session_for_its_owner_alone) {
  const http::Response created = publish("ann");
  EXPECT_EQ(remove(created, "bob").status, 403U);
  EXPECT_EQ(remove(created, "bad").status, 401U);
  EXPECT_EQ(people(), 1U);
  EXPECT_EQ(remove(created, "ann").status, 200U);
  EXPECT_EQ(people(), 0U);
  EXPECT_EQ(remove(created, "ann").status, 404U);
}

TEST_F(WhipDoorTest, takes_candidates_for_the_present_ice_session) {
  const http::Response created = publish("ann");
  const std::string etag(created.headers.get("ETag"));
  EXPECT_EQ(patch(created, kTrickle, {}).status, 428U);
  EXPECT_EQ(patch(created, kTrickle, {{"If-Match", "\"other\""}}).status, 412U);
  EXPECT_EQ(patch(created, "nonsense", {{"If-Match", etag}}).status, 400U);
  EXPECT_EQ(
      patch(created, kTrickle, {{"If-Match", etag}, {"Content-Type", "application/sdp"}}).status,
      415U);
  EXPECT_EQ(world_.media.count<rooms::AddCandidate>(), 0U);
  const http::Response taken = patch(created, kTrickle, {{"If-Match", "\"x\", " + etag}});
  EXPECT_EQ(taken.status, 204U);
  EXPECT_FALSE(taken.headers.has("ETag"));
  EXPECT_EQ(world_.media.last<rooms::AddCandidate>()->candidate,
            "candidate:1 1 udp 1 192.0.2.1 1 typ host");
}

TEST_F(WhipDoorTest, restarts_ice_under_a_new_entity_tag) {
  const http::Response created =
      post("av\r\na=ice-ufrag:abcd\r\na=ice-pwd:pppppppppppppppppppppp\r\n", offered_by("ann"));
  ASSERT_EQ(created.status, 201U);
  const http::Response restarted = patch(created, kRestart, {{"If-Match", "*"}});
  ASSERT_EQ(restarted.status, 200U) << restarted.body;
  EXPECT_EQ(restarted.headers.get("Content-Type"), "application/trickle-ice-sdpfrag");
  EXPECT_NE(restarted.headers.get("ETag"), created.headers.get("ETag"));
  EXPECT_THAT(restarted.body, testing::HasSubstr("a=ice-ufrag:serv\r\n"));
  EXPECT_THAT(world_.media.last<rooms::ApplyOffer>()->sdp,
              testing::HasSubstr("a=ice-ufrag:new1\r\n"));
  // The former tag is over, the new one is good for its candidates.
  const std::string former(created.headers.get("ETag"));
  const std::string present(restarted.headers.get("ETag"));
  EXPECT_EQ(patch(created, kRestart, {{"If-Match", former}}).status, 412U);
  EXPECT_EQ(
      patch(created, std::string(kRestart) + "a=end-of-candidates\r\n", {{"If-Match", present}})
          .status,
      204U);
}

TEST_F(WhipDoorTest, gives_up_when_media_does_not_answer) {
  Asked asked;
  ask(asked, request(http::Method::Post, "/base/whip/meeting", "a", offered_by("ann")));
  advance(Session::kAnswerTimeout - 100ms);
  EXPECT_FALSE(asked.response);
  advance(200ms);
  ASSERT_TRUE(asked.response);
  EXPECT_EQ(asked.response->status, 503U);
  EXPECT_TRUE(asked.response->headers.has("Retry-After"));
  EXPECT_EQ(people(), 0U);
}

TEST_F(WhipDoorTest, ends_a_session_that_never_connects) {
  ASSERT_EQ(publish("ann").status, 201U);
  advance(rooms::Room::kJoinTimeout + 200ms);
  EXPECT_EQ(people(), 0U);
  EXPECT_EQ(door_.totals().publishers, 0U);
}

TEST_F(WhipDoorTest, ends_a_session_whose_media_has_failed) {
  const http::Response created = publish("ann");
  const rooms::TransportId transport = world_.media.last<rooms::ApplyOffer>()->transport;
  const auto change = [&](rooms::TransportState state) {
    world_.rooms.on_media_event(world_.now(), world_.media.open_rooms.back(),
                                rooms::TransportChanged{.transport = transport, .state = state});
  };
  change(rooms::TransportState::Connected);
  EXPECT_EQ(people(), 1U);
  change(rooms::TransportState::Failed);
  advance(200ms);
  EXPECT_EQ(people(), 0U);
  EXPECT_EQ(remove(created, "ann").status, 404U);
}

TEST_F(WhipDoorTest, tells_how_a_room_that_is_full_may_be_tried_again) {
  for (std::size_t i = 0; i < limits::kWhipSessionsPerRoom; ++i) {
    ASSERT_EQ(publish("p" + std::to_string(i)).status, 201U);
  }
  const http::Response refused = publish("one-more");
  EXPECT_EQ(refused.status, 429U);
  EXPECT_TRUE(refused.headers.has("Retry-After"));
}

TEST_F(WhipDoorTest, tells_how_a_server_that_is_full_may_be_tried_again) {
  constexpr std::size_t kPerRoom = 20;
  const auto publish_somewhere = [&](std::size_t i) {
    world_.media.clear();
    return post("a", offered_by("p" + std::to_string(i) + "@room" + std::to_string(i / kPerRoom)),
                "/base/whip/v1");
  };
  for (std::size_t i = 0; i < limits::kWhipSessions; ++i) {
    ASSERT_EQ(publish_somewhere(i).status, 201U);
  }
  const http::Response refused = publish_somewhere(limits::kWhipSessions);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_TRUE(refused.headers.has("Retry-After"));
}

class WhepDoorTest : public WhipDoorTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(publish("studio").status, 201U);
    bind_tracks();
  }
};

TEST_F(WhipDoorTest, tells_a_player_that_has_come_too_early_when_to_come_again) {
  const http::Response refused = play("ann");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(refused.headers.get("Retry-After"), "2");
  EXPECT_EQ(people(), 0U);
}

TEST_F(WhepDoorTest, makes_a_hidden_viewer_of_a_player) {
  const http::Response created = play("ann");
  ASSERT_EQ(created.status, 201U) << created.body;
  EXPECT_EQ(created.body, kAnswer);
  EXPECT_THAT(std::string(created.headers.get("Location")),
              testing::StartsWith("/base/whep/meeting/PA_"));
  EXPECT_THAT(std::string(created.headers.get("ETag")), testing::MatchesRegex("\"[^\"]+\""));
  const auto everybody = world_.rooms.list_participants(core::ProjectId("demo"), "meeting").value();
  ASSERT_EQ(everybody.size(), 2U);
  EXPECT_THAT(everybody[1].identity, testing::StartsWith("ann#whep-"));
  EXPECT_TRUE(everybody[1].permissions.hidden);
  EXPECT_FALSE(everybody[1].permissions.can_publish);
  EXPECT_EQ(door_.totals().players, 1U);
  EXPECT_EQ(door_.totals().publishers, 1U);
  EXPECT_EQ(remove(created, "bob").status, 403U);
  EXPECT_EQ(remove(created, "ann").status, 200U);
  EXPECT_EQ(people(), 1U);
}

TEST_F(WhepDoorTest, lets_players_share_a_token) {
  EXPECT_EQ(play("ann").status, 201U);
  EXPECT_EQ(play("ann").status, 201U);
  EXPECT_EQ(people(), 3U);
}

TEST_F(WhepDoorTest, refuses_what_cannot_be_played) {
  EXPECT_EQ(play("ann", {}, "nonsense").status, 400U);
  EXPECT_EQ(play("ann", {}, "aV").status, 422U);
  EXPECT_EQ(play("ann", {}, "").status, 422U);
  http::Parameters loud;
  loud.add("quality", "loud");
  EXPECT_EQ(play("ann", loud).status, 400U);
  http::Parameters nobody;
  nobody.add("participant", "nobody");
  EXPECT_EQ(play("ann", nobody).status, 409U);
  tokens_.permissions.can_subscribe = false;
  EXPECT_EQ(play("ann").status, 403U);
  EXPECT_EQ(people(), 1U);
}

TEST_F(WhepDoorTest, takes_candidates_that_name_their_ice_session_without_a_precondition) {
  const http::Response created = play("ann");
  EXPECT_EQ(patch(created, kTrickle, {}).status, 204U);
  EXPECT_EQ(patch(created, kTrickle, {{"If-Match", "\"other\""}}).status, 412U);
  EXPECT_EQ(patch(created, kRestart, {}).status, 428U);
  EXPECT_EQ(patch(created, "a=end-of-candidates\r\n", {}).status, 428U);
}

TEST_F(WhepDoorTest, has_the_layer_that_its_player_selects) {
  http::Parameters low;
  low.add("quality", "low");
  const http::Response created = play("ann", low);
  ASSERT_EQ(created.status, 201U);
  EXPECT_THAT(layer(http::Method::Get, created).body, testing::HasSubstr(R"("encodingId":"low")"));
  EXPECT_EQ(layer(http::Method::Post, created, R"({"encodingId":"medium"})").status, 200U);
  EXPECT_EQ(world_.media.last<rooms::SetLayerTarget>()->target.quality,
            rooms::VideoQuality::Medium);
  EXPECT_EQ(layer(http::Method::Post, created, R"({"quality":"low"})").status, 200U);
  EXPECT_EQ(layer(http::Method::Delete, created).status, 200U);
  EXPECT_EQ(world_.media.last<rooms::SetLayerTarget>()->target.quality, rooms::VideoQuality::High);
  for (const char* const wrong : {"", "[]", "{}", R"({"quality":"loud"})", R"({"quality":1})"}) {
    EXPECT_EQ(layer(http::Method::Post, created, wrong).status, 400U) << wrong;
  }
  const std::string longest = R"({"quality":"low"})";
  const auto padded = [&](std::size_t size) {
    return longest + std::string(size - longest.size(), ' ');
  };
  EXPECT_EQ(layer(http::Method::Post, created, padded(limits::kWhepLayerBytes)).status, 200U);
  EXPECT_EQ(layer(http::Method::Post, created, padded(limits::kWhepLayerBytes + 1)).status, 400U);
}

}  // namespace
}  // namespace vis::api::whip
