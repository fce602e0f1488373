#include "api/livekit/webhook_endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <memory>
#include <set>

#include "base/limits/api_livekit.hpp"
#include "core/rooms/snapshot.hpp"
#include "http/jwt.hpp"
#include "support/fixed_projects.hpp"
#include "support/memory_store.hpp"
#include "support/run_task.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;
namespace projects = core::projects;
namespace types = core::events::types;
using core::events::Event;
using core::events::EventId;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr WallTime kStart = wall_from_unix_ms(1'790'000'000'000);

/// An event log in memory. It is also the store, for the cursors.
class MemoryLog final : public core::events::EventLog, public core::Store {
 public:
  explicit MemoryLog(boost::asio::any_io_executor executor) : grown_(std::move(executor)) {}

  EventId add(std::string room, std::string_view type, WallTime at = kStart,
              const std::string& project = "demo") {
    const core::rooms::RoomInfo info{.sid = core::rooms::RoomSid(room), .name = room};
    const EventId id{static_cast<std::int64_t>(events.size()) + 1};
    events.push_back({.id = id,
                      .public_id = "EV_" + std::to_string(events.size() + 1),
                      .project = core::ProjectId(project),
                      .type = std::string(type),
                      .resource = std::move(room),
                      .at = at,
                      .data = core::rooms::event_data({.room = core::rooms::to_json(info)})});
    grown_.notify();
    return id;
  }

  Task<Result<std::vector<Event>>> after(EventId position, std::size_t limit,
                                         std::optional<core::ProjectId> project) override {
    if (failures > 0 && failures-- > 0) co_return fail(Errc::Unavailable, "no database");
    std::vector<Event> found;
    for (const Event& event : events) {
      if (event.id <= position || (project && event.project != *project)) continue;
      if (found.size() < limit) found.push_back(event);
    }
    co_return found;
  }
  Task<Result<EventId>> last() override { co_return events.empty() ? EventId{} : events.back().id; }
  Task<> wait_beyond(EventId position) override {
    while (events.empty() || events.back().id <= position) co_await grown_.wait();
  }
  Task<Result<std::optional<EventId>>> cursor(std::string reader) override {
    const auto kept = cursors.find(reader);
    co_return kept == cursors.end() ? std::nullopt : std::optional(kept->second);
  }

  Task<Result<core::CommitReceipt>> commit(core::Commit change) override {
    write_behind(std::move(change));
    co_return core::CommitReceipt{};
  }
  void write_behind(core::Commit change) override {
    for (const core::Write& write : change.writes) {
      const auto& cursor = std::get<core::SetCursor>(write);
      cursors[cursor.reader] = cursor.position;
      ++cursor_writes;
    }
    for (core::events::NewEvent& event : change.events) recorded.push_back(std::move(event));
  }

  std::vector<Event> events;
  std::map<std::string, EventId> cursors;
  std::vector<core::events::NewEvent> recorded;
  int failures = 0;
  int cursor_writes = 0;

 private:
  http::Event grown_;
};

/// A receiver of webhooks that answers when the test says so.
class Receiver final {
 public:
  struct Delivery {
    std::string room;
    std::string id;
    http::ClientRequest request;
  };

  explicit Receiver(boost::asio::any_io_executor executor) : changed_(std::move(executor)) {}

  Task<Result<http::ClientResponse>> post(http::ClientRequest request) {
    const json::object body = json::parse(request.body).as_object();
    const std::string room(body.at("room").at("name").as_string());
    attempts.push_back({room, std::string(body.at("id").as_string()), std::move(request)});
    ++open;
    most_open = std::max(most_open, open);
    struct Closing {
      std::size_t& open;
      ~Closing() { --open; }
    } closing{open};
    while (held.contains(room)) co_await changed_.wait();
    if (unreachable.contains(room)) co_return fail(Errc::Unavailable, "cannot connect");
    co_return http::ClientResponse{.status = statuses.contains(room) ? statuses[room] : 200};
  }
  void release(const std::string& room) {
    held.erase(room);
    changed_.notify();
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const Delivery& delivery : attempts) all.push_back(delivery.id);
    return all;
  }

  std::vector<Delivery> attempts;
  std::set<std::string> held;         ///< Rooms whose requests wait for an answer.
  std::set<std::string> unreachable;  ///< Rooms whose requests fail.
  std::map<std::string, unsigned> statuses;
  std::size_t open = 0;
  std::size_t most_open = 0;

 private:
  http::Event changed_;
};

class WebhookEndpointTest : public testing::Test {
 protected:
  WebhookEndpointTest() {
    rows_.all = {test::FixedProjects::key("devkey", "demo")};
    refresh();
    log_.add("old", types::kRoomStarted);
  }
  ~WebhookEndpointTest() override { stop(); }

