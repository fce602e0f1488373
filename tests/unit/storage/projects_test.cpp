#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

using core::Commit;
using core::ProjectId;
using core::projects::ApiKey;
using core::projects::ApiKeyId;
using testing::ElementsAre;

class ProjectsTest : public StorageTest {
 protected:
  Result<core::CommitReceipt> add_key(const ApiKey& key) {
    return commit({.writes = {core::InsertApiKey{key}},
                   .events = {sample_event(key.project.str(), key.id.str())}});
  }
};
VIS_FOR_EACH_DIALECT(ProjectsTest);

TEST_P(ProjectsTest, a_project_reads_back_as_it_was_written) {
  core::projects::Project project = sample_project("acme");
  project.name = "Ünïcode 'quoted\" :name \\ 会议";
  ASSERT_TRUE(commit({.writes = {core::InsertProject{project}}}));
  EXPECT_EQ(run(database_->projects().project(ProjectId("acme"))), project);
  EXPECT_THAT(*run(database_->projects().projects()), ElementsAre(project));
}

TEST_P(ProjectsTest, an_unknown_project_is_not_found) {
  const auto found = run(database_->projects().project(ProjectId("nobody")));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::NotFound);
}

TEST_P(ProjectsTest, projects_are_listed_oldest_first) {
  auto young = sample_project("a");
  young.created_at = at_ms(20);
  auto old = sample_project("B");
  old.created_at = at_ms(10);
  auto same_age = sample_project("a-old");
  same_age.created_at = at_ms(10);
  for (const auto& project : {young, old, same_age}) {
    ASSERT_TRUE(commit({.writes = {core::InsertProject{project}}}));
  }
  EXPECT_THAT(*run(database_->projects().projects()), ElementsAre(old, same_age, young));
}

TEST_P(ProjectsTest, a_second_project_of_the_same_id_is_refused_and_changes_nothing) {
  ASSERT_TRUE(commit(new_project("acme")));
  const auto again = commit(new_project("acme"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::AlreadyExists);
  EXPECT_EQ(all_events().size(), 1U);
}

TEST_P(ProjectsTest, a_key_reads_back_with_its_secret_and_absent_times) {
  ASSERT_TRUE(commit(new_project("acme")));
  const ApiKey key = sample_key("APIone", "acme");
  ASSERT_TRUE(add_key(key));
  const auto keys = run(database_->projects().keys(ProjectId("acme")));
  ASSERT_TRUE(keys);
  EXPECT_THAT(*keys, ElementsAre(key));
  EXPECT_EQ(keys->front().last_used_at, std::nullopt);
}

TEST_P(ProjectsTest, a_key_of_an_unknown_project_is_a_failed_precondition) {
  const auto added = commit({.writes = {core::InsertApiKey{sample_key("APIone", "nobody")}}});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::FailedPrecondition);
}

TEST_P(ProjectsTest, a_revoked_key_is_listed_but_not_active) {
  ASSERT_TRUE(commit(new_project("acme")));
  ASSERT_TRUE(add_key(sample_key("APIone", "acme")));
  ASSERT_TRUE(add_key(sample_key("APItwo", "acme")));
  ASSERT_TRUE(commit({.writes = {core::RevokeApiKey{ApiKeyId("APIone"), at_ms(50)}}}));

  const auto all = run(database_->projects().keys(ProjectId("acme")));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().revoked_at, at_ms(50));
  EXPECT_THAT(*run(database_->projects().active_keys()), ElementsAre(sample_key("APItwo", "acme")));
}

TEST_P(ProjectsTest, revoking_twice_is_not_found_and_keeps_the_first_time) {
  ASSERT_TRUE(commit(new_project("acme")));
  ASSERT_TRUE(add_key(sample_key("APIone", "acme")));
  ASSERT_TRUE(commit({.writes = {core::RevokeApiKey{ApiKeyId("APIone"), at_ms(50)}}}));
  const auto again = commit({.writes = {core::RevokeApiKey{ApiKeyId("APIone"), at_ms(60)}}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::NotFound);
  EXPECT_EQ(run(database_->projects().keys(ProjectId("acme")))->front().revoked_at, at_ms(50));
}

TEST_P(ProjectsTest, the_last_use_only_moves_forward) {
  ASSERT_TRUE(commit(new_project("acme")));
  ASSERT_TRUE(add_key(sample_key("APIone", "acme")));
  for (const auto at : {at_ms(70), at_ms(90), at_ms(80)}) {
    ASSERT_TRUE(commit({.writes = {core::TouchApiKey{ApiKeyId("APIone"), at}}}));
  }
  EXPECT_EQ(run(database_->projects().keys(ProjectId("acme")))->front().last_used_at, at_ms(90));
}

TEST_P(ProjectsTest, the_keys_revision_rises_with_each_key_added_or_revoked) {
  const auto revision = [&] { return run(database_->projects().keys_revision()).value(); };
  ASSERT_TRUE(commit(new_project("acme")));
  const std::int64_t empty = revision();
  ASSERT_TRUE(add_key(sample_key("APIone", "acme")));
  const std::int64_t added = revision();
  ASSERT_TRUE(commit({.writes = {core::RevokeApiKey{ApiKeyId("APIone"), at_ms(50)}}}));
  EXPECT_LT(empty, added);
  EXPECT_LT(added, revision());
}

TEST_P(ProjectsTest, text_that_is_not_utf_8_or_holds_nul_is_refused) {
  for (const std::string& name : {std::string("\xFF\xFE"), std::string("a\0b", 3)}) {
    auto project = sample_project("acme");
    project.name = name;
    const auto outcome = commit({.writes = {core::InsertProject{project}}});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::InvalidArgument);
  }
  EXPECT_TRUE(run(database_->projects().projects())->empty());
}

TEST_P(ProjectsTest, everything_is_there_after_a_restart) {
  ASSERT_TRUE(commit(new_project("acme")));
  ASSERT_TRUE(add_key(sample_key("APIone", "acme")));
  open();
  EXPECT_EQ(run(database_->projects().project(ProjectId("acme"))), sample_project("acme"));
  EXPECT_THAT(*run(database_->projects().active_keys()), ElementsAre(sample_key("APIone", "acme")));
  EXPECT_EQ(all_events().size(), 2U);
}

}  // namespace
}  // namespace vis::storage
