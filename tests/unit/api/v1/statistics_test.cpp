#include "api/v1/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/encoding.hpp"
#include "http/jwt.hpp"
#include "support/fixed_projects.hpp"
#include "support/memory_store.hpp"
#include "support/rooms/room_world.hpp"
#include "support/run_task.hpp"

namespace vis::api::v1 {
namespace {

namespace json = boost::json;
namespace rooms = core::rooms;
using test::FixedProjects;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);

class OneWorker final : public WorkerLoads {
 public:
  std::vector<WorkerLoad> worker_loads() const override {
    return {{.index = 0,
             .port = 7882,
             .segmentation_offload = true,
             .points = {{.at = kNow,
                         .cpu_share = 0.25,
                         .packets_in_per_s = 100,
                         .packets_out_per_s = 900,
                         .queued = 1}}}};
  }
};

class StatisticsTest : public testing::Test {
 protected:
  StatisticsTest() {
    stored_.all = {FixedProjects::key("key", "demo"), FixedProjects::key("foreign", "other")};
    EXPECT_TRUE(test::run_task(projects_.refresh()));
    statistics_.add_routes(router_, "/base");
  }

  http::Response get(const std::string& path, std::string_view authorization) {
    http::Request request{.method = http::Method::Get, .path = "/base/v1" + path};
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    auto match = router_.match(http::Method::Get, http::parse_path(request.path).value());
    VIS_ASSERT(match.route != nullptr);
    request.parameters = match.parameters;
    return test::run_task(match.route->handler(std::move(request)));
  }
  json::value read(const std::string& path) {
    const http::Response response = get(path, basic("key", "secret of key"));
    EXPECT_EQ(response.status, 200U) << response.body;
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
    return json::parse(response.body);
  }
  /// `STATUS CODE` of a problem.
  static std::string problem(const http::Response& response) {
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    const json::value body = json::parse(response.body);
    return std::to_string(response.status) + ' ' + std::string(body.at("code").as_string());
  }
  static std::string basic(std::string_view key, std::string_view secret) {
    const std::string text = std::string(key) + ':' + std::string(secret);
    return "Basic " + base64_encode(as_bytes(text));
  }
  static std::string bearer(const json::object& video, std::string_view secret = "secret of key",
                            std::int64_t expires_s = unix_s(kNow) + 600) {
    return "Bearer " + http::sign_jwt({{"iss", "key"}, {"exp", expires_s}, {"video", video}},
                                      Secret(std::string(secret)));
  }
  void sample(std::uint64_t bytes) {
    world_.event(*alice_,
                 rooms::MediaSample{
                     .room = alice_->room(),
                     .transports = {{.transport = world_.uplink(*alice_)},
                                    {.transport = world_.downlink(*alice_),
                                     .connected = true,
                                     .way = rooms::MediaSample::Way::Tcp,
                                     .round_trip_ms = 30,
                                     .wanted_kbps = 900,
                                     .granted_kbps = 300}},
                     .layers = {{.track = camera_,
                                 .index = 0,
                                 .active = true,
                                 .packets = bytes / 1000,
                                 .bytes = bytes}},
                     .subscriptions = {
                         {.transport = world_.downlink(*alice_), .track = camera_, .packets = 7}}});
    world_.advance(5s);
  }