  void refresh() {
    auto task = projects_.refresh();
    EXPECT_TRUE(test::run_task(std::move(task)));
  }
  void start() {
    endpoint_ = std::make_unique<WebhookEndpoint>(
        context_.get_executor(), target_,
        WebhookEndpoint::Ports{
            .log = log_,
            .store = log_,
            .projects = projects_,
            .post = [this](http::ClientRequest r) { return receiver_.post(std::move(r)); },
            .pause = [this](Duration d) { return pause(d); },
            .now = [this] { return now_; }});
    tasks_ = std::make_unique<TaskGroup>(context_.get_executor());
    tasks_->spawn("endpoint", begin(endpoint_.get()));
    settle();
  }
  static Task<> begin(WebhookEndpoint* endpoint) {
    co_await endpoint->find_start();
    co_await endpoint->run();
  }
  void stop() {
    if (!tasks_) return;
    TaskGroup stopper(context_.get_executor());
    stopper.spawn("stop", tasks_->stop());
    settle();
    tasks_.reset();
    endpoint_.reset();
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  /// Ends when the test lets that much time pass.
  Task<> pause(Duration duration) {
    pauses_.push_back(duration);
    const WallTime until = now_ + std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    while (now_ < until) co_await time_.wait();
  }
  void pass(Duration duration) {
    now_ += std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    time_.notify();
    settle();
  }
  EventId add(std::string room, std::string_view type = types::kRoomStarted) {
    const EventId id = log_.add(std::move(room), type, now_);
    settle();
    return id;
  }
  EventId kept() { return log_.cursors[WebhookEndpoint::reader_name(target_)]; }

  boost::asio::io_context context_;
  MemoryLog log_{context_.get_executor()};
  Receiver receiver_{context_.get_executor()};
  http::Event time_{context_.get_executor()};
  WallTime now_ = kStart;
  std::vector<Duration> pauses_;
  test::FixedProjects rows_;
  test::MemoryStore store_;
  SeededRandom random_{1};
  projects::ProjectService projects_{{.projects = rows_, .store = store_, .random = random_}};
  WebhookTarget target_{.url = "https://user:pass@hooks.example/in?token=1",
                        .key = projects::ApiKeyId("devkey")};
  std::unique_ptr<WebhookEndpoint> endpoint_;
  std::unique_ptr<TaskGroup> tasks_;
};

TEST_F(WebhookEndpointTest, tells_a_new_receiver_what_happens_from_now_on) {
  start();
  EXPECT_TRUE(receiver_.attempts.empty());
  EXPECT_EQ(kept(), EventId{1});
  add("a");
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2"));
  EXPECT_EQ(kept(), EventId{2});
}

TEST_F(WebhookEndpointTest, loses_nothing_of_a_log_that_was_empty_when_it_began) {
  log_.events.clear();
  receiver_.unreachable = {"a"};
  start();
  add("a");
  EXPECT_EQ(kept(), EventId{});
  stop();
  receiver_.unreachable.clear();
  start();
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_1", "EV_1"));
}

TEST_F(WebhookEndpointTest, posts_what_receivers_verify) {
  start();
  add("a");
  const http::ClientRequest& request = receiver_.attempts.at(0).request;
  EXPECT_EQ(request.method, http::Method::Post);
  EXPECT_EQ(request.url, target_.url);
  EXPECT_EQ(request.headers.get("Content-Type"), "application/webhook+json");
  EXPECT_EQ(request.headers.get("User-Agent"), "LiveKit");
  const auto token = http::Jwt::parse(request.headers.get("Authorization"));
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->signed_with(Secret("secret of devkey")));
}

TEST_F(WebhookEndpointTest, goes_on_where_it_stopped) {
  start();
  add("a");
  stop();
  add("b");
  add("c");
  start();
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2", "EV_3", "EV_4"));
  EXPECT_EQ(kept(), EventId{4});
}

TEST_F(WebhookEndpointTest, repeats_after_a_restart_what_was_not_confirmed) {
  receiver_.held = {"a"};
  start();
  add("a");
  add("b");
  EXPECT_EQ(kept(), EventId{1});
  stop();
  receiver_.held.clear();
  start();
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2", "EV_3", "EV_2", "EV_3"));
  EXPECT_EQ(kept(), EventId{3});
}

TEST_F(WebhookEndpointTest, keeps_the_order_of_a_room_and_lets_rooms_overtake_each_other) {
  receiver_.held = {"a"};
  start();
  add("a");
  add("a", types::kRoomFinished);
  add("b");
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2", "EV_4"));
  EXPECT_EQ(kept(), EventId{1});
  receiver_.release("a");
  settle();
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2", "EV_4", "EV_3"));
  EXPECT_EQ(kept(), EventId{4});
}

TEST_F(WebhookEndpointTest, tries_again_with_growing_pauses) {
  receiver_.unreachable = {"a"};
  start();
  add("a");
  for (const Duration pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    ASSERT_FALSE(pauses_.empty());
    EXPECT_EQ(pauses_.back(), pause);
    pass(pause);
  }
  EXPECT_EQ(receiver_.attempts.size(), 9u);
  receiver_.unreachable.clear();
  pass(60s);
  EXPECT_EQ(receiver_.attempts.size(), 10u);
  EXPECT_EQ(kept(), EventId{2});
  EXPECT_TRUE(log_.recorded.empty());
}

