#include "core/projects/project_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>

#include "base/limits/core_projects.hpp"
#include "core/events/event.hpp"
#include "support/run_task.hpp"

namespace vis::core::projects {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);

/// Projects and keys in memory, behind both of the service's ports.
class MemoryProjects final : public ProjectStore, public Store {
 public:
  Task<Result<std::vector<Project>>> projects() override {
    std::vector<Project> all;
    for (const auto& [id, project] : projects_) all.push_back(project);
    co_return all;
  }
  Task<Result<Project>> project(ProjectId id) override {
    const auto found = projects_.find(id);
    if (found == projects_.end()) co_return fail(Errc::NotFound, "no such project");
    co_return found->second;
  }
  Task<Result<std::vector<ApiKey>>> keys(ProjectId project) override {
    std::vector<ApiKey> all;
    for (const auto& [id, key] : keys_) {
      if (key.project == project) all.push_back(key);
    }
    co_return all;
  }
  Task<Result<std::vector<ApiKey>>> active_keys() override {
    ++reads;
    std::vector<ApiKey> active;
    for (const auto& [id, key] : keys_) {
      if (!key.revoked_at) active.push_back(key);
    }
    if (during_read) std::exchange(during_read, nullptr)();
    if (failure) co_return std::unexpected(*failure);
    co_return active;
  }
  Task<Result<std::int64_t>> keys_revision() override {
    if (failure) co_return std::unexpected(*failure);
    co_return revision_;
  }

  Task<Result<CommitReceipt>> commit(Commit change) override {
    if (failure) co_return std::unexpected(*failure);
    for (const Write& write : change.writes) {
      if (!std::visit([&](const auto& each) { return apply(each); }, write)) {
        co_return fail(Errc::AlreadyExists, "it already exists");
      }
    }
    for (const auto& event : change.events) events.push_back(event);
    co_return CommitReceipt{};
  }
  void write_behind(Commit change) override {
    for (const Write& write : change.writes) touches.push_back(std::get<TouchApiKey>(write));
  }

  bool apply(const InsertProject& write) {
    return projects_.emplace(write.project.id, write.project).second;
  }
  bool apply(const InsertApiKey& write) {
    ++revision_;
    return keys_.emplace(write.key.id, write.key).second;
  }
  bool apply(const RevokeApiKey& write) {
    ++revision_;
    keys_.at(write.key).revoked_at = write.at;
    return true;
  }
  bool apply(const auto&) { return false; }

  std::vector<events::NewEvent> events;
  std::vector<TouchApiKey> touches;
  std::optional<Error> failure;
  std::function<void()> during_read;  ///< Called once the rows of a read are taken.
  int reads = 0;                      ///< Of all active keys.

 private:
  std::map<ProjectId, Project> projects_;
  std::map<ApiKeyId, ApiKey> keys_;
  std::int64_t revision_ = 0;
};

class ProjectServiceTest : public testing::Test {
 protected:
  template <typename T>
  T run(Task<T> task) {
    return test::run_task(std::move(task));
  }
  void make_demo() {
    ASSERT_TRUE(run(service_.create({.name = "Demo", .id = ProjectId("demo")}, kNow)));
  }
  Result<ApiKey> add_key(const std::string& id) {
    return run(
        service_.add_key({.project = ProjectId("demo"), .name = "Key", .id = ApiKeyId(id)}, kNow));
  }
  Result<void> revoke(const std::string& project, const std::string& key) {
    return run(service_.revoke_key(ProjectId(project), ApiKeyId(key), kNow + 1s));
  }
  bool knows(const std::string& key) { return service_.find_key(ApiKeyId(key)) != nullptr; }

  MemoryProjects memory_;
  SeededRandom random_{1};
  ProjectService service_{{.projects = memory_, .store = memory_, .random = random_}};
};

TEST_F(ProjectServiceTest, a_project_is_made_with_its_event) {
  const auto project = run(service_.create({.name = "Acme Calls"}, kNow));
  ASSERT_TRUE(project);
  EXPECT_TRUE(project->id.str().starts_with("acme-calls-"));
  EXPECT_EQ(run(service_.get(project->id)), project);
  EXPECT_EQ(run(service_.list()).value().size(), 1U);
  ASSERT_EQ(memory_.events.size(), 1U);
  EXPECT_EQ(memory_.events[0].type, events::types::kProjectCreated);
  EXPECT_EQ(memory_.events[0].resource, project->id.str());
  const auto data = boost::json::parse(memory_.events[0].data);
  EXPECT_EQ(data.at_pointer("/project/name").as_string(), "Acme Calls");
  EXPECT_EQ(data.at_pointer("/project/created_at_ms").as_int64(), unix_ms(kNow));
}