  rooms::RoomWorld world_;
  rooms::Peer* alice_ = world_.enter("alice");
  rooms::TrackSid camera_ = world_.publish(*alice_, rooms::TrackSource::Camera);
  FixedProjects stored_;
  test::MemoryStore store_;
  SeededRandom random_{1};
  core::projects::ProjectService projects_{
      {.projects = stored_, .store = store_, .random = random_}};
  OneWorker workers_;
  http::Router router_;
  Statistics statistics_{
      {.rooms = world_.rooms, .projects = projects_, .workers = workers_, .now = [] {
         return kNow;
       }}};
};

TEST_F(StatisticsTest, lists_the_rooms_of_the_project_alone) {
  sample(0);
  sample(625'000);
  const json::value body = read("/rooms");
  ASSERT_EQ(body.at("rooms").as_array().size(), 1U);
  const json::value& room = body.at("rooms").at(0);
  EXPECT_EQ(room.at("name"), "meeting");
  EXPECT_EQ(room.at("participant_count"), 1);
  EXPECT_EQ(room.at("received_kbps"), 1000);
  const http::Response foreign = get("/rooms", basic("foreign", "secret of foreign"));
  EXPECT_EQ(json::parse(foreign.body).at("rooms").as_array().size(), 0U);
}

TEST_F(StatisticsTest, shows_a_room_with_its_people_tracks_and_subscriptions) {
  sample(0);
  sample(625'000);
  const json::value room = read("/rooms/meeting");
  const json::value& person = room.at("participants").at(0);
  EXPECT_EQ(person.at("identity"), "alice");
  EXPECT_EQ(person.at("connected"), true);
  EXPECT_EQ(person.at("quality"), "excellent");
  EXPECT_TRUE(person.at("cause").is_null());
  EXPECT_EQ(person.at("round_trip_ms"), 30);
  EXPECT_TRUE(person.at("available_kbps").is_null());
  EXPECT_EQ(person.at("transport"), "tcp");
  EXPECT_EQ(person.at("wanted_kbps"), 900);
  EXPECT_EQ(person.at("granted_kbps"), 300);
  EXPECT_FALSE(person.as_object().contains("series"));
  const json::value& track = person.at("tracks").at(0);
  EXPECT_EQ(track.at("source"), "camera");
  EXPECT_EQ(track.at("layers").at(0).at("kbps"), 1000);
  EXPECT_EQ(person.at("subscriptions").at(0).at("publisher"), "alice");
  EXPECT_EQ(person.at("subscriptions").at(0).at("packets"), 7);
  EXPECT_TRUE(person.at("subscriptions").at(0).at("layer").is_null());
}

TEST_F(StatisticsTest, shows_one_participant_with_its_series) {
  for (const std::uint64_t bytes : {0U, 625'000U, 1'250'000U}) sample(bytes);
  const json::value person = read("/rooms/meeting/participants/alice");
  const json::value& series = person.at("series");
  EXPECT_EQ(series.at("received_kbps"), json::array({1000, 1000}));
  EXPECT_EQ(series.at("at").as_array().size(), 2U);
  EXPECT_EQ(person.at("tracks").at(0).at("layers").at(0).at("series").at("kbps"),
            json::array({1000, 1000}));
}

TEST_F(StatisticsTest, shows_the_workers) {
  const json::value worker = read("/workers").at("workers").at(0);
  EXPECT_EQ(worker.at("port"), 7882);
  EXPECT_EQ(worker.at("cpu_share"), 0.25);
  EXPECT_EQ(worker.at("series").at("packets_out_per_s").at(0), 900.0);
}

TEST_F(StatisticsTest, are_for_those_alone_who_have_a_key) {
  for (const std::string& wrong :
       {std::string(), basic("key", "secret"), basic("nobody", "secret of key"), basic("key", ""),
        std::string("Basic ***"), std::string("Basic "), std::string("Bearer x"),
        bearer({{"roomList", true}}, "another secret"),
        bearer({{"roomList", true}}, "secret of key", unix_s(kNow) - 61)}) {
    EXPECT_EQ(problem(get("/rooms", wrong)), "401 unauthenticated") << wrong;
    EXPECT_EQ(problem(get("/workers", wrong)), "401 unauthenticated") << wrong;
  }
}

TEST_F(StatisticsTest, show_to_a_token_what_it_grants) {
  const std::string lists = bearer({{"roomList", true}});
  EXPECT_EQ(get("/rooms", lists).status, 200U);
  EXPECT_EQ(get("/workers", lists).status, 200U);
  EXPECT_EQ(problem(get("/rooms/meeting", lists)), "403 permission_denied");
  const std::string admin = bearer({{"roomAdmin", true}, {"room", "meeting"}});
  EXPECT_EQ(get("/rooms/meeting", admin).status, 200U);
  EXPECT_EQ(get("/rooms/meeting/participants/alice", admin).status, 200U);
  EXPECT_EQ(problem(get("/rooms", admin)), "403 permission_denied");
  EXPECT_EQ(problem(get("/workers", admin)), "403 permission_denied");
  EXPECT_EQ(problem(get("/rooms/other", admin)), "403 permission_denied");
  for (const json::object& video :
       {json::object{{"roomJoin", true}, {"room", "meeting"}}, json::object{{"roomAdmin", true}},
        json::object{{"roomAdmin", "true"}, {"room", "meeting"}},
        json::object{{"roomAdmin", true}, {"room", 1}}}) {
    EXPECT_EQ(problem(get("/rooms/meeting", bearer(video))), "403 permission_denied");
  }
}

TEST_F(StatisticsTest, say_what_is_not_there) {
  const std::string key = basic("key", "secret of key");
  EXPECT_EQ(problem(get("/rooms/none", key)), "404 not_found");
  EXPECT_EQ(problem(get("/rooms/meeting/participants/nobody", key)), "404 not_found");
  const std::string foreign = basic("foreign", "secret of foreign");
  EXPECT_EQ(problem(get("/rooms/meeting", foreign)), "404 not_found");
}

}  // namespace
}  // namespace vis::api::v1