TEST_F(WebhookEndpointTest, takes_any_2xx_for_done_and_nothing_else) {
  for (const unsigned status : {204U, 299U}) {
    receiver_.statuses = {{"r" + std::to_string(status), status}};
    if (!tasks_) start();
    const EventId id = add("r" + std::to_string(status));
    EXPECT_EQ(kept(), id) << status;
  }
  for (const unsigned status : {199U, 301U, 400U, 410U, 500U}) {
    receiver_.statuses = {{"r" + std::to_string(status), status}};
    const EventId id = add("r" + std::to_string(status));
    EXPECT_LT(kept(), id) << status;
  }
}

TEST_F(WebhookEndpointTest, gives_an_event_up_in_the_end_and_records_that) {
  receiver_.statuses = {{"a", 500}};
  start();
  add("a");
  while (now_ - kStart < WebhookEndpoint::kGiveUpAfter - 60s) pass(60s);
  EXPECT_TRUE(log_.recorded.empty());
  pass(60s);
  pass(60s);
  ASSERT_EQ(log_.recorded.size(), 1u);
  const core::events::NewEvent& failed = log_.recorded[0];
  EXPECT_EQ(failed.type, types::kWebhookFailed);
  EXPECT_EQ(failed.project, core::ProjectId("demo"));
  EXPECT_EQ(failed.resource, "EV_2");
  EXPECT_THAT(failed.data, HasSubstr("the receiver answered 500"));
  EXPECT_THAT(failed.data, testing::Not(HasSubstr("pass")));
  EXPECT_THAT(failed.data, testing::Not(HasSubstr("token")));
  EXPECT_EQ(kept(), EventId{2});
}

TEST_F(WebhookEndpointTest, tries_an_event_once_however_old_it_is) {
  receiver_.unreachable = {"a"};
  start();
  stop();
  add("a");
  now_ += std::chrono::duration_cast<std::chrono::milliseconds>(WebhookEndpoint::kGiveUpAfter);
  start();
  EXPECT_EQ(receiver_.attempts.size(), 1u);
  EXPECT_EQ(log_.recorded.size(), 1u);
}

TEST_F(WebhookEndpointTest, sends_what_is_included_and_not_excluded) {
  target_.include = {"room_started", "room_finished"};
  target_.exclude = {"room_finished"};
  start();
  add("a", types::kRoomFinished);
  add("a", types::kRoomStarted);
  add("a", types::kParticipantActive);
  add("a", types::kRoomUpdated);
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_3"));
}

TEST_F(WebhookEndpointTest, tells_only_of_its_own_project) {
  start();
  log_.add("b", types::kRoomStarted, now_, "other");
  settle();
  add("a");
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_3"));
}

TEST_F(WebhookEndpointTest, does_not_write_its_position_for_every_event_of_no_interest) {
  start();
  const int before = log_.cursor_writes;
  for (int i = 0; i < 255; ++i) add("a", types::kRoomUpdated);
  EXPECT_EQ(log_.cursor_writes, before);
  add("a", types::kRoomUpdated);
  EXPECT_EQ(log_.cursor_writes, before + 1);
}

TEST_F(WebhookEndpointTest, tells_all_once_the_key_exists_that_it_waits_for) {
  rows_.all.clear();
  refresh();
  start();
  add("a");
  EXPECT_TRUE(receiver_.attempts.empty());
  rows_.all = {test::FixedProjects::key("devkey", "demo")};
  refresh();
  pass(WebhookEndpoint::kLongestPause);
  add("b");
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2", "EV_3"));
}

TEST_F(WebhookEndpointTest, survives_a_database_that_cannot_be_read) {
  start();
  log_.failures = 2;
  add("a");
  EXPECT_TRUE(receiver_.attempts.empty());
  pass(1s);
  pass(2s);
  EXPECT_THAT(receiver_.ids(), ElementsAre("EV_2"));
}

TEST_F(WebhookEndpointTest, has_only_so_many_requests_under_way) {
  for (int i = 0; i < 40; ++i) receiver_.held.insert("room" + std::to_string(i));
  start();
  for (int i = 0; i < 40; ++i) add("room" + std::to_string(i));
  EXPECT_EQ(receiver_.most_open, limits::kWebhookRequests);
  for (int i = 0; i < 40; ++i) {
    receiver_.release("room" + std::to_string(i));
    settle();
  }
  EXPECT_EQ(receiver_.attempts.size(), 40u);
  EXPECT_EQ(receiver_.most_open, limits::kWebhookRequests);
}

TEST_F(WebhookEndpointTest, leaves_in_the_log_what_it_cannot_hold) {
  receiver_.held = {"a"};
  start();
  for (std::size_t i = 0; i < limits::kWebhookWindow + 10; ++i) add("a");
  add("b");
  EXPECT_EQ(receiver_.attempts.size(), 1u);
  receiver_.release("a");
  settle();
  EXPECT_EQ(receiver_.attempts.size(), limits::kWebhookWindow + 11);
  EXPECT_EQ(receiver_.attempts.back().room, "b");
  EXPECT_EQ(kept(), log_.events.back().id);
}

}  // namespace
}  // namespace vis::api::livekit
