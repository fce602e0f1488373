// Rooms, journal, database and webhooks together: what a receiver gets of a life of a room, also
// over a restart.
#include "api/livekit/webhooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/metrics.hpp"
#include "core/rooms/store_journal.hpp"
#include "storage/database.hpp"
#include "support/rooms/room_world.hpp"
#include "support/run_task.hpp"
#include "support/temp_directory.hpp"

namespace vis::api::livekit {
namespace {

namespace projects = core::projects;
namespace rooms = core::rooms;

using testing::ElementsAre;

class WebhooksTest : public testing::Test {
 protected:
  WebhooksTest() {
    auto opened = storage::Database::open(
        {.url = Secret("sqlite:" + (directory_ / "visavis.db").string()),
         .key_file = directory_ / "master.key"},
        now_, {.executor = context_.get_executor(), .random = random_, .metrics = metrics_});
    EXPECT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    projects_ = std::make_unique<projects::ProjectService>(projects::ProjectService::Ports{
        .projects = database_->projects(), .store = database_->store(), .random = random_});
    EXPECT_TRUE(run(projects_->create({.name = "Demo", .id = core::ProjectId("demo")}, now_)));
    EXPECT_TRUE(run(projects_->add_key({.project = core::ProjectId("demo"),
                                        .name = "k",
                                        .id = projects::ApiKeyId("devkey"),
                                        .secret = Secret("secret")},
                                       now_)));
    EXPECT_TRUE(run(projects_->refresh()));
    journal_ = std::make_unique<rooms::StoreJournal>(database_->store(), rooms::NodeId("ND_1"));
  }
  ~WebhooksTest() override { stop(); }

  template <typename T>
  T run(Task<T> task) {
    return test::run_task(context_, std::move(task));
  }
  void start() {
    endpoint_ = std::make_unique<WebhookEndpoint>(
        context_.get_executor(),
        WebhookTarget{.url = "https://hooks.example", .key = projects::ApiKeyId("devkey")},
        WebhookEndpoint::Ports{.log = database_->events(),
                               .store = database_->store(),
                               .projects = *projects_,
                               .post = [this](http::ClientRequest r) { return post(std::move(r)); },
                               .pause = [](Duration) -> Task<> { co_return; },
                               .now = [this] { return now_; }});
    tasks_ = std::make_unique<TaskGroup>(context_.get_executor());
    tasks_->spawn("endpoint", begin(endpoint_.get()));
  }
  static Task<> begin(WebhookEndpoint* endpoint) {
    co_await endpoint->find_start();
    co_await endpoint->run();
  }
  void stop() {
    if (!tasks_) return;
    auto end = [](TaskGroup& tasks) -> Task<bool> {
      co_await tasks.stop();
      co_return true;
    };
    EXPECT_TRUE(run(end(*tasks_)));
    // Comes after the position that was written behind.
    EXPECT_TRUE(run(database_->store().commit({})));
    tasks_.reset();
    endpoint_.reset();
  }
  Task<Result<http::ClientResponse>> post(http::ClientRequest request) {
    const auto body = boost::json::parse(request.body);
    told_.emplace_back(body.at("event").as_string());
    co_return http::ClientResponse{.status = 200};
  }
  /// Runs until so many webhooks have come.
  void wait_for(std::size_t count) {
    context_.restart();
    while (told_.size() < count && context_.run_one_for(10s) > 0) {
    }
    context_.poll();
    ASSERT_EQ(told_.size(), count);
  }

  WallTime now_ = wall_from_unix_ms(1'790'000'000'000);
  boost::asio::io_context context_;
  SystemRandom random_;
  Metrics metrics_;
  test::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<projects::ProjectService> projects_;
  std::unique_ptr<rooms::StoreJournal> journal_;
  std::unique_ptr<WebhookEndpoint> endpoint_;
  std::unique_ptr<TaskGroup> tasks_;
  std::vector<std::string> told_;
};

TEST_F(WebhooksTest, tell_the_life_of_a_room_in_order_and_over_a_restart) {
  rooms::RecordingMedia media;
  rooms::RoomService service({}, {.media = media, .journal = *journal_, .random = random_});
  rooms::RecordingSession session;
  const rooms::Now now{.monotonic = TimePoint(1s), .wall = now_};

  start();
  const auto joined = service.join(now, rooms::join_request("ann"), session);
  ASSERT_TRUE(joined);
  service.joined(now, joined->participant.sid);
  wait_for(1);
  stop();

  for (const auto& open : media.all<rooms::OpenTransport>()) {
    service.on_media_event(now, joined->room.sid,
                           rooms::TransportChanged{.transport = open.spec.id,
                                                   .state = rooms::TransportState::Connected});
  }
  const auto track =
      service.add_track(now, joined->participant.sid,
                        rooms::RoomWorld::track_request("mic", rooms::TrackSource::Microphone));
  ASSERT_TRUE(track);
  service.on_media_event(now, joined->room.sid,
                         rooms::TrackBound{.track = track->sid, .mime_type = "audio/opus"});
  service.leave(now, joined->participant.sid, rooms::LeaveReason::ClientInitiated);
  ASSERT_TRUE(service.delete_room(now, core::ProjectId("demo"), "meeting"));
  start();
  wait_for(6);
  EXPECT_THAT(told_, ElementsAre("room_started", "participant_joined", "track_published",
                                 "track_unpublished", "participant_left", "room_finished"));
}

}  // namespace
}  // namespace vis::api::livekit
