#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/projects/project_store.hpp"

namespace vis::test {

/// Projects and keys that stand in memory for a ProjectService to read.
class FixedProjects final : public core::projects::ProjectStore {
 public:
  using ApiKey = core::projects::ApiKey;
  using Project = core::projects::Project;

  Task<Result<std::vector<Project>>> projects() override { co_return std::vector<Project>{}; }
  Task<Result<Project>> project(core::ProjectId id) override { co_return Project{.id = id}; }
  Task<Result<std::vector<ApiKey>>> keys(core::ProjectId project) override {
    std::vector<ApiKey> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const ApiKey& key) { return key.project == project; });
    co_return found;
  }
  Task<Result<std::vector<ApiKey>>> active_keys() override { co_return all; }
  Task<Result<std::int64_t>> keys_revision() override { co_return ++revision_; }

  static ApiKey key(std::string id, std::string project, std::int64_t created_ms = 0) {
    return {.id = core::projects::ApiKeyId(id),
            .project = core::ProjectId(std::move(project)),
            .name = id,
            .secret = Secret("secret of " + id),
            .created_at = wall_from_unix_ms(created_ms)};
  }

  std::vector<ApiKey> all;

 private:
  std::int64_t revision_ = 0;
};

}  // namespace vis::test