TEST_F(ProjectServiceTest, bad_names_and_ids_are_refused_before_anything_is_written) {
  EXPECT_EQ(run(service_.create({.name = " "}, kNow)).error().code, Errc::InvalidArgument);
  EXPECT_EQ(run(service_.create({.name = "Demo", .id = ProjectId("Demo!")}, kNow)).error().code,
            Errc::InvalidArgument);
  EXPECT_TRUE(memory_.events.empty());
}

TEST_F(ProjectServiceTest, an_id_that_is_taken_is_named_in_the_error) {
  make_demo();
  const auto again = run(service_.create({.name = "Demo", .id = ProjectId("demo")}, kNow));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), (Error{Errc::AlreadyExists, "the project 'demo' already exists"}));
}

TEST_F(ProjectServiceTest, a_new_key_can_be_used_at_once) {
  make_demo();
  const auto key = run(service_.add_key({.project = ProjectId("demo"), .name = "CI"}, kNow));
  ASSERT_TRUE(key) << key.error().message;
  const ApiKey* const found = service_.find_key(key->id);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, *key);
  EXPECT_TRUE(found->secret.reveal().starts_with("vis_live_"));
}

TEST_F(ProjectServiceTest, the_newest_active_key_signs_for_its_project) {
  make_demo();
  const auto add = [&](const std::string& id, WallTime at) {
    const NewApiKey key{.project = ProjectId("demo"), .name = "Key", .id = ApiKeyId(id)};
    ASSERT_TRUE(run(service_.add_key(key, at)));
  };
  EXPECT_EQ(service_.newest_key(ProjectId("demo")), nullptr);
  add("second", kNow + 2s);
  add("third", kNow + 3s);
  add("first", kNow + 1s);
  EXPECT_EQ(service_.newest_key(ProjectId("demo"))->id, ApiKeyId("third"));
  EXPECT_EQ(service_.newest_key(ProjectId("other")), nullptr);
  ASSERT_TRUE(revoke("demo", "third"));
  EXPECT_EQ(service_.newest_key(ProjectId("demo"))->id, ApiKeyId("second"));
}

TEST_F(ProjectServiceTest, the_event_of_a_key_does_not_hold_its_secret) {
  make_demo();
  const auto key = run(service_.add_key({.project = ProjectId("demo"),
                                         .name = "Key",
                                         .id = ApiKeyId("devkey"),
                                         .secret = Secret("hunter2")},
                                        kNow));
  ASSERT_TRUE(key);
  EXPECT_EQ(memory_.events.back().type, events::types::kApiKeyCreated);
  EXPECT_EQ(memory_.events.back().resource, "devkey");
  EXPECT_THAT(memory_.events.back().data, testing::Not(testing::HasSubstr("hunter2")));
}

TEST_F(ProjectServiceTest, keys_with_bad_parts_or_without_a_project_are_refused) {
  make_demo();
  const auto refused = [&](NewApiKey request) {
    return run(service_.add_key(std::move(request), kNow)).error().code;
  };
  const ProjectId demo("demo");
  EXPECT_EQ(refused({.project = demo, .name = ""}), Errc::InvalidArgument);
  EXPECT_EQ(refused({.project = demo, .name = "Key", .id = ApiKeyId("a b")}),
            Errc::InvalidArgument);
  EXPECT_EQ(refused({.project = demo, .name = "Key", .secret = Secret("")}), Errc::InvalidArgument);
  EXPECT_EQ(refused({.project = ProjectId("nobody"), .name = "Key"}), Errc::NotFound);
  EXPECT_EQ(memory_.events.size(), 1U);
}

TEST_F(ProjectServiceTest, a_project_has_active_keys_up_to_the_limit_and_revoking_makes_room) {
  make_demo();
  for (std::size_t i = 0; i < limits::kActiveKeysPerProject; ++i) {
    ASSERT_TRUE(add_key("key" + std::to_string(i)));
  }
  EXPECT_EQ(add_key("one-more").error().code, Errc::LimitExceeded);
  ASSERT_TRUE(revoke("demo", "key0"));
  EXPECT_TRUE(add_key("one-more"));
}

TEST_F(ProjectServiceTest, a_key_is_replaced_without_a_gap) {
  make_demo();
  ASSERT_TRUE(add_key("old"));
  ASSERT_TRUE(add_key("new"));
  EXPECT_TRUE(knows("old") && knows("new"));
  ASSERT_TRUE(revoke("demo", "old"));
  EXPECT_FALSE(knows("old"));
  EXPECT_TRUE(knows("new"));
  EXPECT_EQ(memory_.events.back().type, events::types::kApiKeyRevoked);
  EXPECT_EQ(run(service_.keys(ProjectId("demo"))).value().size(), 2U);
}

TEST_F(ProjectServiceTest, only_an_active_key_of_the_project_can_be_revoked) {
  make_demo();
  ASSERT_TRUE(run(service_.create({.name = "Other", .id = ProjectId("other")}, kNow)));
  ASSERT_TRUE(add_key("key"));
  EXPECT_EQ(revoke("other", "key").error().code, Errc::NotFound);
  EXPECT_EQ(revoke("demo", "nothing").error().code, Errc::NotFound);
  EXPECT_TRUE(knows("key"));
  ASSERT_TRUE(revoke("demo", "key"));
  EXPECT_EQ(revoke("demo", "key").error().code, Errc::NotFound);
}

TEST_F(ProjectServiceTest, a_key_that_could_not_be_written_is_not_known) {
  make_demo();
  ASSERT_TRUE(add_key("old"));
  memory_.failure = Error{Errc::Unavailable, "disk full"};
  EXPECT_EQ(add_key("new").error(), *memory_.failure);
  EXPECT_EQ(revoke("demo", "old").error(), *memory_.failure);
  EXPECT_FALSE(knows("new"));
  EXPECT_TRUE(knows("old"));
}

TEST_F(ProjectServiceTest, refresh_brings_what_another_process_changed) {
  make_demo();
  ASSERT_TRUE(add_key("mine"));
  memory_.apply(InsertApiKey{{.id = ApiKeyId("theirs"), .project = ProjectId("demo")}});
  memory_.apply(RevokeApiKey{ApiKeyId("mine"), kNow});
  EXPECT_FALSE(knows("theirs"));
  ASSERT_TRUE(run(service_.refresh()));
  EXPECT_TRUE(knows("theirs"));
  EXPECT_FALSE(knows("mine"));
}

TEST_F(ProjectServiceTest, refresh_reads_the_keys_only_after_a_change) {
  make_demo();
  ASSERT_TRUE(add_key("key"));
  ASSERT_TRUE(run(service_.refresh()));
  ASSERT_TRUE(run(service_.refresh()));
  EXPECT_EQ(memory_.reads, 1);
}

TEST_F(ProjectServiceTest, refresh_that_fails_keeps_the_known_keys) {
  make_demo();
  ASSERT_TRUE(add_key("key"));
  memory_.failure = Error{Errc::Unavailable, "gone"};
  EXPECT_EQ(run(service_.refresh()).error(), *memory_.failure);
  EXPECT_TRUE(knows("key"));
}

TEST_F(ProjectServiceTest, a_key_added_while_the_keys_are_read_stays_known) {
  make_demo();
  memory_.apply(InsertApiKey{{.id = ApiKeyId("theirs"), .project = ProjectId("demo")}});
  memory_.during_read = [this] { ASSERT_TRUE(add_key("mine")); };
  ASSERT_TRUE(run(service_.refresh()));
  EXPECT_TRUE(knows("mine"));
  ASSERT_TRUE(run(service_.refresh()));
  EXPECT_TRUE(knows("mine") && knows("theirs"));
}

TEST_F(ProjectServiceTest, the_use_of_a_key_is_recorded_at_most_once_a_minute) {
  make_demo();
  ASSERT_TRUE(add_key("key"));
  const ApiKeyId key("key");
  service_.record_use(key, kNow);
  service_.record_use(key, kNow + 59s);
  ASSERT_EQ(memory_.touches.size(), 1U);
  EXPECT_EQ(memory_.touches[0].at, kNow);
  service_.record_use(key, kNow + 60s);
  EXPECT_EQ(memory_.touches.size(), 2U);
  service_.record_use(ApiKeyId("nobody"), kNow);
  EXPECT_EQ(memory_.touches.size(), 2U);
}

TEST_F(ProjectServiceTest, a_recorded_use_survives_a_refresh_that_read_older_rows) {
  make_demo();
  ASSERT_TRUE(add_key("key"));
  service_.record_use(ApiKeyId("key"), kNow);
  ASSERT_TRUE(run(service_.refresh()));
  service_.record_use(ApiKeyId("key"), kNow + 30s);
  EXPECT_EQ(memory_.touches.size(), 1U);
  EXPECT_EQ(service_.find_key(ApiKeyId("key"))->last_used_at, kNow);
}

}  // namespace
}  // namespace vis::core::projects
